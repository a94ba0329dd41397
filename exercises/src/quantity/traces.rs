//! What a reader recorded of a program with strace.

use std::collections::BTreeMap;

use sim_core::{Text, text};

use super::{ANY, Family, Found, Lack, Name, Quantity, Unit, Which, told};
use crate::Machine;
use crate::parse::{self, Call};

/// A log that `strace -o` wrote.
pub const STRACE: Family = Family {
    name: "strace",
    which: Which::Must("/path"),
    from: "WHICH",
    about: Text::fixed(
        "`strace -o`가 쓴 기록. `count_openat`은 그 호출의 수, `first_uname`은 몇 번째 호출에 처음 나오는지",
        "a log that `strace -o` wrote; `count_openat` is how often that was called, `first_uname` the place of the first such call",
    ),
    fields: &[
        told("calls", Unit::None, "시스템 콜", "system calls"),
        told("failed", Unit::None, "실패한 시스템 콜", "system calls that failed"),
        told("most_called", Unit::None, "가장 많이 불린 시스템 콜", "system call made most often"),
        told("slowest", Unit::None, "시간을 가장 많이 쓴 시스템 콜", "system call that took the most time"),
        told("slowest_us", Unit::Us, "그 시스템 콜이 쓴 시간", "time of that system call"),
        told("opened", Unit::None, "연 파일의 이름", "names of files opened"),
        told("not_found", Unit::None, "없던 파일의 이름", "names of files that were not there"),
        ANY,
    ],
    paths: |name| vec![name.which.unwrap_or_default().to_owned()],
    find: strace,
};

fn strace(name: &Name<'_>, machine: &dyn Machine) -> Result<Quantity, Lack> {
    let path = name.which.unwrap_or_default();
    let calls = parse::strace(path, &parse::text(machine, path)?)?;
    let count = |of: &dyn Fn(&Call) -> bool| calls.iter().filter(|call| of(call)).count() as f64;
    let number = |value: f64| Ok(Quantity::number(value, Unit::None, path, name.field));
    match name.field {
        "calls" => number(calls.len() as f64),
        "failed" => number(count(&|call| call.error.is_some())),
        "most_called" => {
            let most = most(calls.iter().map(|call| (call.name.as_str(), 1)));
            Ok(Quantity::word(most.map_or("", |(name, _)| name), path, name.field))
        }
        "slowest" | "slowest_us" => {
            let timed = calls.iter().filter_map(|call| Some((call.name.as_str(), call.us?)));
            let Some((slowest, us)) = most(timed) else {
                return Err(Lack::Nothing(text!(
                    ko: "{path}에 걸린 시간이 없습니다. `strace -T`로 기록하십시오.",
                    en: "{path} has no times; record it with `strace -T`."
                )));
            };
            if name.field == "slowest" {
                return Ok(Quantity::word(slowest, path, name.field));
            }
            Ok(Quantity::number(us as f64, Unit::Us, path, slowest))
        }
        "opened" => Ok(names(&calls, path, name.field, |call| {
            matches!(call.name.as_str(), "open" | "openat" | "openat2") && call.error.is_none()
        })),
        "not_found" => Ok(names(&calls, path, name.field, |call| call.error.as_deref() == Some("ENOENT"))),
        field => {
            if let Some(of) = field.strip_prefix("count_") {
                return number(count(&|call| call.name == of));
            }
            let of = field.strip_prefix("first_").ok_or_else(|| {
                Lack::Name(text!(
                    ko: "`{field}`: `count_`나 `first_` 뒤에 시스템 콜의 이름을 씁니다.",
                    en: "`{field}`: must be `count_` or `first_` and the name of a system call."
                ))
            })?;
            let place = calls.iter().position(|call| call.name == of);
            let missing = || Lack::Missing { path: path.to_owned(), what: of.to_owned() };
            number(place.ok_or_else(missing)? as f64 + 1.0)
        }
    }
}

/// The name with the largest sum; of equals the first in the alphabet.
fn most<'c>(pairs: impl Iterator<Item = (&'c str, u64)>) -> Option<(&'c str, u64)> {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, value) in pairs {
        let sum = sums.entry(name).or_default();
        *sum = sum.saturating_add(value);
    }
    sums.into_iter().reduce(|most, next| if next.1 > most.1 { next } else { most })
}

/// The last parts of the paths of some calls, each once.
fn names(calls: &[Call], path: &str, field: &str, of: impl Fn(&Call) -> bool) -> Quantity {
    let mut names: Vec<String> = Vec::new();
    for file in calls.iter().filter(|call| of(call)).filter_map(|call| call.path.as_deref()) {
        let last = file.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        if !last.is_empty() && !names.iter().any(|name| name == last) {
            names.push(last.to_owned());
        }
    }
    Quantity { found: Found::Words(names), unit: Unit::None, path: path.to_owned(), field: field.to_owned() }
}
