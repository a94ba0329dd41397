//! What never changes in a run: addresses, secrets, which leg causes which.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::Rules;
use super::scenario::{Host, Leg, Scenario};
use crate::{MILLISECOND, Nanos, SECOND, mul_div};

/// A pair of addresses and the server's port: within it the client's port tells connections apart.
#[derive(Clone, Debug)]
pub struct Space {
    /// Host of the client's end.
    pub from: usize,
    /// Host of the server's end.
    pub to: usize,
    pub src: Ipv4Addr,
    /// The client's address as the server sees it.
    pub public: Ipv4Addr,
    pub dst: Ipv4Addr,
    pub port: u16,
    /// The keyed hash of the three, which only the kernel knows.
    pub secret: u32,
}

/// What never changes in a run.
#[derive(Debug)]
pub struct Setup {
    pub scenario: Scenario,
    pub rules: Rules,
    pub spaces: Vec<Space>,
    /// The spaces of each leg, in the order it takes them.
    pub of_leg: Vec<Vec<u16>>,
    /// The legs whose requests are caused by those of a leg.
    pub children: Vec<Vec<u8>>,
    /// What each host's timestamps begin at.
    pub clocks: [u32; 4],
    /// Half the round trip.
    pub way: Nanos,
}

/// The router's address, of those meant for examples.
const PUBLIC: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 7);

fn address(host: Host, i: i64) -> Ipv4Addr {
    let i = i as u8;
    match host {
        Host::Client => Ipv4Addr::new(10, 0, 1, 10 + i),
        Host::Client2 => Ipv4Addr::new(10, 0, 1, 50 + i),
        Host::Proxy => Ipv4Addr::new(10, 0, 2, 10 + i),
        Host::Server => Ipv4Addr::new(10, 0, 3, 21 + i),
    }
}

impl Setup {
    pub fn new(scenario: Scenario) -> Setup {
        let rules = Rules::of(scenario.kernel).expect("a valid scenario names a modelled kernel");
        let mut random = Xoshiro256PlusPlus::seed_from_u64(scenario.seed as u64);
        let clocks = std::array::from_fn(|_| random.random_range(0..1 << 30));
        let mut spaces: Vec<Space> = Vec::new();
        let mut known = BTreeMap::new();
        let mut of_leg = Vec::new();
        for leg in &scenario.legs {
            let pairs = (0..leg.destinations).flat_map(|to| (0..leg.sources).map(move |from| (from, to)));
            let space = pairs.map(|(from, to)| {
                let space = space(&scenario, leg, from, to);
                *known.entry((space.src, space.dst, space.port)).or_insert_with(|| {
                    spaces.push(Space { secret: random.random(), ..space });
                    (spaces.len() - 1) as u16
                })
            });
            of_leg.push(space.collect());
        }
        let children = (0..scenario.legs.len()).map(|leg| {
            let caused = scenario.legs.iter().enumerate().filter(|(_, child)| child.caused_by == leg as i64);
            caused.map(|(i, _)| i as u8).collect()
        });
        let children = children.collect();
        let way = scenario.rtt_us as u64 * 500;
        Setup { rules, spaces, of_leg, children, clocks, way, scenario }
    }

    pub fn leg(&self, leg: u8) -> &Leg {
        &self.scenario.legs[usize::from(leg)]
    }

    pub fn hz(&self) -> u64 {
        self.scenario.hz as u64
    }

    /// The jiffy at a moment.
    pub fn jiffies(&self, t: Nanos) -> u64 {
        self.scenario.jiffies as u64 + mul_div(t, self.hz(), SECOND)
    }

    /// The moment at which a jiffy begins.
    pub fn jiffy(&self, jiffy: u64) -> Nanos {
        let jiffies = jiffy.saturating_sub(self.scenario.jiffies as u64);
        jiffies.saturating_mul(SECOND).div_ceil(self.hz())
    }

    /// What a host writes into its timestamps at a moment: milliseconds since 4.13, jiffies before.
    pub fn timestamp(&self, host: usize, space: u16, port: u16, t: Nanos) -> u32 {
        let v = crate::KernelVersion::new;
        let ticks = if self.scenario.kernel >= v(4, 13, 0) { t / MILLISECOND } else { self.jiffies(t) };
        let own = if self.rules.random_timestamps {
            let secret = self.spaces[usize::from(space)].secret;
            secret.rotate_left(13) ^ u32::from(port).wrapping_mul(0x9e37_79b9)
        } else {
            0
        };
        self.clocks[host].wrapping_add(own).wrapping_add(ticks as u32)
    }

    /// Whether a TIME_WAIT may be taken over by `connect()` at all.
    pub fn reuses(&self) -> bool {
        let s = &self.scenario;
        let allowed = match s.tcp_tw_reuse {
            0 => false,
            2 if self.rules.reuse_loopback => s.loopback != 0,
            _ => true,
        };
        allowed && s.tcp_timestamps != 0
    }

    /// From when on a TIME_WAIT whose last segment came at `stamp` may be taken over.
    pub fn reusable(&self, stamp: Nanos) -> Nanos {
        if self.rules.reuse_delay {
            let delay = self.scenario.tcp_tw_reuse_delay as u64;
            return (stamp / MILLISECOND + delay + 1) * MILLISECOND;
        }
        // Seconds are compared: a later one since 4.19, one later than the next before.
        let seconds = if self.rules.reuse_loopback { 1 } else { 2 };
        (stamp / SECOND + seconds) * SECOND
    }

    /// How many buckets a host will have at most, about: a state grows with them, and how many moments
    /// of a run are kept is decided at its start.
    pub fn buckets(&self) -> usize {
        /// A minute, and a turn of the wheel.
        const LASTS_MS: i64 = 62_000;
        let s = &self.scenario;
        let ports = s.ip_local_port_range_high - s.ip_local_port_range_low + 1;
        let (mut rates, mut most): (Vec<i64>, i64) = (Vec::new(), 0);
        for (leg, spaces) in s.legs.iter().zip(&self.of_leg) {
            let parent = usize::try_from(leg.caused_by).ok().and_then(|parent| rates.get(parent)).copied();
            let rate = parent.unwrap_or(leg.per_s);
            rates.push(rate);
            let each = if leg.pool > 0 { leg.requests } else { 1 };
            let opened = rate * (leg.until_ms - leg.from_ms).min(LASTS_MS) / 1000 / each + leg.pool;
            most += opened.min(ports * spaces.len() as i64);
        }
        most.min(s.tcp_max_tw_buckets).max(0) as usize
    }

    /// Whether peers' timestamps are remembered and TIME_WAITs cut short.
    pub fn recycles(&self) -> bool {
        self.rules.recycle && self.scenario.tcp_tw_recycle != 0 && self.scenario.tcp_timestamps != 0
    }
}

fn space(scenario: &Scenario, leg: &Leg, from: i64, to: i64) -> Space {
    let (src, dst) = (address(leg.from, from), address(leg.to, to));
    let behind = scenario.nat != 0 && matches!(leg.from, Host::Client | Host::Client2);
    let port = leg.port as u16;
    if scenario.loopback != 0 {
        let local = |i: i64| Ipv4Addr::new(127, 0, 0, 1 + i as u8);
        return Space { from: 0, to: 0, src: local(from), public: local(from), dst: local(to), port, secret: 0 };
    }
    let public = if behind { PUBLIC } else { src };
    Space { from: leg.from.number(), to: leg.to.number(), src, public, dst, port, secret: 0 }
}
