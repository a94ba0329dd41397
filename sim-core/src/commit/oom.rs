//! Who dies when memory is out.

use super::rules::Rules;

/// A process as the OOM killer sees it. Sizes are in pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Candidate {
    /// Resident.
    pub rss: u64,
    /// In swap.
    pub swap: u64,
    /// Page tables.
    pub tables: u64,
    /// `oom_score_adj`, −1000 to 1000.
    pub adj: i64,
    /// Whether it has CAP_SYS_ADMIN.
    pub root: bool,
}

/// `mm/oom_kill.c: oom_badness`: nothing for one that is exempt.
pub fn badness(rules: Rules, who: &Candidate, totalpages: u64) -> Option<i64> {
    if who.adj == -1000 {
        return None;
    }
    let mut points = (who.rss + who.swap + who.tables) as i64;
    if rules.root_discount && who.root {
        points -= points * 3 / 100;
    }
    points += who.adj * (totalpages as i64 / 1000);
    Some(if rules.shifted_score { points } else { points.max(1) })
}

/// `/proc/PID/oom_score` (`fs/proc/base.c: proc_oom_score`).
pub fn oom_score(rules: Rules, who: &Candidate, totalpages: u64) -> i64 {
    let share = |points: i64| points * 1000 / (totalpages as i64).max(1);
    match badness(rules, who, totalpages) {
        None => 0,
        Some(points) if rules.shifted_score => (1000 + share(points)) * 2 / 3,
        Some(points) => share(points),
    }
}

/// `mm/oom_kill.c: select_bad_process`: which of them, in the order of the task list; of equal ones the
/// last.
pub fn select(rules: Rules, of: &[Candidate], totalpages: u64) -> Option<usize> {
    let scored = of.iter().enumerate().filter_map(|(i, who)| Some((badness(rules, who, totalpages)?, i)));
    scored.max().map(|(_, i)| i)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(kernel: &str) -> Rules {
        Rules::of(kernel.parse().unwrap()).unwrap()
    }

    #[test]
    fn adjustment_moves_by_thousandths_of_the_machine() {
        let who = |adj, root| Candidate { rss: 10_000, swap: 1000, tables: 50, adj, root };
        for (kernel, adj, root, points, score) in [
            ("6.12", 0, true, Some(11_050), 740),
            ("6.12", 100, true, Some(21_050), 806),
            ("6.12", -500, true, Some(-38_950), 407),
            ("6.12", -1000, true, None, 0),
            ("6.12", 1000, true, Some(111_050), 1406),
            ("4.18", 0, true, Some(11_050), 110),
            ("4.18", -500, false, Some(1), 0),
            ("3.10", 0, true, Some(10_719), 107),
            ("3.10", 0, false, Some(11_050), 110),
        ] {
            let got =
                (badness(rules(kernel), &who(adj, root), 100_000), oom_score(rules(kernel), &who(adj, root), 100_000));
            assert_eq!(got, (points, score), "{kernel} {adj} {root}");
        }
    }

    #[test]
    fn the_largest_dies_unless_it_is_exempt() {
        let of = [(50, 0), (900, -1000), (300, 0), (300, 0), (10, 0)];
        let of = of.map(|(rss, adj)| Candidate { rss, adj, ..Candidate::default() });
        assert_eq!(select(rules("6.12"), &of, 10_000), Some(3));
        assert_eq!(select(rules("6.12"), &of[1..2], 10_000), None);
    }
}
