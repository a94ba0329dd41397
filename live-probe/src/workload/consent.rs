//! Whether the reader agrees to a load.

use std::io::{IsTerminal, Write};

use exercises::Machine;
use sim_core::{Text, text};

use super::plan::lines;
use super::strain::strain;
use crate::context::{Context, Failure};

/// Whether to start: asked on a terminal, given by `--yes` elsewhere.
///
/// # Errors
/// There is nobody to ask.
pub fn consent(machine: &dyn Machine, cpus: u32, yes: bool, word: &str, context: &Context) -> Result<bool, Failure> {
    let strain = strain(machine, cpus);
    let busy = !strain.is_empty();
    if busy {
        let Text { ko, en } = lines(strain);
        context.say(&text!(
            ko: "이 컴퓨터는 이미 바쁩니다. 다른 사람이 쓰는 서버라면 시작하지 마십시오.\n{ko}",
            en: "This machine is busy already. If it serves other people, do not start.\n{en}"
        ));
    }
    if yes {
        return Ok(true);
    }
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Failure::usage(text!(
            ko: "{word}: 물어볼 터미널이 없어 시작하지 않았습니다. 위의 계획대로 시작하려면 --yes를 붙이십시오.",
            en: "{word}: not started, as there is no terminal to ask on. To start as planned above, add --yes."
        )));
    }
    let question = if busy {
        Text::fixed("그래도 시작하려면 yes를 입력하십시오: ", "To start nevertheless, type yes: ")
    } else {
        Text::fixed("시작할까요? [Y/n] ", "Start? [Y/n] ")
    };
    let mut err = std::io::stderr().lock();
    let _ = err.write_all(question.get(context.lang).as_bytes()).and_then(|()| err.flush());
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    let answer = answer.trim().to_lowercase();
    let ended = read.is_ok_and(|bytes| bytes == 0);
    Ok(!ended
        && if busy { answer == "yes" } else { matches!(answer.as_str(), "" | "y" | "yes" | "ㅛ" | "예" | "네") })
}
