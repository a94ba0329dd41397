//! `@numa/policy`: the memory policy of a thread that has set none, and where it may allocate.
#![allow(unsafe_code)]

use std::io;

/// Names of the policies, by number (`include/uapi/linux/mempolicy.h`).
const POLICIES: [&str; 7] =
    ["default", "preferred", "bind", "interleave", "local", "preferred-many", "weighted-interleave"];
/// Bits of a mask of nodes: as many nodes as a kernel is built for at most.
const NODES: usize = 1024;
/// `MPOL_F_MEMS_ALLOWED`.
const ALLOWED: libc::c_ulong = 4;

/// The policy and the allowed nodes.
///
/// # Errors
/// The kernel is built without NUMA, or refuses.
pub fn describe() -> io::Result<String> {
    let (mode, _) = get(0)?;
    let (_, nodes) = get(ALLOWED)?;
    // The upper bits are flags of the policy.
    let policy = POLICIES.get((mode & 0xff) as usize).copied().unwrap_or("unknown");
    Ok(format!("policy: {policy}\nnodes: {}\n", list(&nodes)))
}

fn get(flags: libc::c_ulong) -> io::Result<(u32, [u64; NODES / 64])> {
    let mut mode: libc::c_int = 0;
    let mut mask = [0u64; NODES / 64];
    let mode_at: *mut libc::c_int = if flags == 0 { &mut mode } else { std::ptr::null_mut() };
    // SAFETY: both pointers are to memory that lives as long as the call, the mask as long as said;
    // no address is asked about.
    let result = unsafe {
        libc::syscall(
            libc::SYS_get_mempolicy,
            mode_at,
            mask.as_mut_ptr(),
            NODES as libc::c_ulong,
            std::ptr::null_mut::<libc::c_void>(),
            flags,
        )
    };
    if result != 0 { Err(io::Error::last_os_error()) } else { Ok((mode.cast_unsigned(), mask)) }
}

/// A mask as the kernel writes lists: `0-3,8`.
fn list(mask: &[u64]) -> String {
    let set: Vec<usize> = (0..mask.len() * 64).filter(|bit| mask[bit / 64] >> (bit % 64) & 1 == 1).collect();
    let ranges = set.chunk_by(|a, b| a + 1 == *b).map(|range| match range {
        [one] => one.to_string(),
        _ => format!("{}-{}", range[0], range[range.len() - 1]),
    });
    ranges.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_written_as_lists() {
        for (mask, want) in [([0u64, 0], ""), ([1, 0], "0"), ([0b1_0000_1111, 0], "0-3,8"), ([1 << 63, 1], "63-64")] {
            assert_eq!(list(&mask), want);
        }
    }

    #[test]
    fn a_thread_that_has_set_nothing_has_the_default() {
        match describe() {
            Ok(text) => assert!(text.starts_with("policy: default\nnodes: 0"), "{text}"),
            // Built without NUMA, or in a container that forbids the call.
            Err(error) => assert!(matches!(error.raw_os_error(), Some(libc::ENOSYS | libc::EPERM)), "{error}"),
        }
    }
}
