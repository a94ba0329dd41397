//! Kernel versions as scenarios and traces name them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The part of a kernel release that decides behaviour: `6.12.107+deb13-amd64` is 6.12.107.
///
/// A distribution that carries an old number with newer code is named by its own number
/// (RHEL 7 is 3.10, RHEL 8 is 4.18); where that misleads, the model says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct KernelVersion {
    /// First number.
    pub major: u16,
    /// Second number.
    pub minor: u16,
    /// Third number, 0 when the release does not say.
    pub patch: u16,
}

impl KernelVersion {
    /// The version `major.minor.patch`.
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        KernelVersion { major, minor, patch }
    }
}

/// Before 3.0 the third number is part of the release's name; after it, a stable update.
impl fmt::Display for KernelVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)?;
        if self.patch != 0 {
            write!(f, ".{}", self.patch)?;
        }
        Ok(())
    }
}

/// Not a kernel release.
#[derive(Debug, PartialEq, Eq)]
pub struct NotAVersion;

impl FromStr for KernelVersion {
    type Err = NotAVersion;

    fn from_str(release: &str) -> Result<Self, NotAVersion> {
        let mut parts = release.splitn(3, '.');
        let major = parts.next().and_then(|p| p.parse().ok()).ok_or(NotAVersion)?;
        let minor = parts.next().and_then(leading_number).ok_or(NotAVersion)?;
        let patch = parts.next().and_then(leading_number).unwrap_or(0);
        Ok(KernelVersion { major, minor, patch })
    }
}

fn leading_number(text: &str) -> Option<u16> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    text[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_are_read_as_uname_prints_them() {
        for (release, want) in [
            ("6.12.107+deb13-amd64", Some((6, 12, 107))),
            ("5.10.0-32-amd64", Some((5, 10, 0))),
            ("2.6.32-642.el6.x86_64", Some((2, 6, 32))),
            ("4.7", Some((4, 7, 0))),
            ("7.3-rc1", Some((7, 3, 0))),
            ("6", None),
            ("six.one", None),
            ("", None),
            ("99999.1", None),
        ] {
            let got = release.parse::<KernelVersion>().ok().map(|v| (v.major, v.minor, v.patch));
            assert_eq!(got, want, "{release:?}");
        }
    }

    #[test]
    fn order_is_the_order_of_releases() {
        assert!(KernelVersion::new(2, 6, 36) < KernelVersion::new(2, 6, 37));
        assert!(KernelVersion::new(4, 6, 7) < KernelVersion::new(4, 7, 0));
        assert!(KernelVersion::new(5, 10, 0) > KernelVersion::new(5, 9, 16));
    }
}
