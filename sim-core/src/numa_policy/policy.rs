//! The policies: which node a page is asked from, and who may give it.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::rules::Rules;

/// A memory policy, by the kernel's modes (`MPOL_*`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Policy {
    /// No policy of its own: the node of the CPU that takes the fault.
    Default,
    /// `MPOL_LOCAL`: the same, set explicitly.
    Local,
    /// `MPOL_PREFERRED`: the first node of the mask, then anywhere.
    Preferred,
    /// `MPOL_PREFERRED_MANY`: the nodes of the mask, then anywhere (5.15).
    PreferredMany,
    /// `MPOL_BIND`: the nodes of the mask and no other.
    Bind,
    /// `MPOL_INTERLEAVE`: the nodes of the mask in turn.
    Interleave,
    /// `MPOL_WEIGHTED_INTERLEAVE`: the same, each as often as its weight says (6.9).
    Weighted,
}

/// `EINVAL`: what `set_mempolicy(2)` and `mbind(2)` refuse a policy with.
pub const EINVAL: i64 = 22;

impl Policy {
    /// The policies by their names in a scenario.
    pub const NAMES: [(&'static str, Policy); 7] = [
        ("default", Policy::Default),
        ("local", Policy::Local),
        ("preferred", Policy::Preferred),
        ("preferred-many", Policy::PreferredMany),
        ("bind", Policy::Bind),
        ("interleave", Policy::Interleave),
        ("weighted-interleave", Policy::Weighted),
    ];

    /// The name a scenario is written with.
    pub fn name(self) -> &'static str {
        Policy::NAMES[self as usize].0
    }

    /// Whether the policy has a list of nodes.
    pub fn takes_nodes(self) -> bool {
        !matches!(self, Policy::Default | Policy::Local)
    }

    /// What `set_mempolicy(2)` makes of mode and nodes: the nodes in force, or an `errno`.
    ///
    /// Models `mm/mempolicy.c: mpol_new`, `mpol_set_nodemask`: a mode the kernel lacks and a mask
    /// without a node that has memory are refused; nodes without memory are dropped.
    ///
    /// # Errors
    /// The `errno` as a positive number.
    pub fn check(self, rules: Rules, mask: Mask, with_memory: Mask) -> Result<Mask, i64> {
        let known = match self {
            Policy::PreferredMany => rules.preferred_many,
            Policy::Weighted => rules.weighted,
            _ => true,
        };
        let mask = mask.and(with_memory);
        match self {
            _ if !known => Err(EINVAL),
            Policy::Default | Policy::Local => Ok(Mask::NONE),
            _ if mask.is_empty() => Err(EINVAL),
            Policy::Preferred => Ok(Mask::of([mask.first()])),
            _ => Ok(mask),
        }
    }

    /// The policy as `numa_maps` prints it (`mm/mempolicy.c: mpol_to_str`).
    pub fn text(self, mask: Mask) -> String {
        let word = match self {
            Policy::Default => return "default".to_owned(),
            Policy::Local => return "local".to_owned(),
            Policy::Preferred => "prefer",
            Policy::PreferredMany => "prefer (many)",
            Policy::Bind => "bind",
            Policy::Interleave => "interleave",
            Policy::Weighted => "weighted interleave",
        };
        format!("{word}:{}", mask.text())
    }
}

/// A set of nodes (`nodemask_t`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mask(u64);

impl Mask {
    /// No node.
    pub const NONE: Mask = Mask(0);
    /// Every node.
    pub const ALL: Mask = Mask(u64::MAX);

    /// The set of the nodes given; numbers from 64 on are left out, as no such node exists.
    pub fn of(nodes: impl IntoIterator<Item = usize>) -> Mask {
        Mask(nodes.into_iter().filter(|n| *n < 64).fold(0, |bits, n| bits | 1 << n))
    }

    /// Whether a node is in the set.
    pub fn has(self, node: usize) -> bool {
        node < 64 && self.0 >> node & 1 == 1
    }

    /// Nodes that are in both sets.
    pub fn and(self, other: Mask) -> Mask {
        Mask(self.0 & other.0)
    }

    /// Whether no node is in the set.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// How many nodes there are.
    pub fn count(self) -> u64 {
        u64::from(self.0.count_ones())
    }

    /// The lowest node; 64 of an empty set.
    pub fn first(self) -> usize {
        self.0.trailing_zeros() as usize
    }

    /// The nodes in order.
    pub fn nodes(self) -> impl Iterator<Item = usize> + Clone {
        (0..64).filter(move |n| self.has(*n))
    }

    /// The set as the kernel prints it: `0-2,5` (`%*pbl`).
    pub fn text(self) -> String {
        let mut text = String::new();
        let mut node = 0;
        while node < 64 {
            if !self.has(node) {
                node += 1;
                continue;
            }
            let from = node;
            while self.has(node + 1) {
                node += 1;
            }
            let comma = if text.is_empty() { "" } else { "," };
            let _ = if from == node { write!(text, "{comma}{from}") } else { write!(text, "{comma}{from}-{node}") };
            node += 1;
        }
        text
    }
}

/// The node of a page by its place in the address space: `mm/mempolicy.c: interleave_nid`,
/// `weighted_interleave_nid`.
///
/// `index` counts pages: for anonymous memory it is the address divided by 4096, for a file its
/// offset. `weights` gives each node its weight; an interleave without weights has 1 everywhere.
pub fn node_at(rules: Rules, mask: Mask, weights: &[u64], index: u64) -> usize {
    let index = if rules.short_index { index & u64::from(u32::MAX) } else { index };
    let total: u64 = mask.nodes().map(|n| weight(weights, n)).sum();
    let mut at = index % total.max(1);
    for node in mask.nodes() {
        match at.checked_sub(weight(weights, node)) {
            Some(rest) => at = rest,
            None => return node,
        }
    }
    mask.first()
}

/// A node's weight; 1 where none is set.
pub fn weight(weights: &[u64], node: usize) -> u64 {
    weights.get(node).copied().unwrap_or(1).max(1)
}

/// A task's turn for pages that have no address: page cache, slab, pipes. `il_prev` and
/// `il_weight` of a task (`mm/mempolicy.c: interleave_nodes`, `weighted_interleave_nodes`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Turn {
    previous: Option<usize>,
    left: u64,
}

impl Turn {
    /// The node of the next page.
    pub fn next(&mut self, mask: Mask, weights: &[u64]) -> usize {
        if self.left == 0 || self.previous.is_none_or(|node| !mask.has(node)) {
            let after = self.previous.map_or(0, |node| node + 1);
            let node = mask.nodes().find(|n| *n >= after).unwrap_or(mask.first());
            self.previous = Some(node);
            self.left = weight(weights, node);
        }
        self.left -= 1;
        self.previous.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(kernel: &str) -> Rules {
        Rules::of(kernel.parse().unwrap()).unwrap()
    }

    #[test]
    fn names_are_in_the_order_of_the_policies() {
        for (i, (name, policy)) in Policy::NAMES.iter().enumerate() {
            assert_eq!((*policy as usize, policy.name()), (i, *name));
        }
    }

    #[test]
    fn masks_are_printed_as_lists() {
        for (nodes, want) in [
            (vec![], ""),
            (vec![3], "3"),
            (vec![0, 1, 2, 3], "0-3"),
            (vec![1, 3], "1,3"),
            (vec![0, 1, 4, 6, 7], "0-1,4,6-7"),
        ] {
            assert_eq!(Mask::of(nodes).text(), want);
        }
        assert_eq!(Mask::ALL.text(), "0-63");
        assert_eq!(Mask::of([1, 99]).text(), "1");
    }

    /// Seen on real kernels: addr 0x7fac98d63000 with nodes {0,2,3}.
    #[test]
    fn the_index_is_short_until_6_6() {
        let mask = Mask::of([0, 2, 3]);
        for (kernel, want) in [("6.1", 2), ("6.6", 2), ("6.7", 3), ("6.12", 3), ("5.10", 2), ("3.10", 2)] {
            assert_eq!(node_at(rules(kernel), mask, &[], 0x7fac_98d6_3000 >> 12), want, "{kernel}");
        }
    }

    #[test]
    fn weights_say_how_often() {
        let sequence = |weights: &[u64]| {
            (0..9).map(|i| node_at(rules("6.12"), Mask::of([0, 1, 2, 3]), weights, i).to_string()).collect::<String>()
        };
        assert_eq!(sequence(&[3, 1, 2, 1]), "000122300");
        assert_eq!(sequence(&[]), "012301230");
        assert_eq!(sequence(&[2]), "001230012");
    }

    #[test]
    fn without_an_address_tasks_take_turns() {
        let mut turn = Turn::default();
        let mut sequence =
            |mask: Mask, weights: &[u64], n: usize| (0..n).map(|_| turn.next(mask, weights)).collect::<Vec<_>>();
        assert_eq!(sequence(Mask::of([0, 2, 3]), &[], 4), [0, 2, 3, 0]);
        assert_eq!(sequence(Mask::of([0, 2, 3]), &[1, 1, 2, 1], 5), [2, 2, 3, 0, 2]);
        // A node that left the mask loses what was left of its weight.
        assert_eq!(sequence(Mask::of([0, 1]), &[1, 1], 3), [0, 1, 0]);
    }

    #[test]
    fn a_policy_is_checked_as_the_system_call_does() {
        let online = Mask::of([0, 1, 2, 3]);
        for (kernel, policy, nodes, want) in [
            ("6.1", Policy::Bind, vec![7], Err(EINVAL)),
            ("6.1", Policy::Bind, vec![1, 7], Ok("1")),
            ("6.1", Policy::Preferred, vec![2, 3], Ok("2")),
            ("6.1", Policy::PreferredMany, vec![2, 3], Ok("2-3")),
            ("5.10", Policy::PreferredMany, vec![2, 3], Err(EINVAL)),
            ("6.1", Policy::Weighted, vec![0, 1], Err(EINVAL)),
            ("6.12", Policy::Weighted, vec![0, 1], Ok("0-1")),
            ("6.12", Policy::Interleave, vec![], Err(EINVAL)),
            ("6.12", Policy::Local, vec![], Ok("")),
        ] {
            let got = policy.check(rules(kernel), Mask::of(nodes), online).map(Mask::text);
            assert_eq!(got, want.map(str::to_owned), "{kernel} {policy:?}");
        }
    }
}
