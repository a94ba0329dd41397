//! Which local port `connect()` takes (`net/ipv4/inet_hashtables.c: __inet_hash_connect`).

/// The local ports of one pair of addresses and one destination port: a bit each, set while the port
/// can be taken for this destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ports {
    low: u16,
    count: u32,
    free: u32,
    words: Vec<u64>,
}

/// Bits of a word with the parity of its first.
const EVEN: u64 = 0x5555_5555_5555_5555;

/// A port that was found, and how far it lay from where the search began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// The port.
    pub port: u16,
    /// The kernel's loop variable when it was found.
    pub steps: u32,
}

impl Ports {
    /// Every port from `low` to `high` can be taken.
    pub fn new(low: u16, high: u16) -> Ports {
        let count = u32::from(high.max(low) - low) + 1;
        let mut words = vec![u64::MAX; count.div_ceil(64) as usize];
        if let (Some(last), 1..) = (words.last_mut(), count % 64) {
            *last = (1 << (count % 64)) - 1;
        }
        Ports { low, count, free: count, words }
    }

    /// First port of the range.
    pub fn low(&self) -> u16 {
        self.low
    }

    /// Ports in the range.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Ports that can be taken.
    pub fn free(&self) -> u32 {
        self.free
    }

    /// Whether a port can be taken.
    pub fn is_free(&self, port: u16) -> bool {
        let at = u32::from(port.wrapping_sub(self.low));
        at < self.count && self.words[at as usize / 64] & (1 << (at % 64)) != 0
    }

    /// Takes a port or gives it back. A port outside the range, of another range's time, is nothing.
    pub fn set_free(&mut self, port: u16, free: bool) {
        let at = u32::from(port.wrapping_sub(self.low));
        if at >= self.count || self.is_free(port) == free {
            return;
        }
        let word = &mut self.words[at as usize / 64];
        *word ^= 1 << (at % 64);
        self.free = if free { self.free + 1 } else { self.free - 1 };
    }

    /// The port that is taken when the search begins at `offset` (the secret of the destination and
    /// what was added to it so far). `parity` is the rule since 4.2.
    pub fn find(&self, offset: u32, parity: bool) -> Option<Found> {
        if self.free == 0 {
            return None;
        }
        if !parity {
            // 2.6.32 to 4.1: i counts from 1, and every port is tried in turn.
            let start = (u64::from(offset) + 1) % u64::from(self.count);
            let at = self.walk(start as u32, self.count, self.count, 1)?;
            let steps = (at + self.count - start as u32) % self.count + 1;
            return Some(Found { port: self.low + at as u16, steps });
        }
        // With an odd number of ports the kernel leaves one out, another one each time.
        let remaining = if self.count > 1 { self.count & !1 } else { self.count };
        let offset = (offset % remaining) & !1;
        for pass in 0..=u32::from(remaining > 1) {
            let start = offset + pass;
            if let Some(at) = self.walk(start, remaining, remaining.div_ceil(2), 2) {
                let wrapped = if at < start { at + remaining } else { at };
                return Some(Found { port: self.low + at as u16, steps: wrapped - start });
            }
        }
        None
    }

    /// The first port that can be taken of `tries` ones, `step` apart from `start` on; beyond the end
    /// it goes on `back` ports earlier.
    fn walk(&self, start: u32, back: u32, tries: u32, step: u32) -> Option<u32> {
        let first = (self.count - start).div_ceil(step).min(tries);
        let wrapped = (start + first * step).saturating_sub(back);
        self.scan(start, first, step).or_else(|| self.scan(wrapped, tries - first, step))
    }

    fn scan(&self, start: u32, tries: u32, step: u32) -> Option<u32> {
        if tries == 0 {
            return None;
        }
        let end = start + (tries - 1) * step;
        let mask = match (step, start % 2) {
            (1, _) => u64::MAX,
            (_, 0) => EVEN,
            _ => !EVEN,
        };
        (start / 64..=end / 64).find_map(|word| {
            let mut bits = self.words.get(word as usize)? & mask;
            if word == start / 64 {
                bits &= u64::MAX << (start % 64);
            }
            let at = word * 64 + bits.trailing_zeros();
            (bits != 0 && at <= end).then_some(at)
        })
    }
}

/// What a destination's offset grows by after a port was found (`table_perturb`, or `hint` before
/// 5.12); `random` is below 8.
pub fn perturbed(steps: u32, parity: bool, perturb: bool, random: u32) -> u32 {
    match (parity, perturb) {
        (false, _) => steps,
        (true, false) => steps + 2,
        (true, true) => steps.max(random * 2) + 2,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The kernel's own way: port after port.
    fn slowly(ports: &Ports, offset: u32, parity: bool) -> Option<Found> {
        let high = u32::from(ports.low) + ports.count;
        if !parity {
            return (1..=ports.count).find_map(|i| {
                let port = ports.low + ((u64::from(i) + u64::from(offset)) % u64::from(ports.count)) as u16;
                ports.is_free(port).then_some(Found { port, steps: i })
            });
        }
        let remaining = if ports.count > 1 { ports.count & !1 } else { ports.count };
        let mut offset = (offset % remaining) & !1;
        loop {
            let mut port = u32::from(ports.low) + offset;
            let mut i = 0;
            while i < remaining {
                if port >= high {
                    port -= remaining;
                }
                if ports.is_free(port as u16) {
                    return Some(Found { port: port as u16, steps: i });
                }
                i += 2;
                port += 2;
            }
            offset += 1;
            if offset & 1 == 0 || remaining == 1 {
                return None;
            }
        }
    }

    #[test]
    fn whole_words_find_what_port_after_port_finds() {
        let mut random: u32 = 1;
        for (low, high) in [(40_000, 40_099), (41_001, 41_100), (42_000, 42_100), (50_000, 50_000), (60_000, 60_001)] {
            for parity in [true, false] {
                let mut ports = Ports::new(low, high);
                for i in 0..4000_u32 {
                    random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    let offset = random >> 8;
                    let found = ports.find(offset, parity);
                    assert_eq!(found, slowly(&ports, offset, parity), "{low} {high} {offset} {parity}");
                    match found {
                        Some(found) if i % 3 > 0 => ports.set_free(found.port, false),
                        _ => ports.set_free(low + ((random >> 4) % ports.count()) as u16, true),
                    }
                    assert_eq!(ports.free(), ports.words.iter().map(|word| word.count_ones()).sum::<u32>());
                }
            }
        }
    }

    #[test]
    fn even_ports_go_first_and_all_are_used() {
        let mut ports = Ports::new(40_000, 40_099);
        let taken: Vec<u16> = std::iter::from_fn(|| {
            let port = ports.find(34, true)?.port;
            ports.set_free(port, false);
            Some(port)
        })
        .collect();
        assert_eq!((taken.len(), ports.free()), (100, 0));
        assert!(taken[..50].iter().all(|port| port % 2 == 0) && taken[50..].iter().all(|port| port % 2 == 1));
        assert_eq!((taken[0], taken[33], taken[50]), (40_034, 40_000, 40_035));
    }
}
