//! Processes: `/proc/PID/*`, and the table of all of them.

use super::{Fields, Unreadable, refuse};

/// A process or kernel thread, from `/proc/PID/stat` (`fs/proc/array.c: do_task_stat`) or from a line
/// of `@processes`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Process {
    /// Process id.
    pub pid: i64,
    /// Name of the program, cut to 15 bytes by the kernel.
    pub comm: String,
    /// The state's letter.
    pub state: String,
    /// Its parent.
    pub ppid: i64,
    /// Time in user mode, 1/100 s.
    pub utime: i64,
    /// Time in the kernel, 1/100 s.
    pub stime: i64,
    /// Page faults without I/O.
    pub minflt: i64,
    /// Page faults with I/O.
    pub majflt: i64,
    /// `top`'s PR: 20 + nice, or −1 − real-time priority.
    pub priority: i64,
    /// Nice value.
    pub nice: i64,
    /// Threads.
    pub threads: i64,
    /// Address space, bytes.
    pub vsize: i64,
    /// Resident pages.
    pub rss_pages: i64,
    /// Real-time priority, 0 without.
    pub rt_priority: i64,
    /// Scheduling policy: 0 OTHER, 1 FIFO, 2 RR, 3 BATCH, 5 IDLE, 6 DEADLINE.
    pub policy: i64,
}

/// The line of a `/proc/PID/stat`. The program's name may hold spaces and parentheses, so its end is
/// the last one of the line.
///
/// # Errors
/// It is of another form.
pub fn stat_line(path: &str, text: &str) -> Result<Process, Unreadable> {
    let line = text.lines().next().unwrap_or_default();
    let parse = || {
        let (before, after) = (line.find('(')?, line.rfind(')')?);
        let comm = line.get(before + 1..after)?.to_owned();
        let pid = line.get(..before)?.trim().parse().ok()?;
        let words: Vec<&str> = line.get(after + 1..)?.split_ascii_whitespace().collect();
        // Field 3 of the manual page is word 0 here.
        let field = |n: usize| -> Option<i64> { words.get(n - 3)?.parse().ok() };
        Some(Process {
            pid,
            comm,
            state: (*words.first()?).to_owned(),
            ppid: field(4)?,
            minflt: field(10)?,
            majflt: field(12)?,
            utime: field(14)?,
            stime: field(15)?,
            priority: field(18)?,
            nice: field(19)?,
            threads: field(20)?,
            // Above the limit of a signed number only where the kernel lies.
            vsize: words.get(20).and_then(|word| word.parse::<u64>().ok()).map(|n| n.min(i64::MAX as u64) as i64)?,
            rss_pages: field(24)?,
            rt_priority: field(40).unwrap_or(0),
            policy: field(41).unwrap_or(0),
        })
    };
    parse().ok_or_else(|| refuse(path, 0, "1 (comm) S 0 …", line))
}

/// `@processes`: a heading that names the columns, then a line for each. See `machine` for its
/// shape.
///
/// # Errors
/// The first line that does not fit the heading.
pub fn processes(path: &str, text: &str) -> Result<Vec<Process>, Unreadable> {
    const SHAPE: &str = "pid ppid state …, comm at its end";
    let mut lines = text.lines().enumerate();
    let heading: Vec<&str> = lines.next().map(|(_, line)| line.split_ascii_whitespace().collect()).unwrap_or_default();
    if heading.first() != Some(&"pid") || heading.last() != Some(&"comm") {
        return Err(refuse(path, 0, SHAPE, text.lines().next().unwrap_or_default()));
    }
    let line = |(i, line): (usize, &str)| {
        let refused = || refuse(path, i, SHAPE, line);
        let mut rest = line;
        let mut process = Process::default();
        for name in &heading[..heading.len() - 1] {
            let (word, more) = rest.trim_start().split_once(' ').ok_or_else(refused)?;
            rest = more;
            if *name == "state" {
                process.state = word.to_owned();
                continue;
            }
            let value: i64 = word.parse().map_err(|_| refused())?;
            match *name {
                "pid" => process.pid = value,
                "ppid" => process.ppid = value,
                "utime" => process.utime = value,
                "stime" => process.stime = value,
                "minflt" => process.minflt = value,
                "majflt" => process.majflt = value,
                "priority" => process.priority = value,
                "nice" => process.nice = value,
                "threads" => process.threads = value,
                "vsize" => process.vsize = value,
                "rss_pages" => process.rss_pages = value,
                "rt_priority" => process.rt_priority = value,
                "policy" => process.policy = value,
                _ => {}
            }
        }
        process.comm = rest.to_owned();
        Ok(process)
    };
    lines.filter(|(_, line)| !line.is_empty()).map(line).collect()
}

/// The columns of `@processes`, and the line of a process.
impl Process {
    /// The heading of `@processes`.
    pub const HEADING: &'static str =
        "pid ppid state policy rt_priority priority nice threads minflt majflt utime stime vsize rss_pages comm";

    /// Its line of `@processes`.
    pub fn line(&self) -> String {
        let Process { pid, ppid, policy, rt_priority, priority, nice, threads, .. } = self;
        let Process { minflt, majflt, utime, stime, vsize, rss_pages, state, comm, .. } = self;
        let comm = comm.replace(['\n', '\r'], " ");
        format!(
            "{pid} {ppid} {state} {policy} {rt_priority} {priority} {nice} {threads} {minflt} {majflt} {utime} {stime} {vsize} {rss_pages} {comm}"
        )
    }
}

/// `/proc/PID/limits` (`fs/proc/base.c: proc_pid_limits`): the soft limits by name with `_` for
/// spaces (`open_files`). `unlimited` is a word.
///
/// # Errors
/// The heading is missing.
pub fn limits(path: &str, text: &str) -> Result<Fields, Unreadable> {
    let mut lines = text.lines().enumerate();
    let heading = lines.next().map(|(_, line)| line).unwrap_or_default();
    let mut fields = Fields::new(path);
    if let Some(column) = heading.find("Soft Limit") {
        for (i, line) in lines {
            let (Some(name), Some(rest)) = (line.get(..column), line.get(column..)) else { continue };
            let name = name.trim().trim_start_matches("Max ").replace(' ', "_");
            fields.put(&name, rest.split_ascii_whitespace().next().unwrap_or_default(), i);
        }
    }
    fields.some(text, "Limit  Soft Limit  Hard Limit  Units")
}

#[cfg(test)]
mod tests {
    use super::*;

    const STAT: &str = "42 (a b) c) S 1 42 42 0 -1 4194560 100 0 2 0 7 8 0 0 20 5 3 0 99 8192000 50 \
                        18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 1 10 1 0 0 0\n";

    #[test]
    fn a_name_may_hold_anything() {
        let process = stat_line("/proc/42/stat", STAT).unwrap();
        let Process { pid, priority, nice, threads, rss_pages, rt_priority, policy, .. } = process;
        assert_eq!((process.comm.as_str(), process.state.as_str()), ("a b) c", "S"));
        assert_eq!((pid, priority, nice, threads, rss_pages, rt_priority, policy), (42, 20, 5, 3, 50, 10, 1));
        for text in ["", "1 ()", "1 (x) S", ")(", "1 (x) S é é é é é é é é é é é é é é é é é é é é é é"]
        {
            assert!(stat_line("p", text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn the_table_is_read_back_as_it_was_written() {
        let process = stat_line("/proc/42/stat", STAT).unwrap();
        let text = format!("{}\n{}\n", Process::HEADING, process.line());
        assert_eq!(processes("@processes", &text), Ok(vec![process]));
        assert!(processes("@processes", "pid comm\nx y\n").is_err());
        let other = processes("@processes", "pid later state comm\n7 9 Z [gone]\n").unwrap();
        assert_eq!((other[0].pid, other[0].state.as_str(), other[0].comm.as_str()), (7, "Z", "[gone]"));
    }

    #[test]
    fn limits_have_names() {
        let text = "Limit                     Soft Limit           Hard Limit           Units     \n\
                    Max open files            1024                 1048576              files     \n\
                    Max cpu time              unlimited            unlimited            seconds   \n";
        let limits = limits("l", text).unwrap();
        assert_eq!((limits.number("open_files"), limits.word("cpu_time")), (Ok(Some(1024.0)), Some("unlimited")));
    }
}
