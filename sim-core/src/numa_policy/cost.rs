//! What it costs to reach memory: latency, and bandwidth that is shared.
//!
//! This is not kernel arithmetic. It is a model of the machine with four figures, each a parameter
//! of the scenario, so that policies can be compared: a local latency, distances that scale it, and
//! the bandwidth of a node's memory and of the link between two nodes.

/// A cache line: what one access moves, bytes.
pub const LINE: u64 = 64;
/// Shares are kept in parts of this.
const WHOLE: u64 = 1 << 16;

/// The machine.
#[derive(Clone, Copy, Debug)]
pub struct Machine<'a> {
    /// Distances between nodes, 10 for local.
    pub distance: &'a [Vec<i64>],
    /// Latency of a local access, ns.
    pub latency_ns: u64,
    /// What the memory of one node can serve, bytes a ms.
    pub node_bandwidth: u64,
    /// What can pass from one node to one other, bytes a ms.
    pub link_bandwidth: u64,
}

/// A thread that reads its pages, each as likely as any other.
#[derive(Clone, Debug)]
pub struct Reader {
    /// The node of its CPU.
    pub node: usize,
    /// How many of its pages are on each node.
    pub pages: Vec<i64>,
    /// Accesses under way at once.
    pub outstanding: u64,
    /// Most it wants, bytes a ms; 0 for as much as it gets.
    pub demand: u64,
}

/// What a reader gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    /// Bytes a ms.
    pub bytes_per_ms: u64,
    /// Of it, from its own node.
    pub local_per_ms: u64,
    /// Mean latency of an access when nothing is saturated, ns.
    pub latency_ns: u64,
}

/// Latency from one node to another: distances are relative latencies, as ACPI defines them.
pub fn latency_ns(machine: &Machine<'_>, from: usize, to: usize) -> u64 {
    machine.latency_ns * machine.distance[from][to].max(10) as u64 / 10
}

/// What every reader gets when all read at once. A reader is held back by its latency, by its
/// demand, or by whichever node or link on its way is saturated; what is saturated is shared
/// evenly (max-min fairness), and what one cannot use is left to the others.
pub fn rates(machine: &Machine<'_>, readers: &[Reader]) -> Vec<Rate> {
    let nodes = machine.distance.len();
    let mut rates = vec![Rate::default(); readers.len()];
    let mut limits = vec![0_u64; readers.len()];
    // Shares of every reader by resource: the nodes, then the links between them.
    let mut shares = vec![vec![0_u64; nodes + nodes * nodes]; readers.len()];
    for (i, reader) in readers.iter().enumerate() {
        let total: i64 = reader.pages.iter().sum();
        if total <= 0 {
            continue;
        }
        let mut weighted = 0_u128;
        for (node, pages) in reader.pages.iter().enumerate() {
            let share = (u128::from(*pages as u64) * u128::from(WHOLE)).div_ceil(total as u128) as u64;
            shares[i][node] = share;
            if node != reader.node {
                shares[i][nodes + reader.node * nodes + node] = share;
            }
            weighted += u128::from(*pages as u64) * u128::from(latency_ns(machine, reader.node, node));
        }
        let latency = (weighted / total as u128).max(1) as u64;
        rates[i].latency_ns = latency;
        let by_latency = reader.outstanding * LINE * 1_000_000 / latency;
        limits[i] = if reader.demand == 0 { by_latency } else { by_latency.min(reader.demand) };
    }
    let mut left: Vec<u64> = vec![machine.node_bandwidth; nodes];
    left.resize(nodes + nodes * nodes, machine.link_bandwidth);
    fill(&mut rates, &limits, &shares, &mut left);
    for (rate, reader) in rates.iter_mut().zip(readers) {
        let total: i64 = reader.pages.iter().sum();
        let local = reader.pages.get(reader.node).copied().unwrap_or(0);
        if total > 0 {
            rate.local_per_ms = (u128::from(rate.bytes_per_ms) * local as u128 / total as u128) as u64;
        }
    }
    rates
}

/// Raises all rates together; whoever meets a limit stays there. Each turn stops somebody, so there
/// are no more turns than readers.
fn fill(rates: &mut [Rate], limits: &[u64], shares: &[Vec<u64>], left: &mut [u64]) {
    let mut open: Vec<usize> = (0..rates.len()).filter(|i| limits[*i] > 0).collect();
    while !open.is_empty() {
        let load = |r: usize, open: &[usize]| open.iter().map(|i| shares[*i][r]).sum::<u64>();
        let by_resource = (0..left.len()).filter_map(|r| {
            let load = load(r, &open);
            (load > 0).then(|| (u128::from(left[r]) * u128::from(WHOLE) / u128::from(load)) as u64)
        });
        let by_limit = open.iter().map(|i| limits[*i] - rates[*i].bytes_per_ms);
        let rise = by_resource.chain(by_limit).min().unwrap_or(0);
        for (r, left) in left.iter_mut().enumerate() {
            let used = u128::from(load(r, &open)) * u128::from(rise) / u128::from(WHOLE);
            *left = left.saturating_sub(used as u64);
        }
        for i in &open {
            rates[*i].bytes_per_ms += rise;
        }
        // What is left of a saturated resource is a rounding rest smaller than its load.
        let full: Vec<bool> = (0..left.len())
            .map(|r| {
                let load = load(r, &open);
                load > 0 && u128::from(left[r]) * u128::from(WHOLE) < u128::from(load)
            })
            .collect();
        let before = open.len();
        open.retain(|i| {
            rates[*i].bytes_per_ms < limits[*i]
                && !full.iter().zip(&shares[*i]).any(|(full, share)| *full && *share > 0)
        });
        if open.len() == before {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(node: usize, pages: [i64; 2], outstanding: u64) -> Reader {
        Reader { node, pages: pages.to_vec(), outstanding, demand: 0 }
    }

    #[test]
    fn whoever_is_held_back_says_by_what() {
        let distance = vec![vec![10, 20], vec![20, 10]];
        let machine =
            Machine { distance: &distance, latency_ns: 100, node_bandwidth: 50_000_000, link_bandwidth: 10_000_000 };
        let bytes = |readers: &[Reader]| rates(&machine, readers).iter().map(|r| r.bytes_per_ms).collect::<Vec<_>>();
        // By latency: 10 lines in 100 ns, in 200 ns.
        assert_eq!(bytes(&[reader(0, [100, 0], 10)]), [6_400_000]);
        assert_eq!(bytes(&[reader(0, [0, 100], 10)]), [3_200_000]);
        // Four at a link that carries 10 MB a ms share it evenly.
        assert_eq!(bytes(&vec![reader(0, [0, 100], 10); 4]), [2_500_000; 4]);
        // Ten at one node's memory of 50 MB a ms; spread over two nodes, less remote latency is paid for.
        assert_eq!(bytes(&vec![reader(0, [100, 0], 10); 10]), [5_000_000; 10]);
        // One that wants little leaves the rest to the other.
        let modest = Reader { demand: 1_000_000, ..reader(0, [0, 100], 10) };
        let greedy = reader(0, [0, 100], 100);
        assert_eq!(bytes(&[modest, greedy]), [1_000_000, 9_000_000]);
        assert_eq!(bytes(&[reader(0, [0, 0], 10)]), [0]);
    }
}
