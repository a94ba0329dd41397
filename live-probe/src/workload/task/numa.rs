//! Memory from the node that a policy names.

use std::fs;

use sim_core::{Text, text};

use super::desk::{Desk, Trouble, memory_is_short, sleep_until};
use super::memory;
use crate::workload::sys::memory::{BIND, INTERLEAVE, set_policy, small_pages};

/// Where pages are to come from.
#[derive(Clone, Copy, Debug)]
pub enum Policy {
    /// From the node of the CPU that touches.
    Local,
    /// From this node.
    Bind(u32),
    /// From each in turn.
    Interleave,
}

/// Touches memory under a policy and counts where the pages are.
pub fn touch(desk: &mut Desk, mib: u32, policy: Policy) -> Result<(), Trouble> {
    small_pages();
    let nodes =
        fs::read_to_string("/sys/devices/system/node/has_memory").map_or_else(|_| vec![0], |list| ranges(&list));
    let single = nodes.len() < 2;
    if let Policy::Bind(node) = policy
        && !nodes.contains(&node)
    {
        let names = nodes.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
        return Err(Trouble::Cannot(text!(
            ko: "노드 {node}에는 메모리가 없습니다. 메모리가 있는 노드: {names}",
            en: "Node {node} has no memory. Nodes with memory: {names}"
        )));
    }
    let set = match policy {
        Policy::Local => Ok(()),
        Policy::Bind(node) => set_policy(BIND, &[node]),
        Policy::Interleave => set_policy(INTERLEAVE, &nodes),
    };
    set.map_err(super::desk::cannot(Text::fixed(
        "커널이 NUMA 정책을 받아들이지 않습니다",
        "The kernel does not accept a NUMA policy",
    )))?;
    if single {
        desk.note(Text::fixed(
            "이 컴퓨터에는 메모리가 있는 노드가 하나뿐이라, 어떤 정책이든 모든 페이지가 그 노드에서 옵니다. 차이는 시뮬레이터에서 보십시오.",
            "This machine has one node with memory, so under any policy all pages come from it. The simulator shows the difference.",
        ));
    }
    let mut bytes = if desk.trial { Vec::new() } else { vec![0u8; (mib as usize) << 20] };
    let until = desk.begin();
    for page in 0..bytes.len() / 4096 {
        if page % 4096 == 0 && memory_is_short() {
            break;
        }
        memory::write(&mut bytes, page);
    }
    for (node, pages) in pages_by_node(&fs::read_to_string("/proc/self/numa_maps").unwrap_or_default()) {
        desk.figure(&format!("node{node}_pages"), pages);
    }
    sleep_until(until);
    std::hint::black_box(&bytes);
    Ok(())
}

/// A list as the kernel writes it: `0-2,5`.
fn ranges(list: &str) -> Vec<u32> {
    let range = |part: &str| {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        Some(from.parse::<u32>().ok()?..=to.parse::<u32>().ok()?.min(1023))
    };
    list.trim().split(',').filter_map(range).flatten().collect()
}

/// Pages of anonymous memory on each node.
fn pages_by_node(maps: &str) -> std::collections::BTreeMap<u32, u64> {
    let mut pages = std::collections::BTreeMap::new();
    for line in maps.lines().filter(|line| line.contains(" anon=")) {
        for word in line.split(' ') {
            let found = word.strip_prefix('N').and_then(|rest| rest.split_once('='));
            if let Some((node, count)) = found
                && let (Ok(node), Ok(count)) = (node.parse(), count.parse::<u64>())
            {
                *pages.entry(node).or_default() += count;
            }
        }
    }
    pages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_maps_are_read() {
        for (list, nodes) in [("0\n", vec![0]), ("0-2,5\n", vec![0, 1, 2, 5]), ("\n", vec![]), ("x", vec![])] {
            assert_eq!(ranges(list), nodes, "{list}");
        }
        let maps = "7f00 interleave:0-1 anon=20 dirty=20 N0=12 N1=8 kernelpagesize_kB=4\n\
                    7f01 default file=/x mapped=5 N0=5 kernelpagesize_kB=4\n\
                    7f02 default heap anon=1 N0=1\n";
        assert_eq!(pages_by_node(maps).into_iter().collect::<Vec<_>>(), [(0, 13), (1, 8)]);
    }
}
