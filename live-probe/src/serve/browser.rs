//! Opening the reader's browser, where there is one.

use std::process::{Command, Stdio};

/// Why no browser was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// No screen to open one on.
    NoDisplay,
    /// The reader is on another computer.
    Ssh,
    /// A browser is not to be run as root.
    Root,
    /// The program that opens addresses is missing or failed at once.
    NoOpener,
}

/// What there is to decide by.
#[derive(Clone, Copy, Debug)]
struct Place {
    display: bool,
    ssh: bool,
    root: bool,
}

/// Asks the desktop to open `url` and does not wait for it.
///
/// # Errors
/// Why it was not asked. The address is then for the reader to open.
pub fn open(url: &str) -> Result<(), Closed> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let macos = cfg!(target_os = "macos");
    let wsl = set("WSL_DISTRO_NAME");
    let place = Place {
        display: macos || wsl || set("DISPLAY") || set("WAYLAND_DISPLAY"),
        ssh: set("SSH_CONNECTION"),
        root: rustix::process::geteuid().is_root() && !macos && !wsl,
    };
    may(place)?;
    let openers: &[&str] = match (macos, wsl) {
        (true, _) => &["open"],
        (_, true) => &["wslview", "xdg-open"],
        _ => &["xdg-open"],
    };
    openers.iter().find_map(|opener| start(opener, url).ok()).ok_or(Closed::NoOpener)
}

fn may(place: Place) -> Result<(), Closed> {
    match place {
        Place { ssh: true, .. } => Err(Closed::Ssh),
        Place { display: false, .. } => Err(Closed::NoDisplay),
        Place { root: true, .. } => Err(Closed::Root),
        _ => Ok(()),
    }
}

fn start(opener: &str, url: &str) -> std::io::Result<()> {
    use std::os::unix::process::CommandExt;
    // A group of its own: Ctrl-C ends us and not the browser.
    let mut child = Command::new(opener)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()?;
    // Some openers stay as long as the browser does; somebody must wait for them.
    let waiter = std::thread::Builder::new().name("browser".into()).stack_size(64 * 1024);
    waiter.spawn(move || drop(child.wait())).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_opened_only_where_its_reader_sits() {
        for (display, ssh, root, want) in [
            (true, false, false, Ok(())),
            (false, false, false, Err(Closed::NoDisplay)),
            (true, true, false, Err(Closed::Ssh)),
            (true, false, true, Err(Closed::Root)),
        ] {
            assert_eq!(may(Place { display, ssh, root }), want);
        }
    }

    #[test]
    fn an_opener_that_is_missing_is_no_failure_of_ours() {
        assert!(start("live-probe-no-such-opener", "http://127.0.0.1:1/").is_err());
        assert!(start("true", "http://127.0.0.1:1/").is_ok());
    }
}
