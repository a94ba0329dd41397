//! Bounded loads that an exercise asks for, and the recording of what the machine made of them.
//!
//! [`plan`] says what will run and refuses what is too much; [`runner`] runs it, with a
//! [`supervisor`] process between this program and each [`task`]; [`recorder`] writes down what
//! the machine says; [`lock`] lets one run at a time; [`mod@keep`] keeps the recording for `check`.

mod announce;
mod args;
mod background;
mod command;
mod consent;
mod keep;
mod lock;
mod order;
mod plan;
mod recorder;
mod runner;
mod strain;
mod supervisor;
#[cfg_attr(not(target_os = "linux"), path = "sys_elsewhere.rs")]
mod sys;
#[cfg_attr(not(target_os = "linux"), path = "task_elsewhere.rs")]
mod task;
mod trial;
mod undo;

use std::path::Path;

use sim_core::{Text, text};

pub use args::{Args, HELP};
pub use background::{Running, Status};
pub use command::run;
pub use consent::consent;
pub use keep::{keep, write_new, write_whole};
pub use lock::Lock;
pub use plan::{Plan, lines};
pub use runner::{Progress, Refused, run as run_plan};
pub use supervisor::{COMMAND as HIDDEN_COMMAND, main as hidden_main};

/// Why a load failed whose tasks got no CPU to end with.
const LATE: &str = "the tasks did not end in time";

/// Why a load failed, for a reader.
pub fn why_failed(why: &str) -> Text {
    match why {
        LATE => Text::fixed(
            "부하가 제때 끝나지 못해 밖에서 끝냈습니다. 컴퓨터가 너무 바쁘면 이렇게 됩니다. 조용할 때 다시 실행하십시오.",
            "The load did not end in time and was ended from outside, as happens on a machine that is too busy. Run it again when it is quiet.",
        ),
        why => Text::verbatim(why.to_owned()),
    }
}

/// The signals that ask a program to end, as something to be read.
///
/// # Errors
/// No descriptor is left.
pub fn endings() -> std::io::Result<sys::SignalFd> {
    sys::SignalFd::block(&sys::ENDINGS)
}

/// The signals that ask a program to end, as something to be read; and the kernel ends it some time
/// after `seconds` in any case.
///
/// # Errors
/// No descriptor is left.
pub fn asked_to_end(seconds: u32) -> std::io::Result<sys::SignalFd> {
    const GRACE: std::time::Duration = std::time::Duration::from_secs(180);
    sys::fresh_signals();
    sys::end_after(std::time::Duration::from_secs(seconds.into()) + GRACE);
    sys::take_name("probe-incident");
    sys::SignalFd::block(&sys::ENDINGS)
}

/// A place that could not be used.
fn cannot(path: &Path, error: &std::io::Error) -> Text {
    let path = path.display();
    text!(
        ko: "{path}: 쓸 수 없습니다({error}). 쓸 수 있는 폴더를 LIVE_PROBE_STATE_DIR에 지정할 수 있습니다.",
        en: "{path}: cannot be used ({error}). A folder that can be written may be named in LIVE_PROBE_STATE_DIR."
    )
}
