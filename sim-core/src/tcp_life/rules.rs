//! What changed from kernel to kernel.

use crate::{KernelVersion, Text};

/// The rules of one kernel version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// What ends a TIME_WAIT.
    pub bucket: Bucket,
    /// Whether `connect()` tries ports of one parity first, in steps of two (4.2).
    pub parity: bool,
    /// Whether each destination remembers by itself how far its search has come, with some
    /// randomness (5.12); before, one number did for the whole machine.
    pub perturb: bool,
    /// Whether there is `tcp_tw_recycle` (until 4.11).
    pub recycle: bool,
    /// Whether each connection's timestamps begin at a random value (4.10).
    pub random_timestamps: bool,
    /// Whether 2 of `tcp_tw_reuse` means loopback only (4.19); before, any value but 0 meant yes.
    pub reuse_loopback: bool,
    /// Whether there is `tcp_tw_reuse_delay` (6.14); before, seconds were compared.
    pub reuse_delay: bool,
}

/// What ends a TIME_WAIT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bucket {
    /// Until 4.0: one timer for all, with eight slots, 7.5 s apart.
    Slots,
    /// 4.1 to 4.7: a timer each, to the jiffy.
    Jiffies,
    /// Since 4.8: a timer each, in a wheel that rounds long times up.
    Wheel,
}

impl Rules {
    /// The rules of a version.
    ///
    /// # Errors
    /// Why a version is not modelled.
    pub fn of(kernel: KernelVersion) -> Result<Rules, Text> {
        let v = KernelVersion::new;
        if kernel < v(2, 6, 32) || kernel >= v(8, 0, 0) {
            return Err(Text::fixed(
                "2.6.32부터 7.x까지의 커널만 모델링했습니다",
                "only kernels from 2.6.32 to 7.x are modelled",
            ));
        }
        let bucket = match kernel {
            k if k < v(4, 1, 0) => Bucket::Slots,
            k if k < v(4, 8, 0) => Bucket::Jiffies,
            _ => Bucket::Wheel,
        };
        Ok(Rules {
            bucket,
            parity: kernel >= v(4, 2, 0),
            perturb: kernel >= v(5, 12, 0),
            recycle: kernel < v(4, 12, 0),
            random_timestamps: kernel >= v(4, 10, 0),
            reuse_loopback: kernel >= v(4, 19, 0),
            reuse_delay: kernel >= v(6, 14, 0),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_the_rules_of_their_time() {
        use Bucket::{Jiffies, Slots, Wheel};
        let flags = |r: Rules| {
            let all = [r.parity, r.perturb, r.recycle, r.random_timestamps, r.reuse_loopback, r.reuse_delay];
            (r.bucket, all.map(u8::from))
        };
        for (kernel, want) in [
            ("2.6.31", None),
            ("2.6.32", Some((Slots, [0, 0, 1, 0, 0, 0]))),
            ("3.10", Some((Slots, [0, 0, 1, 0, 0, 0]))),
            ("4.1", Some((Jiffies, [0, 0, 1, 0, 0, 0]))),
            ("4.2", Some((Jiffies, [1, 0, 1, 0, 0, 0]))),
            ("4.8", Some((Wheel, [1, 0, 1, 0, 0, 0]))),
            ("4.11", Some((Wheel, [1, 0, 1, 1, 0, 0]))),
            ("4.12", Some((Wheel, [1, 0, 0, 1, 0, 0]))),
            ("4.18", Some((Wheel, [1, 0, 0, 1, 0, 0]))),
            ("5.10", Some((Wheel, [1, 0, 0, 1, 1, 0]))),
            ("6.12", Some((Wheel, [1, 1, 0, 1, 1, 0]))),
            ("6.18", Some((Wheel, [1, 1, 0, 1, 1, 1]))),
            ("8.0", None),
        ] {
            assert_eq!(Rules::of(kernel.parse().unwrap()).ok().map(flags), want, "{kernel}");
        }
    }
}
