//! Whether an output has the shape of the one that a page prints.
//!
//! A page prints an excerpt of what one machine printed once. Another machine's numbers differ, and so
//! do the names it gave to its hosts, drivers and programs; the words that the kernel and the tools put
//! around them do not. So:
//!
//! * A line is what remains when numbers, quoted words and names that a machine gives are replaced by
//!   what they are ([`GIVEN`]). It fits a line whose words contain its words in this order.
//! * The lines of an output contain the lines of the page in this order; a line with the shape of an
//!   earlier one does not count.
//! * A line of three or more words without a number is the head of a table when something follows it.
//!   Of the lines below it only the kinds of fields count, up to an empty line.
//! * `…` and `...` on a line of their own are left out.

use std::sync::LazyLock;

use regex::Regex;

/// What a machine puts there its own way, and what it becomes. In this order.
const GIVEN: &[(&str, &str)] = &[
    // Strings of strace.
    (r#""(?:[^"\\]|\\.)*"(?:\.\.\.)?"#, "QUOTED"),
    // How long a machine has been up.
    (r"\bup +(?:\d+ days?, +)?[\d:]+(?: min)?,", "up TIME,"),
    // The version of a kernel.
    (r"\bLinux \d\S*", "Linux VERSION"),
    // Choices of which one is taken: `none [mq-deadline]`.
    (r"^(?:[\w-]+ )*\[[\w-]+\](?: [\w-]+)* ?$", "CHOICES"),
    // A file of a group, and what it holds: `/sys/…/state0/name:POLL`.
    (r"^(/\S+?)\d*(/\w+)?:\S.*$", "$1:VALUE"),
    // A number that fills its column leaves no blank before it.
    (r"([a-z],|\):)(\d)", "$1 $2"),
    // How TCP avoids congestion.
    (r"^(?:cubic|bbr|reno|dctcp) ", "CONGESTION "),
    // ss leaves out the blank before a column in which nothing stands.
    ("PortProcess", "Port Process"),
    // Addresses; that of a page ends in three zeroes, and its only letter may stand before them.
    (r"0x[0-9a-f]+|\b[0-9]+[a-f][0-9a-f]{3,}\b|\b[a-f][0-9a-f]{7,}\b", "N"),
    // Sizes and shares.
    (r"-?\d+(?:[.,:/-]\d+)*(?:[KMGT]i?B?|B|%|ms|sec|min)?\b", "N"),
    (r" [kKMGT]i?B\b", " SIZE"),
];

/// `driver: virtio_net`: of a value that is a word only the name before counts.
static VALUE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^([^:]+):(?:\s+[^\s\d:][^\s:]*(?: \[\w+\])?|\s*)$").unwrap());

/// A line without what a machine puts its own way, as words.
fn words(line: &str) -> Vec<String> {
    static GENERAL: LazyLock<Vec<(Regex, &str)>> =
        LazyLock::new(|| GIVEN.iter().map(|(from, to)| (Regex::new(from).unwrap(), *to)).collect());
    let mut line = line.trim().to_owned();
    if let Some(found) = VALUE.captures(&line) {
        return vec![format!("{}: VALUE", &found[1])];
    }
    for (from, to) in GENERAL.iter() {
        line = from.replace_all(&line, *to).into_owned();
    }
    let mut words: Vec<String> =
        line.split_whitespace().map(|word| word.replace(|c: char| c.is_ascii_digit(), "0")).collect();
    words.dedup();
    match words.as_slice() {
        [word] if word.starts_with(char::is_alphabetic) && word != "N" && word != "CHOICES" && !word.contains(':') => {
            vec!["WORD".into()]
        }
        _ => words,
    }
}

/// The kinds of the fields of a row; neighbours of one kind count once.
fn kinds(line: &str) -> Vec<String> {
    let kind = |field: &str| {
        let number = field.trim_start_matches(['-', '+']).starts_with(|c: char| c.is_ascii_digit()) || field == "rt";
        String::from(if number { "NUMBER" } else { "WORD" })
    };
    let mut kinds: Vec<_> = line.split_whitespace().map(kind).collect();
    kinds.dedup();
    kinds
}

/// What is compared of a line.
#[derive(Debug, PartialEq)]
enum Shape {
    Words(Vec<String>),
    Kinds(Vec<String>),
}

/// What a page wants of each line; empty lines and omissions are left out.
fn wanted(lines: &[&str]) -> Vec<Shape> {
    let mut shapes: Vec<Shape> = Vec::new();
    let mut table = false;
    for (i, line) in lines.iter().enumerate() {
        if line.trim().is_empty() {
            table = false;
            continue;
        }
        if matches!(line.trim(), "…" | "...") {
            continue;
        }
        let followed = lines.get(i + 1).is_some_and(|next| !next.trim().is_empty());
        let plain = !line.contains(|c: char| c.is_ascii_digit()) && !line.contains(": ");
        let head = followed && plain && line.split_whitespace().count() >= 3;
        let shape = if table && !head { Shape::Kinds(kinds(line)) } else { Shape::Words(words(line)) };
        table |= head;
        if !shapes.contains(&shape) {
            shapes.push(shape);
        }
    }
    shapes
}

/// The first of `few` that is not in `many` after the ones before it.
fn lacking<A, B>(few: &[A], many: &[B], fits: impl Fn(&A, &B) -> bool) -> Option<usize> {
    let mut rest = many.iter();
    few.iter().position(|one| !rest.any(|other| fits(one, other)))
}

/// Compares an output with the lines of a page.
///
/// # Errors
/// The first line of the page that has no counterpart.
pub fn compare(page: &[&str], printed: &str) -> Result<(), String> {
    let want = wanted(page);
    let got: Vec<_> = printed.lines().map(|line| (words(line), kinds(line))).collect();
    let fits = |want: &Shape, (words, kinds): &(Vec<String>, Vec<String>)| match want {
        Shape::Words(few) => lacking(few, words, |a, b| a == b).is_none(),
        Shape::Kinds(want) => want == kinds,
    };
    match lacking(&want, &got, fits) {
        None => Ok(()),
        Some(at) => Err(format!("no line of the output has this shape: {:?}", want[at])),
    }
}

/// The first lines of a text.
pub fn first(text: &str, most: usize) -> String {
    text.lines().take(most).collect::<Vec<_>>().join("\n")
}

#[test]
fn outputs_of_other_machines_fit() {
    for (page, printed) in [
        ("MemTotal:       24684084 kB", "MemTotal: 1 kB\nMemFree: 2 kB"),
        ("0.08 0.42 0.40 2/100 17281", "12.00 3.1 4.2 11/2345 9"),
        ("Linux 6.18.44", "Linux 6.1.0-32-amd64"),
        (
            "Node 0, zone      DMA      0      3 \nNode 0, zone   Normal   6131 8",
            "Node 0, zone DMA 1\nNode 0, zone DMA32 2\nNode 0, zone Normal 3",
        ),
        (" PID USER S COMMAND\n30632 root R rustc", "top\n\nPID USER NI S COMMAND\n 1 root S systemd"),
        ("driver: virtio_net\nversion: 1.0.0", "driver: e1000\nversion: 6.1.0"),
        ("none [mq-deadline] kyber bfq ", "[none] mq-deadline "),
        (
            "access(\"/etc/x\", R_OK) = -1 ENOENT (No such file)",
            "brk(NULL) = 0x55\naccess(\"/etc/y\", R_OK)      = -1 ENOENT (No such file)",
        ),
        ("available: 4 nodes (0-3)\n...\nnode distances:", "available: 1 nodes (0)\nnode 0 cpus: 0 1\nnode distances:"),
        ("/sys/c/state0/name:POLL\n/sys/c/state1/name:haltpoll idle", "/sys/c/state0/name:POLL\n/sys/c/state1/name:C1"),
        ("\t cubic wscale:7,7 rto:204 rtt:0.312/0.041", "\t cubic wscale:10,10 rto:201.5 rtt:0.02/0.01 ato:40"),
        ("x86_64", "aarch64"),
        ("%Cpu(s):  0.0 us,  0.0 sy,100.0 id", "%Cpu(s):100.0 us,  0.0 sy,  0.0 id"),
        ("561ea5f33000 default heap N0=10", "55d0c2a3e000 default heap anon=3 N0=3"),
        ("561ea5f33000 default heap N0=10", "5642406fa000 default heap N0=10"),
        ("561ea5f33000 default heap N0=10", "56424061f000 default heap N0=10"),
        ("561ea5f33000 default heap N0=10", "564240612000 default heap N0=10"),
        ("561ea5f33000 default heap N0=10", "aaaae5f33000 default heap N0=10"),
    ] {
        assert_eq!(compare(&page.lines().collect::<Vec<_>>(), printed), Ok(()), "{page}");
    }
}

#[test]
fn what_has_changed_does_not_fit() {
    for (page, printed) in [
        ("MemTotal:       24684084 kB", "MemFree: 1 kB"),
        ("MemTotal: 24684084 kB", "MemTotal: 1"),
        ("a: 1\nb: 2", "b: 2\na: 1"),
        ("0.08 0.42 0.40 2/100 17281", "cat: /proc/loadavg: No such file or directory"),
        (" PID USER S COMMAND\n30632 root R rustc", "PID USER COMMAND\n 1 root systemd"),
        (" PID USER S COMMAND\n30632 root R rustc", "PID USER S COMMAND\n1 2 3"),
        ("access(\"/etc/x\", R_OK) = -1 ENOENT", "openat(\"/etc/x\", R_OK) = -1 ENOENT"),
        ("sockets: used 412", ""),
        ("none [mq-deadline] kyber bfq ", "none"),
        ("x86_64", "1"),
    ] {
        assert!(compare(&page.lines().collect::<Vec<_>>(), printed).is_err(), "{page}");
    }
}
