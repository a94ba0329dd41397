//! What the commands need that cargo does not bring: rustup targets, a browser and its driver.

use std::collections::BTreeSet;
use std::process::{Command, Stdio};

use super::Failure;
use super::workspace::{output, run, step, which};

/// Makes sure a compilation target is installed.
///
/// # Errors
/// It is missing and cannot be added.
pub fn add_target(target: &str) -> Result<(), Failure> {
    if has_target(target)? {
        return Ok(());
    }
    if which("rustup").is_none() {
        return Err(Failure::new(format!(
            "the Rust target {target} is missing and there is no rustup to add it; \
             install the standard library for {target} the way this Rust was installed"
        )));
    }
    step(&format!("rustup target add {target}"), || run(Command::new("rustup").args(["target", "add", target])))
}

fn has_target(target: &str) -> Result<bool, Failure> {
    let libdir = output(Command::new("rustc").args(["--print", "target-libdir", "--target", target]))?;
    let files = std::fs::read_dir(libdir.trim());
    Ok(files.is_ok_and(|mut files| {
        files.any(|file| file.is_ok_and(|file| file.file_name().to_string_lossy().starts_with("libcore-")))
    }))
}

/// The browser that runs the browser tests.
#[derive(Clone, Debug)]
pub struct Browser {
    /// Chromium or Chrome.
    pub browser: String,
    /// Its driver.
    pub driver: String,
}

/// One thing that tests need, and how Debian and its children call it.
struct Need {
    what: &'static str,
    package: &'static str,
    present: fn() -> bool,
}

/// What the browser tests need.
const BROWSER: &[Need] = &[
    Need { what: "Chromium", package: "chromium", present: || browser_path().is_some() },
    Need { what: "ChromeDriver", package: "chromium-driver", present: || which("chromedriver").is_some() },
    Need { what: "a Korean font", package: "fonts-noto-cjk", present: has_korean_font },
];

/// What opens the captures that simulators export.
const CAPTURE: &[Need] = &[
    Need { what: "tcpdump", package: "tcpdump", present: || which("tcpdump").is_some() },
    Need { what: "tshark", package: "tshark", present: || which("tshark").is_some() },
];

fn browser_path() -> Option<std::path::PathBuf> {
    ["chromium", "chromium-browser", "google-chrome", "chrome"].into_iter().find_map(which)
}

fn has_korean_font() -> bool {
    let list = Command::new("fc-list").args([":lang=ko", "family"]).stderr(Stdio::null()).output();
    list.is_ok_and(|list| list.stdout.iter().any(|byte| !byte.is_ascii_whitespace()))
}

/// The programs that the text has a reader type, and the Debian packages that bring them.
const TYPED: [(&str, &str); 26] = [
    ("ab", "apache2-utils"),
    ("curl", "curl"),
    ("ethtool", "ethtool"),
    ("fsfreeze", "util-linux"),
    ("hostname", "hostname"),
    ("iostat", "sysstat"),
    ("ip", "iproute2"),
    ("lsblk", "util-linux"),
    ("lscpu", "util-linux"),
    ("mkfs.ext4", "e2fsprogs"),
    ("nstat", "iproute2"),
    ("numactl", "numactl"),
    ("numastat", "numactl"),
    ("ps", "procps"),
    ("python3", "python3"),
    ("redis-server", "redis-server"),
    ("setpriv", "util-linux"),
    ("slabtop", "procps"),
    ("ss", "iproute2"),
    ("strace", "strace"),
    ("tcpdump", "tcpdump"),
    ("top", "procps"),
    ("tshark", "tshark"),
    ("unshare", "util-linux"),
    ("vmstat", "procps"),
    ("wrk", "wrk"),
];

/// Finds the programs that the commands of the text need, and installs what is missing where that is
/// allowed.
///
/// # Errors
/// What is missing, and exactly how to install it.
pub fn typed() -> Result<(), Failure> {
    if !cfg!(target_os = "linux") {
        return Err(Failure::new("the commands of the text are for Linux"));
    }
    let wanted =
        || TYPED.iter().filter(|(program, _)| which(program).is_none()).map(|(what, package)| (*what, *package));
    provide(&wanted)
}

/// Finds what the browser tests need, and installs what is missing where that is allowed.
///
/// # Errors
/// What is missing, and exactly how to install it.
pub fn browser() -> Result<Browser, Failure> {
    provide_all(BROWSER, "Elsewhere install Chromium with its chromedriver and a font with Hangul")?;
    let text = |path: Option<std::path::PathBuf>| path.map(|p| p.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Browser { browser: text(browser_path()), driver: text(which("chromedriver")) })
}

/// Finds what opens captures, and installs what is missing where that is allowed.
///
/// # Errors
/// What is missing, and exactly how to install it.
pub fn capture() -> Result<(), Failure> {
    provide_all(CAPTURE, "Elsewhere install tcpdump and Wireshark's tshark")
}

fn provide_all(needs: &[Need], elsewhere: &str) -> Result<(), Failure> {
    let wanted = || needs.iter().filter(|need| !(need.present)()).map(|need| (need.what, need.package));
    provide(&wanted).map_err(|failure| Failure::new(format!("{failure}. {elsewhere}")))
}

/// Installs what is missing, where that is allowed; `missing` names it with its package.
fn provide<M: Iterator<Item = (&'static str, &'static str)>>(missing: &dyn Fn() -> M) -> Result<(), Failure> {
    let packages = || missing().map(|(_, package)| package).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>();
    let wanted = packages();
    if !wanted.is_empty() && may_install() {
        // What it could not install is told below, with what to type.
        let _ = step(&format!("apt-get install {}", wanted.join(" ")), || apt_install(&wanted));
    }
    let what: Vec<_> = missing().map(|(what, _)| what).collect();
    if what.is_empty() {
        return Ok(());
    }
    let how = packages().join(" ");
    Err(Failure::new(format!("missing: {}. On Debian or Ubuntu: sudo apt-get install {how}", what.join(", "))))
}

/// Packages are only installed by root, with apt: anything else would ask questions.
fn may_install() -> bool {
    let root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout.starts_with(b"0\n"));
    root && which("apt-get").is_some()
}

/// Some images delete downloaded packages after each step, which makes a long installation stop in
/// the middle: their hook is cleared for this one.
fn apt_install(packages: &[&str]) -> Result<(), Failure> {
    let options = tempfile::NamedTempFile::new().map_err(|error| Failure::of("temporary file", error))?;
    std::fs::write(options.path(), "#clear DPkg::Post-Invoke;\n")
        .map_err(|error| Failure::of("temporary file", error))?;
    let apt = || {
        let mut command = Command::new("apt-get");
        command.arg("--config-file").arg(options.path()).arg("--quiet").env("DEBIAN_FRONTEND", "noninteractive");
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command
    };
    let install = || {
        let mut command = apt();
        command.args(["install", "--yes", "--no-install-recommends"]).args(packages);
        run(&mut command)
    };
    // A fresh image has no list of packages yet; one with a list needs no new one.
    install().or_else(|_| run(apt().arg("update")).and_then(|()| install()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_target_is_installed() {
        let host = output(Command::new("rustc").args(["--print", "host-tuple"])).unwrap();
        assert!(has_target(host.trim()).unwrap());
        assert!(!has_target("avr-none").unwrap_or(false));
    }
}
