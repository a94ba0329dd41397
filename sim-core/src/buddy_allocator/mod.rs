//! The buddy allocator: how page frames are handed out, split, merged and kept apart.

mod fallback;
mod files;
mod pcp;
#[cfg(feature = "golden")]
mod replay;
mod rules;
mod watermark;
mod zone;

#[cfg(feature = "golden")]
pub use replay::replay;
pub use rules::{Fallback, PcpEra, Rules};
