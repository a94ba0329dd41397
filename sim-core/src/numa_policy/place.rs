//! Placing many pages at once, as if one after the other.

use super::memory::{Ask, Memory, asks};
use super::policy::{self, Mask, Policy, Turn};
use super::rules::Rules;

/// Where a task's pages are to go.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// The rules that apply.
    pub rules: Rules,
    /// The policy in force.
    pub policy: Policy,
    /// Its nodes.
    pub mask: Mask,
    /// Weights by node, of a weighted interleave.
    pub weights: &'a [u64],
    /// The node of the CPU that takes the faults.
    pub cpu: usize,
}

impl Order<'_> {
    fn weights(&self) -> &[u64] {
        if self.policy == Policy::Weighted { self.weights } else { &[] }
    }

    fn interleaves(&self) -> bool {
        matches!(self.policy, Policy::Interleave | Policy::Weighted)
    }

    /// The node a page is asked from, by its index (the address divided by 4096).
    pub fn turn(&self, index: u64) -> usize {
        if self.interleaves() { policy::node_at(self.rules, self.mask, self.weights(), index) } else { self.cpu }
    }
}

/// Places `n` pages from `index` on, which are neighbours in the address space; `hold` is told the
/// zone of each part. Returns how many were placed: fewer when memory is exhausted for the task.
pub fn place(memory: &mut Memory, order: &Order<'_>, index: u64, n: i64, hold: &mut dyn FnMut(usize, i64)) -> i64 {
    let mut done = 0;
    while done < n {
        let at = index.wrapping_add(done as u64);
        let left = n - done;
        let cycles = if order.interleaves() { whole_cycles(memory, order, at, left, hold) } else { 0 };
        if cycles > 0 {
            done += cycles;
            continue;
        }
        // A turn of a policy that interleaves is one page long here, any other as long as it goes.
        let most = if order.interleaves() { 1 } else { left };
        let Some(got) = one(memory, order, order.turn(at), most, hold) else { break };
        done += got;
    }
    done
}

/// Places `n` pages that have no address (page cache): interleaving goes by the task's own turn.
pub fn place_by_turn(
    memory: &mut Memory,
    order: &Order<'_>,
    turn: &mut Turn,
    n: i64,
    hold: &mut dyn FnMut(usize, i64),
) -> i64 {
    let mut done = 0;
    while done < n {
        let (node, most) =
            if order.interleaves() { (turn.next(order.mask, order.weights()), 1) } else { (order.cpu, n - done) };
        let Some(got) = one(memory, order, node, most, hold) else { break };
        done += got;
    }
    done
}

fn one(memory: &mut Memory, order: &Order<'_>, turn: usize, n: i64, hold: &mut dyn FnMut(usize, i64)) -> Option<i64> {
    let (first, second) = asks(order.policy, order.mask, order.cpu, turn);
    let got = match (memory.take(&first, n), second) {
        (None, Some(second)) => {
            // What reclaim frees for one page may serve the first request of the next.
            let free =
                !memory.reclaims_locally() && memory.at_low(&second, n).or_else(|| memory.at_min(&second, n)).is_some();
            memory.take(&second, if free { n } else { 1 })
        }
        (got, _) => got,
    };
    let (zone, got) = got?;
    hold(zone, got);
    Some(got)
}

/// Places whole rounds of an interleave at once, as many as leave every page in the zone it would
/// have gone to; 0 when not even one does.
fn whole_cycles(memory: &mut Memory, order: &Order<'_>, index: u64, n: i64, hold: &mut dyn FnMut(usize, i64)) -> i64 {
    let weights = order.weights();
    let round: u64 = order.mask.nodes().map(|node| policy::weight(weights, node)).sum();
    let index = if order.rules.short_index { index & u64::from(u32::MAX) } else { index };
    if round == 0 || index % round != 0 || (n as u64) < round {
        return 0;
    }
    let mut rounds = n as u64 / round;
    if order.rules.short_index {
        // The index starts over in the middle of a round.
        rounds = rounds.min(((1 << 32) - index) / round);
    }
    let ask = |node| asks(order.policy, order.mask, order.cpu, node).0;
    // Every request of an interleave walks all nodes: where one finds nothing, none does.
    let any = ask(order.mask.first());
    type At = fn(&mut Memory, &Ask, i64) -> Option<(usize, i64)>;
    let at: At = if memory.at_low(&any, 1).is_some() {
        Memory::at_low
    } else if memory.at_min(&any, 1).is_some() {
        Memory::at_min
    } else {
        return 0;
    };
    let mut landings: Vec<(Ask, usize, i64)> = Vec::with_capacity(order.mask.count() as usize);
    let mut room: Vec<(usize, i64, i64)> = Vec::new();
    for node in order.mask.nodes() {
        let (ask, weight) = (ask(node), policy::weight(weights, node) as i64);
        let Some((zone, above)) = at(memory, &ask, weight.saturating_mul(rounds as i64)) else { return 0 };
        landings.push((ask, zone, weight));
        match room.iter_mut().find(|(known, ..)| *known == zone) {
            Some((_, most, need)) => (*most, *need) = (above, *need + weight),
            None => room.push((zone, above, weight)),
        }
    }
    for (_, above, need) in room {
        rounds = rounds.min((above / need) as u64);
    }
    for (ask, zone, weight) in landings {
        let pages = weight * rounds as i64;
        if pages > 0 {
            memory.give(&ask, zone, pages);
            hold(zone, pages);
        }
    }
    (rounds * round) as i64
}
