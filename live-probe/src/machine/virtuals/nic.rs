//! `@nic/IF/ring`, `@nic/IF/features`, `@nic/IF/driver`: what `ethtool -g`, `-k` and `-i` show, through
//! `SIOCETHTOOL` (`net/ethtool/ioctl.c: __dev_ethtool`). Only commands that read are used.
#![allow(unsafe_code)]

use std::fmt::Write as _;
use std::io;
use std::os::fd::{AsFd, AsRawFd};

use rustix::net::{AddressFamily, SocketType};

const GET_DRIVER: u32 = 0x03;
const GET_RING: u32 = 0x10;
const GET_STRINGS: u32 = 0x1b;
const GET_SET_INFO: u32 = 0x37;
const GET_FEATURES: u32 = 0x3a;
/// `ETH_SS_FEATURES`.
const FEATURES: u32 = 4;
/// Most features; a kernel has about 60.
const MOST: usize = 256;
/// Length of a feature's name.
const NAME: usize = 32;

/// The text of one of the three.
///
/// # Errors
/// There is no such interface, or its driver does not say.
pub fn describe(interface: &str, what: &str) -> io::Result<String> {
    match what {
        "ring" => ring(interface),
        "features" => features(interface),
        "driver" => driver(interface),
        _ => Err(io::Error::from_raw_os_error(libc::ENOENT)),
    }
}

/// `struct ifreq` with the pointer of its union.
#[repr(C)]
struct Request {
    name: [u8; libc::IFNAMSIZ],
    data: *mut libc::c_void,
    rest: [u8; 16],
}

/// Runs a command on its block of memory, of which the first number is the command.
fn call(interface: &str, block: &mut [u32]) -> io::Result<()> {
    let mut name = [0; libc::IFNAMSIZ];
    let bytes = interface.as_bytes();
    if bytes.is_empty() || bytes.len() >= name.len() {
        return Err(io::Error::from_raw_os_error(libc::ENOENT));
    }
    name[..bytes.len()].copy_from_slice(bytes);
    let socket = rustix::net::socket(AddressFamily::INET, SocketType::DGRAM, None)?;
    let mut request = Request { name, data: block.as_mut_ptr().cast(), rest: [0; 16] };
    // SAFETY: the request is a whole `struct ifreq`; the block is longer than what its command, which
    // only reads from the driver, writes to it, as each caller below sees to.
    let result = unsafe { libc::ioctl(socket.as_fd().as_raw_fd(), libc::SIOCETHTOOL as _, &mut request) };
    if result < 0 {
        let error = io::Error::last_os_error();
        // A driver without such a thing, and an interface that is not there, are a lack.
        return Err(match error.raw_os_error() {
            Some(libc::EOPNOTSUPP | libc::ENODEV | libc::EINVAL) => io::Error::from_raw_os_error(libc::ENOENT),
            _ => error,
        });
    }
    Ok(())
}

fn ring(interface: &str) -> io::Result<String> {
    // struct ethtool_ringparam: nine numbers.
    let mut block = [0; 16];
    block[0] = GET_RING;
    call(interface, &mut block)?;
    let [_, rx_max, _, _, tx_max, rx, _, _, tx, ..] = block;
    Ok(format!("rx: {rx}\nrx_max: {rx_max}\ntx: {tx}\ntx_max: {tx_max}\n"))
}

fn driver(interface: &str) -> io::Result<String> {
    // struct ethtool_drvinfo: the command, five texts of 32 bytes and 32 bytes of other things.
    let mut block = [0; 64];
    block[0] = GET_DRIVER;
    call(interface, &mut block)?;
    let bytes: Vec<u8> = block.iter().flat_map(|word| word.to_ne_bytes()).collect();
    let text = |i: usize| words(&bytes[4 + i * 32..4 + (i + 1) * 32]);
    let (driver, version, firmware, bus) = (text(0), text(1), text(2), text(3));
    Ok(format!("driver: {driver}\nversion: {version}\nfirmware-version: {firmware}\nbus-info: {bus}\n"))
}

/// A text up to its first null byte, in letters a terminal can take.
fn words(bytes: &[u8]) -> String {
    let text = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    text.iter().map(|byte| if (32..127).contains(byte) { char::from(*byte) } else { '?' }).collect()
}

/// A feature of an interface.
struct Feature {
    name: String,
    on: bool,
    fixed: bool,
}

fn features(interface: &str) -> io::Result<String> {
    // struct ethtool_sset_info: command, a mask of 64 bits, the count.
    let mut info = [0; 8];
    (info[0], info[2]) = (GET_SET_INFO, 1 << FEATURES);
    call(interface, &mut info)?;
    let count = (info[4] as usize).min(MOST);
    // struct ethtool_gstrings: command, which, how many, the names. The kernel writes as many as it
    // counted, so there is room for more than were asked about.
    let mut names = vec![0; 3 + (info[4] as usize + 8) * NAME / 4];
    (names[0], names[1], names[2]) = (GET_STRINGS, FEATURES, info[4]);
    call(interface, &mut names)?;
    // struct ethtool_gfeatures: command, blocks, and four numbers a block.
    let blocks = count.div_ceil(32);
    let mut bits = vec![0; 2 + blocks * 4];
    (bits[0], bits[1]) = (GET_FEATURES, blocks as u32);
    call(interface, &mut bits)?;
    let names: Vec<u8> = names[3..].iter().flat_map(|word| word.to_ne_bytes()).collect();
    let feature = |i: usize| {
        let bit = |which: usize| bits[2 + i / 32 * 4 + which] >> (i % 32) & 1 == 1;
        let (available, active, never_changed) = (bit(0), bit(2), bit(3));
        let name = words(&names[i * NAME..(i + 1) * NAME]);
        Feature { name, on: active, fixed: !available || never_changed }
    };
    Ok(listing(&(0..count).map(feature).filter(|feature| !feature.name.is_empty()).collect::<Vec<_>>()))
}

/// The names people know, and the kernel's own features each stands for.
const GROUPS: [(&str, &[&str]); 11] = [
    ("rx-checksumming", &["rx-checksum"]),
    (
        "tx-checksumming",
        &["tx-checksum-ipv4", "tx-checksum-ip-generic", "tx-checksum-ipv6", "tx-checksum-fcoe-crc", "tx-checksum-sctp"],
    ),
    ("scatter-gather", &["tx-scatter-gather", "tx-scatter-gather-fraglist"]),
    (
        "tcp-segmentation-offload",
        &["tx-tcp-segmentation", "tx-tcp-ecn-segmentation", "tx-tcp-mangleid-segmentation", "tx-tcp6-segmentation"],
    ),
    ("generic-segmentation-offload", &["tx-generic-segmentation"]),
    ("generic-receive-offload", &["rx-gro"]),
    ("large-receive-offload", &["rx-lro"]),
    ("rx-vlan-offload", &["rx-vlan-hw-parse"]),
    ("tx-vlan-offload", &["tx-vlan-hw-insert"]),
    ("ntuple-filters", &["rx-ntuple-filter"]),
    ("receive-hashing", &["rx-hashing"]),
];

fn listing(features: &[Feature]) -> String {
    let mut out = String::new();
    let mut write = |name: &str, on: bool, fixed: bool| {
        let (state, mark) = (if on { "on" } else { "off" }, if fixed { " [fixed]" } else { "" });
        let _ = writeln!(out, "{name}: {state}{mark}");
    };
    for (group, parts) in GROUPS {
        let of_group: Vec<_> = features.iter().filter(|feature| parts.contains(&feature.name.as_str())).collect();
        if !of_group.is_empty() {
            let (on, fixed) = (of_group.iter().any(|part| part.on), of_group.iter().all(|part| part.fixed));
            write(group, on, fixed);
        }
    }
    for feature in features {
        write(&feature.name, feature.on, feature.fixed);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_on_when_a_part_is() {
        let feature = |name: &str, on, fixed| Feature { name: name.into(), on, fixed };
        let text = listing(&[
            feature("tx-tcp-segmentation", true, false),
            feature("tx-tcp6-segmentation", false, true),
            feature("rx-lro", false, true),
        ]);
        for line in [
            "tcp-segmentation-offload: on",
            "large-receive-offload: off [fixed]",
            "tx-tcp-segmentation: on",
            "tx-tcp6-segmentation: off [fixed]",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}: {text}");
        }
        assert!(!text.contains("receive-hashing"));
    }

    #[test]
    fn the_loopback_has_features_and_no_ring() {
        let features = describe("lo", "features").unwrap();
        assert!(features.lines().any(|line| line.starts_with("generic-receive-offload: ")), "{features}");
        for (interface, what) in
            [("lo", "ring"), ("no-such-nic", "features"), ("much-too-long-a-name", "ring"), ("", "ring")]
        {
            let error = describe(interface, what).unwrap_err();
            assert_eq!(error.raw_os_error(), Some(libc::ENOENT), "{interface} {what}");
        }
    }
}
