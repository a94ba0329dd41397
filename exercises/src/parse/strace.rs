//! What `strace -o FILE` writes: a line for each system call.

use super::{Unreadable, refuse};

/// A system call that a program made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Call {
    /// Its name.
    pub name: String,
    /// The first string among its arguments: of a call about a file, the path.
    pub path: Option<String>,
    /// The name of the error it ended in; nothing where it succeeded or never came back.
    pub error: Option<String>,
    /// How long it took on the clock, µs; nothing without `-T`.
    pub us: Option<u64>,
}

/// The calls of a log of strace, in the order in which they began. Process ids (`-f`) and times of day
/// (`-t`, `-tt`, `-r`) before a call are passed over, as are signals and ends of processes; a call that
/// another process interrupted (`<unfinished ...>`) ends with its `resumed` line.
///
/// # Errors
/// There is no call in it.
pub fn strace(path: &str, text: &str) -> Result<Vec<Call>, Unreadable> {
    let mut calls: Vec<Call> = Vec::new();
    // Calls that are not over: whose, and which.
    let mut open: Vec<(&str, usize)> = Vec::new();
    for line in text.lines() {
        let whose = line.split_ascii_whitespace().next().filter(|word| word.bytes().all(|b| b.is_ascii_digit()));
        let whose = whose.unwrap_or_default();
        if let Some((_, rest)) = line.split_once("<... ") {
            let name = rest.split(' ').next().unwrap_or_default();
            let at = open.iter().rposition(|(who, i)| *who == whose && calls[*i].name == name);
            if let Some((_, i)) = at.map(|at| open.swap_remove(at)) {
                (calls[i].error, calls[i].us) = ended(rest);
            }
            continue;
        }
        let Some((before, arguments)) = line.split_once('(') else { continue };
        let name = before.rsplit(' ').next().unwrap_or_default();
        let named = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !named || before.contains("---") || before.contains("+++") {
            continue;
        }
        let (error, us) = ended(arguments);
        if arguments.ends_with("<unfinished ...>") {
            open.push((whose, calls.len()));
        }
        let path = arguments.split('"').nth(1).map(str::to_owned);
        calls.push(Call { name: name.to_owned(), path, error, us });
    }
    if calls.is_empty() {
        return Err(refuse(path, 0, "read(3, \"…\", 832) = 832", text.lines().next().unwrap_or_default()));
    }
    Ok(calls)
}

/// The error and the time at the end of a line.
fn ended(line: &str) -> (Option<String>, Option<u64>) {
    let Some((_, result)) = line.rsplit_once(" = ") else { return (None, None) };
    let error = result.strip_prefix("-1 ").and_then(|rest| rest.split([' ', '<']).next());
    let seconds = result.rsplit_once('<').and_then(|(_, rest)| rest.strip_suffix('>'));
    let us = seconds.and_then(|seconds| {
        let (whole, part) = seconds.split_once('.')?;
        let part = part.get(..6)?;
        whole.parse::<u64>().ok()?.checked_mul(1_000_000)?.checked_add(part.parse().ok()?)
    });
    (error.map(str::to_owned), us)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_of_a_log_are_told_apart() {
        for (line, name, path, error, us) in [
            ("brk(NULL)                               = 0x55d0", "brk", None, None, None),
            (r#"openat(AT_FDCWD, "/etc/x", O_RDONLY) = 3 <0.000011>"#, "openat", Some("/etc/x"), None, Some(11)),
            (
                r#"access("/a", R_OK) = -1 ENOENT (No such file or directory)"#,
                "access",
                Some("/a"),
                Some("ENOENT"),
                None,
            ),
            (
                r#"access("/a", R_OK) = -1 EACCES (No) <1.500000>"#,
                "access",
                Some("/a"),
                Some("EACCES"),
                Some(1_500_000),
            ),
            (r#"4711  read(0, "a = (b", 9) = 6"#, "read", Some("a = (b"), None, None),
            ("[pid  47] close(3) = 0", "close", None, None, None),
            ("12:00:01.123456 uname({sysname=\"Linux\", ...}) = 0", "uname", Some("Linux"), None, None),
            ("exit_group(0)                           = ?", "exit_group", None, None, None),
        ] {
            let calls = strace("/tmp/x", line).unwrap_or_else(|error| panic!("{line}: {:?}", error.text()));
            let own = |word: Option<&str>| word.map(str::to_owned);
            assert_eq!(calls, [Call { name: name.into(), path: own(path), error: own(error), us }], "{line}");
        }
    }

    #[test]
    fn a_call_that_was_interrupted_is_one_call() {
        let log = "1 wait4(-1, <unfinished ...>\n2 read(0,  <unfinished ...>\n2 <... read resumed>\"\", 9) = 0 <0.000002>\n2 +++ exited with 0 +++\n1 <... wait4 resumed>[], 0, NULL) = 2 <2.000000>\n1 --- SIGCHLD {si_signo=SIGCHLD} ---\n";
        let calls = strace("/tmp/x", log).unwrap();
        let told: Vec<_> = calls.iter().map(|call| (call.name.as_str(), call.us)).collect();
        assert_eq!(told, [("wait4", Some(2_000_000)), ("read", Some(2))]);
    }

    #[test]
    fn what_is_no_log_is_refused() {
        for text in ["", "\n", "hello\n", "+++ exited with 0 +++\n", "--- SIGCHLD (x) ---\n"] {
            assert!(strace("/tmp/x", text).is_err(), "{text:?}");
        }
    }
}
