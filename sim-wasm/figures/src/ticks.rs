//! Round numbers on axes, and times as a person would say them.

use sim_core::{Lang, MILLISECOND, Nanos, SECOND};

const MINUTE: Nanos = 60 * SECOND;

/// Steps a time axis may have.
const TIME_STEPS: &[Nanos] = &[
    MILLISECOND,
    2 * MILLISECOND,
    5 * MILLISECOND,
    10 * MILLISECOND,
    20 * MILLISECOND,
    50 * MILLISECOND,
    100 * MILLISECOND,
    200 * MILLISECOND,
    500 * MILLISECOND,
    SECOND,
    2 * SECOND,
    5 * SECOND,
    10 * SECOND,
    20 * SECOND,
    30 * SECOND,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    20 * MINUTE,
    30 * MINUTE,
    60 * MINUTE,
    120 * MINUTE,
    360 * MINUTE,
    1440 * MINUTE,
];

/// Round moments between two times, at most `max` steps apart. Beyond two minutes only whole
/// minutes are round.
pub fn times(from: Nanos, until: Nanos, max: u64) -> Vec<Nanos> {
    let span = until.saturating_sub(from).max(1);
    let round = |step: Nanos| step.is_multiple_of(MINUTE) || span <= 2 * MINUTE;
    let step = TIME_STEPS.iter().copied().find(|&step| round(step) && span / step <= max.max(1));
    let step = step.unwrap_or(span);
    let first = from.next_multiple_of(step);
    // Not `step_by`: its step is a usize, which on wasm32 holds four seconds.
    std::iter::successors(Some(first), |t| t.checked_add(step)).take_while(|t| *t <= until).collect()
}

/// Round values from 0 up to the first at or above `max`; `scale` is what 1 is drawn with.
/// There are at most `steps` steps. The second value is how many decimals they need.
pub fn values(max: i64, scale: i64, steps: i64) -> (Vec<i64>, usize) {
    // In ten-thousandths of a unit: finer steps are not readable on an axis.
    let max = i128::from(max.max(1));
    let scale = i128::from(scale.max(1));
    let fits = |step: i128| max * 10_000 <= step * scale * i128::from(steps.max(1));
    let mut step = 1;
    'found: for decade in (0..).map(|n| 10i128.pow(n)) {
        for first in [1, 2, 5] {
            step = first * decade;
            if fits(step) {
                break 'found;
            }
        }
    }
    let count = (max * 10_000 + step * scale - 1) / (step * scale);
    let ticks = (0..=count).map(|i| (i * step * scale / 10_000) as i64).collect();
    let decimals = (0..4).find(|&d| step % 10i128.pow(4 - d) == 0).unwrap_or(4);
    (ticks, decimals as usize)
}

/// A value with so many decimals, rounded half up.
pub fn decimal(value: i64, scale: i64, decimals: usize) -> String {
    let (scale, unit) = (scale.max(1).unsigned_abs(), 10_u64.pow(decimals as u32));
    let sign = if value < 0 { "-" } else { "" };
    // Half a scale more, so that half is rounded up; the whole part cannot outgrow 64 bits.
    let (whole, rest) = (value.unsigned_abs() / scale, value.unsigned_abs() % scale);
    let part = match rest.checked_mul(2 * unit).and_then(|rest| rest.checked_add(scale)) {
        Some(rest) => rest / scale / 2,
        None => ((u128::from(rest) * u128::from(unit) * 2 + u128::from(scale)) / u128::from(scale) / 2) as u64,
    };
    let (whole, part) = (whole + part / unit, part % unit);
    if decimals == 0 {
        return format!("{sign}{whole}");
    }
    format!("{sign}{whole}.{part:0decimals$}")
}

/// A time as a person would say it: `1분 2초`, `1 min 2 s`, `0.04 s`.
pub fn say(t: Nanos, lang: Lang) -> String {
    let (h, min, s, ms) = match lang {
        Lang::Ko => ("시간", "분", "초", "ms"),
        Lang::En => (" h", " min", " s", " ms"),
    };
    let mut parts = Vec::new();
    let (hours, minutes) = (t / (60 * MINUTE), t / MINUTE % 60);
    if hours > 0 {
        parts.push(format!("{hours}{h}"));
    }
    if minutes > 0 {
        parts.push(format!("{minutes}{min}"));
    }
    let rest = t % MINUTE;
    let millis = rest % SECOND / MILLISECOND;
    if parts.is_empty() && rest < SECOND && rest > 0 {
        let space = if lang == Lang::Ko { " " } else { "" };
        // A packet or a request takes parts of a millisecond.
        let fine = if rest < 10 * MILLISECOND { decimal((rest / 10_000) as i64, 100, 2) } else { millis.to_string() };
        let fine = if fine.contains('.') { fine.trim_end_matches('0').trim_end_matches('.') } else { &fine };
        return format!("{fine}{space}{ms}");
    }
    if millis > 0 {
        parts.push(format!("{}{s}", decimal((rest / MILLISECOND) as i64, 1000, 3).trim_end_matches('0')));
    } else if rest >= SECOND || parts.is_empty() {
        parts.push(format!("{}{s}", rest / SECOND));
    }
    parts.join(" ")
}

/// The labels of a time axis: all in minutes, all in seconds or all in milliseconds, as its finest
/// needs; `0` alone.
pub fn time_labels(ticks: &[Nanos], lang: Lang) -> Vec<String> {
    let all = |unit: Nanos| ticks.iter().all(|t| t.is_multiple_of(unit));
    let (unit, ko, en) = match () {
        () if all(60 * MINUTE) && ticks.iter().any(|&t| t > 120 * MINUTE) => (60 * MINUTE, "시간", " h"),
        () if all(MINUTE) => (MINUTE, "분", " min"),
        () if all(SECOND) => (SECOND, "초", " s"),
        () => (MILLISECOND, " ms", " ms"),
    };
    let name = if lang == Lang::Ko { ko } else { en };
    ticks.iter().map(|&t| if t == 0 { "0".to_owned() } else { format!("{}{name}", t / unit) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_round() {
        for (until, max, want) in [
            (240, 6, vec![0, 60, 120, 180, 240]),
            (240, 4, vec![0, 60, 120, 180, 240]),
            (240, 3, vec![0, 120, 240]),
            (60, 6, vec![0, 10, 20, 30, 40, 50, 60]),
            (7200, 6, vec![0, 1200, 2400, 3600, 4800, 6000, 7200]),
            (0, 6, vec![0]),
        ] {
            let got: Vec<_> = times(0, until * SECOND, max).iter().map(|t| t / SECOND).collect();
            assert_eq!(got, want, "{until} s");
        }
    }

    #[test]
    fn values_are_round_and_reach_the_top() {
        for (max, want, decimals) in [
            (2048, vec!["0.0", "0.5", "1.0"], 1),
            (1299, vec!["0.0", "0.2", "0.4", "0.6", "0.8"], 1),
            (4 * 2048, vec!["0", "1", "2", "3", "4"], 0),
            (8125, vec!["0", "1", "2", "3", "4"], 0),
            (400 * 2048, vec!["0", "100", "200", "300", "400"], 0),
        ] {
            let (ticks, got_decimals) = values(max, 2048, 4);
            let got: Vec<_> = ticks.iter().map(|t| decimal(*t, 2048, decimals)).collect();
            assert_eq!((got, got_decimals), (want.into_iter().map(String::from).collect(), decimals), "{max}");
        }
    }

    #[test]
    fn an_axis_has_one_unit() {
        for (seconds, ko, en) in [
            (vec![0, 20, 40, 60, 80], vec!["0", "20초", "40초", "60초", "80초"], "80 s"),
            (vec![0, 60, 120], vec!["0", "1분", "2분"], "2 min"),
            (vec![0, 3600, 7200], vec!["0", "60분", "120분"], "120 min"),
            (vec![0, 7200, 14_400], vec!["0", "2시간", "4시간"], "4 h"),
            (vec![0], vec!["0"], "0"),
        ] {
            let ticks: Vec<_> = seconds.iter().map(|t| t * SECOND).collect();
            assert_eq!(time_labels(&ticks, Lang::Ko), ko);
            assert_eq!(time_labels(&ticks, Lang::En).last().map(String::as_str), Some(en));
        }
        assert_eq!(time_labels(&[0, 500 * MILLISECOND], Lang::Ko), ["0", "500 ms"]);
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        for (ms, ko, en) in [
            (0, "0초", "0 s"),
            (40, "40 ms", "40 ms"),
            (1000, "1초", "1 s"),
            (61_000, "1분 1초", "1 min 1 s"),
            (60_048, "1분 0.048초", "1 min 0.048 s"),
            (5004, "5.004초", "5.004 s"),
            (7_200_000, "2시간", "2 h"),
            (3_660_000, "1시간 1분", "1 h 1 min"),
        ] {
            assert_eq!(say(ms * MILLISECOND, Lang::Ko), ko);
            assert_eq!(say(ms * MILLISECOND, Lang::En), en);
        }
    }
}
