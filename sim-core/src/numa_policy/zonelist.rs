//! The order in which other nodes are tried when a node is short.

use super::rules::{Balance, Rules};

/// Most nodes a list is built for (`MAX_NUMNODES` is larger, but a mask here is 64 bits).
pub const MAX_NODES: usize = 64;

/// `MAX_NUMNODES` of a distribution's kernel: what a distance outweighs a load by.
const MAX_NUMNODES: i64 = 1024;

/// What the order is made from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topology {
    /// `distance[from][to]`, 10 for a node itself (`/sys/devices/system/node/nodeN/distance`).
    pub distance: Vec<Vec<i64>>,
    /// Which nodes have CPUs.
    pub has_cpu: Vec<bool>,
    /// Which nodes have memory.
    pub has_memory: Vec<bool>,
}

/// The fallback order of every node, nearest first. Only nodes with memory are in the lists, but
/// for the node a list belongs to: until 6.11 it is at the head even when it has none.
///
/// Models `mm/page_alloc.c: build_zonelists`, `find_next_best_node`. The load that spreads equal
/// distances is carried from node to node, so the lists are built in the order of booting.
pub fn fallback_orders(rules: Rules, topology: &Topology) -> Vec<Vec<usize>> {
    let nodes = topology.distance.len();
    let online = nodes as i64;
    let mut load = vec![0_i64; nodes];
    let mut lists = Vec::with_capacity(nodes);
    for local in 0..nodes {
        let mut used = vec![false; nodes];
        let mut list = Vec::with_capacity(nodes);
        let mut previous = local;
        let mut remaining = online;
        while let Some(next) = next_best(rules, topology, &load, &mut used, local) {
            let new_group = topology.distance[local][next] != topology.distance[local][previous];
            match rules.balance {
                // The first node of a group carries the load of the whole group.
                Balance::FirstOfGroup if new_group => load[next] += 1,
                Balance::Remaining if new_group => load[next] = remaining,
                _ => {}
            }
            list.push(next);
            previous = next;
            remaining -= 1;
        }
        lists.push(list);
    }
    lists
}

/// The nearest node that is not yet in the list, `used` being marked.
fn next_best(rules: Rules, topology: &Topology, load: &[i64], used: &mut [bool], local: usize) -> Option<usize> {
    let nodes = load.len();
    if !used[local] && (topology.has_memory[local] || !rules.skips_memoryless_head) {
        used[local] = true;
        return Some(local);
    }
    let weight = match rules.balance {
        Balance::Remaining => MAX_NUMNODES.saturating_mul(nodes as i64),
        Balance::FirstOfGroup => MAX_NUMNODES,
    };
    let value = |n: usize| {
        let near = topology.distance[local][n] + i64::from(n < local) + i64::from(topology.has_cpu[n]);
        near.saturating_mul(weight).saturating_add(load[n])
    };
    // The first in number wins a tie.
    let best = (0..nodes).filter(|&n| !used[n] && topology.has_memory[n]).min_by_key(|&n| (value(n), n))?;
    used[best] = true;
    Some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(n: usize, distance: impl Fn(usize, usize) -> i64) -> Topology {
        let row = |a: usize| (0..n).map(|b| if a == b { 10 } else { distance(a, b) }).collect();
        Topology { distance: (0..n).map(row).collect(), has_cpu: vec![true; n], has_memory: vec![true; n] }
    }

    fn orders(kernel: &str, topology: &Topology) -> Vec<String> {
        let rules = Rules::of(kernel.parse().unwrap()).unwrap();
        let digits = |list: &Vec<usize>| list.iter().map(ToString::to_string).collect::<String>();
        fallback_orders(rules, topology).iter().map(digits).collect()
    }

    /// Read from the boot messages of real kernels, or seen by filling their memory.
    #[test]
    fn the_order_is_the_one_kernels_print() {
        let chain = square(4, |a, b| [10, 21, 31, 41][a.abs_diff(b)]);
        let flat = square(4, |_, _| 20);
        let glued = square(4, |a, b| if a / 2 == b / 2 { 16 } else { 32 });
        let eight = square(8, |a, b| match (a / 2 == b / 2, a / 4 == b / 4) {
            (true, _) => 16,
            (_, true) => 28,
            _ => 36,
        });
        for (topology, node, today, before) in [
            (&chain, 0, "0123", "0123"),
            (&chain, 1, "1203", "1203"),
            (&chain, 2, "2310", "2310"),
            (&chain, 3, "3210", "3210"),
            (&flat, 0, "0123", "0123"),
            (&flat, 1, "1230", "1230"),
            (&flat, 2, "2301", "2301"),
            (&flat, 3, "3012", "3012"),
            (&glued, 0, "0123", "0123"),
            (&glued, 1, "1032", "1032"),
            (&glued, 2, "2301", "2301"),
            (&glued, 3, "3210", "3201"),
            (&eight, 3, "32107456", "32017456"),
            (&eight, 5, "54761230", "54760123"),
            (&eight, 7, "76543012", "76450123"),
        ] {
            assert_eq!(orders("6.1.176", topology)[node], today, "6.1 node {node}");
            assert_eq!(orders("6.12.107", topology)[node], today, "6.12 node {node}");
            assert_eq!(orders("5.10.223", topology)[node], before, "5.10 node {node}");
        }
    }

    #[test]
    fn a_node_without_memory_heads_its_own_list_until_6_11() {
        let mut topology = square(3, |_, _| 20);
        topology.has_memory[1] = false;
        for (kernel, want) in
            [("5.10", ["02", "120", "20"]), ("6.1", ["02", "120", "20"]), ("6.12", ["02", "20", "20"])]
        {
            assert_eq!(orders(kernel, &topology), want, "{kernel}");
        }
    }
}
