//! Connections drawn: hosts with their sockets by state, the local ports, one connection from its SYN
//! to its end.

mod curves;
mod hosts;
mod ladder;
mod ports;
mod words;

use sim_core::tcp_life::TcpLife;
use sim_core::{Event, Nanos, Text};

use crate::chart::Chart;
use crate::lines::Line;
use crate::measure::PX;
use crate::svg::Svg;
use crate::{Drawn, Mark, View};

/// What drawings of a run need to know of all of it.
pub type History = crate::History<Extra>;

/// What drawings need besides the metrics.
#[derive(Clone, Debug, Default)]
pub struct Extra {
    /// What is marked on the chart: the first of each kind.
    pub marks: Vec<Mark>,
}

/// Metrics that drawings read, by their place in the list.
pub(crate) mod metric {
    pub const ESTABLISHED: usize = 0;
    pub const TIME_WAIT: usize = 1;
    pub const FIN_WAIT2: usize = 2;
    pub const FAILED: usize = 8;
}

/// Kinds of events that are marked, with their names.
static MARKED: [(&str, Text); 8] = [
    ("fail", Text::fixed("포트 없음", "no port left")),
    ("reuse", Text::fixed("첫 넘겨받기", "first taken over")),
    ("overflow", Text::fixed("넘침", "overflow")),
    ("syn-drop", Text::fixed("SYN 버림", "SYN dropped")),
    ("restart", Text::fixed("서버 다시 시작", "server restarts")),
    ("bind-fail", Text::fixed("bind 실패", "bind fails")),
    ("bind", Text::fixed("다시 들음", "listens again")),
    ("expire", Text::fixed("첫 만료", "first expires")),
];

impl Drawn for TcpLife {
    type Extra = Extra;

    fn begin(&self) -> Extra {
        Extra::default()
    }

    fn observe(&self, happened: &[Event], extra: &mut Extra) {
        for event in happened {
            let Some((_, label)) = MARKED.iter().find(|(kind, _)| *kind == event.kind) else { continue };
            if extra.marks.iter().all(|mark| mark.label != *label) {
                extra.marks.push(Mark { at: event.t_ns, label: label.clone() });
            }
        }
    }

    fn lines() -> &'static [Line] {
        &curves::LINES
    }

    fn chart(history: &History, cursor: Nanos) -> Chart {
        curves::chart(history, cursor)
    }

    fn picture_title() -> Text {
        Text::fixed("호스트의 소켓과 로컬 포트", "Sockets of the hosts, and local ports")
    }

    fn describe(&self, _history: &History) -> Text {
        words::state(self)
    }

    fn draw_picture(&self, _history: &History, svg: &mut Svg, view: &View<'_>) -> i32 {
        let mut top = hosts::draw(self, svg, view) + 24 * PX;
        svg.group_at("f-ports", 0, top);
        top += ports::draw(self, svg, view) + 24 * PX;
        svg.close();
        svg.group_at("f-ladder", 0, top);
        top += ladder::draw(self, svg, view);
        svg.close();
        top
    }
}

/// A number with its thousands apart.
fn count(n: u32) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands_stand_apart() {
        for (n, want) in [(0, "0"), (999, "999"), (1000, "1,000"), (28_232, "28,232"), (1_000_000, "1,000,000")] {
            assert_eq!(super::count(n), want);
        }
    }
}
