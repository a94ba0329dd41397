//! Bounded loads that an exercise asks for, and the recording of what the machine made of them.
//!
//! [`plan`] says what will run and refuses what is too much; [`runner`] runs it, with a
//! [`supervisor`] process between this program and each [`task`]; [`recorder`] writes down what
//! the machine says; [`lock`] lets one run at a time; [`keep`] keeps the recording for `check`.

mod announce;
mod args;
mod background;
mod command;
mod keep;
mod lock;
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
pub use keep::{write_new, write_whole};
pub use plan::Plan;
pub use runner::Progress;
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

/// A place that could not be used.
fn cannot(path: &Path, error: &std::io::Error) -> Text {
    let path = path.display();
    text!(
        ko: "{path}: 쓸 수 없습니다({error}). 쓸 수 있는 폴더를 LIVE_PROBE_STATE_DIR에 지정할 수 있습니다.",
        en: "{path}: cannot be used ({error}). A folder that can be written may be named in LIVE_PROBE_STATE_DIR."
    )
}
