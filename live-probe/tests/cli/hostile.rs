//! A root that was made to hurt: every file an exercise reads is there, and none is what it should be.

use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Done, Probe, read};

/// Words that lie outside the root; nothing printed may hold them.
const SECRET: &str = "outside-of-the-root-7f3a";
/// A run that takes longer hangs. Bounds on reads are a second or so each; a whole `check all` with
/// every one of them reached stays far below.
const HANGS: Duration = Duration::from_secs(120);

/// Puts something at a path, given a file outside the root.
type Trap = fn(&Path, &Path);
/// What stands where a kernel file should.
const TRAPS: [(&str, Trap); 12] = [
    ("a FIFO nobody writes to", |path, _| {
        assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
    }),
    ("a link out of the root", |path, outside| symlink(outside, path).unwrap()),
    ("a link upwards out of the root", |path, outside| {
        let up = "../".repeat(40) + outside.to_str().unwrap().trim_start_matches('/');
        symlink(up, path).unwrap();
    }),
    ("a link to itself", |path, _| symlink(path.file_name().unwrap(), path).unwrap()),
    ("a folder", |path, _| std::fs::create_dir(path).unwrap()),
    ("nothing", |path, _| std::fs::write(path, "").unwrap()),
    ("binary", |path, _| std::fs::write(path, [0xff, 0, 0xfe, b'\n', 0x1b, b'[', b'2', b'J']).unwrap()),
    ("a huge line", |path, _| std::fs::write(path, "9".repeat(3 << 20)).unwrap()),
    ("many lines", |path, _| std::fs::write(path, "a: 1 kB\n".repeat(400_000)).unwrap()),
    ("more than any number", |path, _| {
        std::fs::write(path, "cpu 99999999999999999999999 -1 1e999 NaN 18446744073709551616\n").unwrap();
    }),
    ("a file without end", |path, _| std::fs::File::create(path).unwrap().set_len(1 << 40).unwrap()),
    ("what nobody may read", |path, _| {
        std::fs::write(path, "secret").unwrap();
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o0)).unwrap();
    }),
];

/// Every plain path that some exercise reads, with what stands for a whole folder filled in.
fn paths() -> Vec<String> {
    let mut paths: Vec<String> = exercises::catalogue().iter().flat_map(exercises::Exercise::reads).collect();
    paths.extend(["/proc/self/status", "/proc/version", "/etc/os-release"].map(str::to_owned));
    paths.retain(|path| path.starts_with('/') && path.matches(['*', '{', '[']).count() == 0);
    paths.sort();
    paths.dedup();
    // A path below another cannot be a file too.
    let all = paths.clone();
    paths.retain(|path| !all.iter().any(|other| other.starts_with(&format!("{path}/"))));
    paths
}

/// Runs a command and kills it when it hangs.
fn run(probe: &Probe, line: &str) -> Option<Done> {
    let mut child =
        probe.command(line).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let drain = |mut from: Box<dyn std::io::Read + Send>| {
        std::thread::spawn(move || {
            let mut all = Vec::new();
            let _ = from.read_to_end(&mut all);
            all
        })
    };
    let (out, err) = (drain(Box::new(out)), drain(Box::new(err)));
    let began = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break Some(status);
        }
        if began.elapsed() > HANGS {
            child.kill().unwrap();
            child.wait().unwrap();
            break None;
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    let (stdout, stderr) = (out.join().unwrap(), err.join().unwrap());
    status.map(|status| read(&std::process::Output { status, stdout, stderr }))
}

fn root_of(probe: &Probe, trap: usize, outside: &Path) -> std::path::PathBuf {
    let root = probe.path(&format!("root-{trap}"));
    for path in paths() {
        let file = root.join(&path[1..]);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        TRAPS[trap].1(&file, outside);
    }
    root
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
fn a_hostile_root_neither_holds_nor_leaks_nor_breaks() {
    let probe = Probe::new();
    let outside = probe.path("outside");
    std::fs::write(&outside, SECRET).unwrap();
    assert!(paths().len() > 60, "{}", paths().len());
    for (trap, (what, _)) in TRAPS.iter().enumerate() {
        let root = root_of(&probe, trap, &outside);
        let root = root.display();
        for (command, codes) in [
            ("check all --format json", &[100, 101][..]),
            ("doctor --format json", &[0, 2]),
            ("top ch03 --once", &[0, 2]),
        ] {
            let line = format!("--root {root} {command}");
            let done = run(&probe, &line).unwrap_or_else(|| panic!("{what}: `{command}` hangs"));
            assert!(codes.contains(&done.code), "{what}: `{command}`: {done:?}");
            assert!(!done.err.contains("panicked"), "{what}: `{command}`: {}", done.err);
            assert!(!done.out.contains(SECRET) && !done.err.contains(SECRET), "{what}: `{command}` reads outside");
        }
    }
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
fn files_that_come_and_go_are_a_verdict() {
    let probe = Probe::new();
    let root = probe.path("root");
    let file = root.join("proc/loadavg");
    crate::write(&root.join("proc/sys/kernel/osrelease"), "6.1.0\n");
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                crate::write(&file, "0.00 0.01 0.05 1/100 1234\n");
                let _ = std::fs::remove_file(&file);
            }
        });
        for _ in 0..20 {
            let line = format!("--root {} check ch03-load-average --format json", root.display());
            let done = run(&probe, &line).expect("does not hang");
            assert!([100, 101].contains(&done.code) && !done.err.contains("panicked"), "{done:?}");
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}
