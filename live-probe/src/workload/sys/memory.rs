//! Memory: where its pages come from, and how large they are.

use std::io;

/// `MPOL_BIND`: pages only from the nodes named.
pub const BIND: libc::c_int = 2;
/// `MPOL_INTERLEAVE`: pages from each node named in turn.
pub const INTERLEAVE: libc::c_int = 3;
/// Most nodes a mask can name here.
pub const NODES: usize = 1024;

/// Has memory that this process touches from now on come from `nodes` as `mode` says
/// (`set_mempolicy(2)`).
///
/// # Errors
/// The kernel has no such policy, or one of the nodes is not there or not allowed.
pub fn set_policy(mode: libc::c_int, nodes: &[u32]) -> io::Result<()> {
    let mut mask = [0 as libc::c_ulong; NODES / libc::c_ulong::BITS as usize];
    for &node in nodes {
        let (word, bit) = (node / libc::c_ulong::BITS, node % libc::c_ulong::BITS);
        *mask.get_mut(word as usize).ok_or(io::ErrorKind::InvalidInput)? |= 1 << bit;
    }
    // SAFETY: the mask is as long as is said; the kernel reads one bit less than the number given.
    let done = unsafe { libc::syscall(libc::SYS_set_mempolicy, mode, mask.as_ptr(), (NODES + 1) as libc::c_ulong) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Has this process's memory come in small pages, so that each touch counts as one.
pub fn small_pages() {
    let none: libc::c_ulong = 0;
    let on: libc::c_ulong = 1;
    // SAFETY: prctl with plain numbers; a kernel that does not know it refuses.
    unsafe { libc::prctl(libc::PR_SET_THP_DISABLE, on, none, none, none) };
}
