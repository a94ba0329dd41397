//! The kernel's names in the text exist on the kernel that runs, or `book/names.toml` says why not.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::listing;

fn texts(of: &str) -> impl Iterator<Item = &'static str> {
    listing()[of].as_array().unwrap().iter().map(|name| name.as_str().unwrap())
}

/// Name and reason of what a machine may lack.
fn missing() -> impl Iterator<Item = (&'static str, &'static str)> {
    let all = listing()["missing"].as_array().unwrap().iter();
    all.map(|missing| (missing["name"].as_str().unwrap(), missing["why"].as_str().unwrap()))
}

/// Whether this kernel has a parameter or a file.
fn is_here(name: &str) -> bool {
    match name.strip_prefix('/') {
        Some(_) => matches(Path::new("/"), &patterns(name)),
        None => Path::new("/proc/sys").join(name.replace('.', "/")).exists(),
    }
}

/// The parts of a path; what stands for something is a `*`, alternatives are several patterns.
fn patterns(name: &str) -> Vec<Vec<String>> {
    let mut all = vec![name.to_owned()];
    while let Some(at) = all.iter().position(|path| path.contains('{')) {
        let path = all.swap_remove(at);
        let (before, rest) = path.split_once('{').unwrap();
        let (choices, after) = rest.split_once('}').unwrap_or((rest, ""));
        all.extend(choices.split(',').map(|choice| format!("{before}{choice}{after}")));
    }
    let part = |part: &str| match part {
        "PID" => "self".to_owned(),
        "eth0" | "sda" | "vda" => "*".to_owned(),
        // Upper case and Korean stand for what the reader fills in.
        part if part.contains(|c: char| c.is_ascii_uppercase() || !c.is_ascii()) => "*".to_owned(),
        part => part.to_owned(),
    };
    all.iter().map(|path| path.split('/').filter(|p| !p.is_empty()).map(part).collect()).collect()
}

fn matches(root: &Path, patterns: &[Vec<String>]) -> bool {
    patterns.iter().all(|parts| found(root.to_owned(), parts))
}

fn found(at: PathBuf, parts: &[String]) -> bool {
    let Some((part, rest)) = parts.split_first() else { return at.exists() };
    let Some((head, tail)) = part.split_once('*') else { return found(at.join(part), rest) };
    let names = std::fs::read_dir(&at).into_iter().flatten().flatten().map(|entry| entry.file_name());
    let fitting = names.filter(|name| name.to_str().is_some_and(|name| name.starts_with(head) && name.ends_with(tail)));
    fitting.into_iter().any(|name| found(at.join(name), rest))
}

#[test]
fn every_name_is_the_kernels_or_the_table_says_why_not() {
    let excused: BTreeSet<_> = missing().map(|(name, _)| name).collect();
    let unknown: Vec<_> =
        texts("parameters").chain(texts("files")).filter(|name| !is_here(name) && !excused.contains(name)).collect();
    assert!(unknown.is_empty(), "neither here nor in book/names.toml: {unknown:#?}");
}

#[test]
fn the_table_has_no_entry_that_nothing_needs() {
    let named: BTreeSet<_> = texts("parameters").chain(texts("files")).collect();
    let unnamed: Vec<_> = missing().filter(|(name, _)| !named.contains(name)).collect();
    assert!(unnamed.is_empty(), "no longer in the text: remove them from book/names.toml: {unnamed:#?}");
    // Another machine may lack what this one has; what a kernel removed, no later one has.
    let removed = missing().filter(|(_, why)| why.starts_with("removed in"));
    let back: Vec<_> = removed.filter(|(name, _)| is_here(name)).collect();
    assert!(back.is_empty(), "this kernel has them: {back:#?}");
    let reason =
        |why: &str| ["removed in ", "needs "].iter().any(|kind| why.len() > kind.len() && why.starts_with(kind));
    let vague: Vec<_> = missing().filter(|(_, why)| !reason(why)).collect();
    assert!(vague.is_empty(), "say `removed in …` or `needs …`: {vague:#?}");
}

/// A parameter that the text only names by its last word is in no index.
#[test]
fn every_short_name_of_a_parameter_is_known() {
    let mut files = Vec::new();
    collect(Path::new("/proc/sys"), &mut files);
    let names: BTreeSet<_> =
        files.iter().filter_map(|path| path.file_name()?.to_str()).filter(|n| n.contains('_')).collect();
    let full: BTreeSet<_> = texts("parameters").filter_map(|name| name.rsplit('.').next()).collect();
    let short: Vec<_> = texts("words").filter(|word| names.contains(word) && !full.contains(word)).collect();
    assert!(short.is_empty(), "say in book/names.toml what they are short for: {short:#?}");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { collect(&path, files) } else { files.push(path) }
    }
}

#[test]
fn placeholders_are_filled_in() {
    for (name, here) in [
        ("/proc/PID/status", true),
        ("/proc/{meminfo,stat}", true),
        ("/proc/{meminfo,no-such}", false),
        ("/sys/devices/system/cpu/cpu*/online", true),
        ("/sys/class/net/eth0/mtu", true),
        ("kernel.osrelease", true),
        ("kernel.no-such", false),
    ] {
        let fits = is_here(name);
        // A machine with one CPU cannot switch it off.
        assert!(fits == here || name.contains("cpu*"), "{name}");
    }
}
