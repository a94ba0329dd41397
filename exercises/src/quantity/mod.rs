//! Quantities: what an exercise can ask a machine for by name.
//!
//! `meminfo.MemAvailable` is the figure of that line of `/proc/meminfo`; `zone[Normal].low` the low
//! watermark of that zone; `disk[first].scheduler` the scheduler of the first disk. A name is
//! `family.field`, `family[which].field` or `family[which]`. Every quantity knows its unit, what a
//! reader calls it, and the files and fields it came from; what a machine cannot say is a [`Lack`] with
//! its reason, never a guess.
//!
//! A family is an entry of [`FAMILIES`]; the table in CONTRIBUTING is made from it.

mod cpu;
mod devices;
mod files;
mod memory;
mod packets;
mod system;
mod table;
mod tasks;
#[cfg(test)]
mod tests;
mod traces;

use sim_core::{Text, text};

use crate::parse::{Fields, Unreadable};
use crate::{Machine, Verdict};

pub(crate) use files::reported_unit;
pub use table::table;

/// What a quantity is measured in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A plain number or a word.
    None,
    /// Bytes.
    Bytes,
    /// KiB, which the kernel prints as `kB`.
    Kb,
    /// Pages of [`page_size`] bytes.
    Pages,
    /// Sectors of 512 bytes.
    Sectors,
    /// Percent.
    Percent,
    /// Hundredths of a second, as the kernel prints CPU times.
    Centiseconds,
    /// Seconds.
    Seconds,
    /// Milliseconds.
    Ms,
    /// Microseconds.
    Us,
}

impl Unit {
    /// As it stands behind a number.
    pub fn text(self) -> Text {
        match self {
            Unit::None => Text::default(),
            Unit::Bytes => Text::fixed("바이트", "bytes"),
            Unit::Kb => Text::fixed("kB", "kB"),
            Unit::Pages => Text::fixed("페이지", "pages"),
            Unit::Sectors => Text::fixed("섹터", "sectors"),
            Unit::Percent => Text::fixed("%", "%"),
            Unit::Centiseconds => Text::fixed("1/100초", "1/100 s"),
            Unit::Seconds => Text::fixed("초", "s"),
            Unit::Ms => Text::fixed("ms", "ms"),
            Unit::Us => Text::fixed("µs", "µs"),
        }
    }

    /// Bytes in one, given the size of a page; nothing for what is no amount of memory.
    pub fn bytes(self, page: f64) -> Option<f64> {
        match self {
            Unit::Bytes => Some(1.0),
            Unit::Kb => Some(1024.0),
            Unit::Pages => Some(page),
            Unit::Sectors => Some(512.0),
            _ => None,
        }
    }
}

/// What a machine said.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// A number.
    Number(f64),
    /// A word or a line.
    Word(String),
    /// Several words of which any will do: the flags of a CPU, the names of disks.
    Words(Vec<String>),
}

/// A quantity of a machine: what it said, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// What it said.
    pub found: Found,
    /// What a number is measured in.
    pub unit: Unit,
    /// The file it came from.
    pub path: String,
    /// The line or field of that file, as one would look for it.
    pub field: String,
}

impl Quantity {
    fn number(value: f64, unit: Unit, path: impl Into<String>, field: impl Into<String>) -> Quantity {
        Quantity { found: Found::Number(value), unit, path: path.into(), field: field.into() }
    }

    fn word(word: impl Into<String>, path: impl Into<String>, field: impl Into<String>) -> Quantity {
        Quantity { found: Found::Word(word.into()), unit: Unit::None, path: path.into(), field: field.into() }
    }

    fn words(words: Vec<String>, path: impl Into<String>, field: impl Into<String>) -> Quantity {
        Quantity { found: Found::Words(words), unit: Unit::None, path: path.into(), field: field.into() }
    }

    /// The number, if it is one; a word that is a number is one too.
    pub fn as_number(&self) -> Option<f64> {
        match &self.found {
            Found::Number(number) => Some(*number),
            Found::Word(word) => crate::parse::number(word),
            Found::Words(_) => None,
        }
    }
}

/// Why a machine cannot say a quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lack {
    /// A file was not read or not understood.
    File(Unreadable),
    /// A file was understood and does not have it: another kernel, or built without it.
    Missing {
        /// Which file.
        path: String,
        /// What it does not have.
        what: String,
    },
    /// There is no such thing on this machine; says so in a sentence.
    Nothing(Text),
    /// The name means nothing: a fault of the exercise.
    Name(Text),
}

impl From<Unreadable> for Lack {
    fn from(unreadable: Unreadable) -> Lack {
        Lack::File(unreadable)
    }
}

impl Lack {
    /// Why, in a sentence.
    pub fn text(&self) -> Text {
        match self {
            Lack::File(unreadable) => unreadable.text(),
            Lack::Missing { path, what } => text!(
                ko: "이 컴퓨터의 {path}에는 `{what}`이(가) 없습니다.",
                en: "{path} of this machine has no `{what}`."
            ),
            Lack::Nothing(why) | Lack::Name(why) => why.clone(),
        }
    }

    /// The verdict on an exercise that asks for it.
    pub fn verdict(&self) -> Verdict {
        match self {
            Lack::File(Unreadable::Read { error, .. }) => match error {
                // The operating system's own refusal (psi=0 gives one) is a lack too.
                crate::ReadError::Other(_) => Verdict::CannotCheck,
                error => error.verdict(),
            },
            Lack::File(Unreadable::Parse { .. }) | Lack::Name(_) => Verdict::Error,
            Lack::Missing { .. } | Lack::Nothing(_) => Verdict::CannotCheck,
        }
    }
}

/// A name that was understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Name<'n> {
    /// Before the first bracket or dot.
    pub family: &'n str,
    /// Between the brackets.
    pub which: Option<&'n str>,
    /// Behind the dot; empty where there is none.
    pub field: &'n str,
}

impl<'n> Name<'n> {
    /// Takes a name apart.
    ///
    /// # Errors
    /// It is not of the form of a name, or there is no such family or field.
    pub fn parse(name: &'n str) -> Result<(Name<'n>, &'static Family), Lack> {
        let end = name.find(['[', '.']).unwrap_or(name.len());
        let (family, rest) = name.split_at(end);
        let (which, rest) = match rest.strip_prefix('[').and_then(|rest| rest.rsplit_once(']')) {
            Some((which, rest)) => (Some(which), rest),
            None => (None, rest),
        };
        let field = rest.strip_prefix('.');
        let shaped = !family.is_empty()
            && which.is_none_or(|which| !which.is_empty() && which.len() < 200)
            && (rest.is_empty() || field.is_some_and(|field| !field.is_empty()));
        if !shaped {
            return Err(Lack::Name(text!(
                ko: "`{name}`: 값의 이름은 `family.field`나 `family[which].field` 꼴입니다.",
                en: "`{name}`: the name of a quantity is of the form `family.field` or `family[which].field`."
            )));
        }
        let parsed = Name { family, which, field: field.unwrap_or_default() };
        let Some(found) = FAMILIES.iter().find(|known| known.name == family) else {
            let known = FAMILIES.iter().map(|family| family.name).collect::<Vec<_>>().join(", ");
            return Err(Lack::Name(text!(
                ko: "`{name}`: `{family}`라는 값의 종류는 없습니다. 있는 것: {known}",
                en: "`{name}`: there is no family `{family}`; there are {known}."
            )));
        };
        match found.refuses(&parsed) {
            Some(why) => Err(Lack::Name(why)),
            None => Ok((parsed, found)),
        }
    }
}

/// What stands between the brackets of a family's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Nothing may.
    No,
    /// Something must; says what.
    Must(&'static str),
    /// Something may: without it all of them are taken together.
    May(&'static str),
}

/// A field of a family.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name; `*` for any that the file has.
    pub name: &'static str,
    /// Its unit; `*` takes it from the file.
    pub unit: Unit,
    /// What a reader calls it; empty for one that goes by the kernel's own name.
    pub label: Text,
}

/// Quantities of one source.
pub struct Family {
    /// The first part of their names.
    pub name: &'static str,
    /// What stands between the brackets.
    pub which: Which,
    /// Where they come from, for the table.
    pub from: &'static str,
    /// What they are about.
    pub about: Text,
    /// The fields.
    pub fields: &'static [Field],
    /// The files a quantity is read from, `*` in a name standing for any. Whoever records reads them.
    pub paths: fn(&Name<'_>) -> Vec<String>,
    /// Looks for a quantity.
    pub find: fn(&Name<'_>, &dyn Machine) -> Result<Quantity, Lack>,
}

impl Family {
    /// What is wrong with a name of this family.
    fn refuses(&self, name: &Name<'_>) -> Option<Text> {
        let Name { family, which, field } = name;
        match (self.which, which) {
            (Which::No, Some(_)) => {
                return Some(text!(ko: "`{family}`에는 `[…]`를 쓰지 않습니다.", en: "`{family}` takes no `[…]`."));
            }
            (Which::Must(what), None) => {
                return Some(text!(
                    ko: "`{family}`에는 `[{what}]`를 써야 합니다.",
                    en: "`{family}` needs `[{what}]` behind it."
                ));
            }
            _ => {}
        }
        if self.field(field).is_some() {
            return None;
        }
        let known = self.fields.iter().map(|field| field.name).collect::<Vec<_>>().join(", ");
        Some(text!(
            ko: "`{family}`에는 `{field}`라는 값이 없습니다. 있는 것: {known}",
            en: "`{family}` has no `{field}`; there are {known}."
        ))
    }

    fn field(&self, name: &str) -> Option<&'static Field> {
        let known = self.fields.iter().find(|field| field.name == name);
        known.or_else(|| self.fields.iter().find(|field| field.name == "*" && !name.is_empty()))
    }
}

/// The quantity of that name.
///
/// # Errors
/// Why this machine does not say it.
pub fn find(name: &str, machine: &dyn Machine) -> Result<Quantity, Lack> {
    let (name, family) = Name::parse(name)?;
    (family.find)(&name, machine)
}

/// The files a quantity is read from; `*` in a path stands for any name.
///
/// # Errors
/// There is no such quantity.
pub fn paths(name: &str) -> Result<Vec<String>, Lack> {
    let (name, family) = Name::parse(name)?;
    Ok((family.paths)(&name))
}

/// What a reader calls a quantity.
pub fn label(name: &str) -> Text {
    let Ok((parsed, family)) = Name::parse(name) else { return Text::verbatim(name) };
    let label = family.field(parsed.field).map(|field| field.label.clone()).unwrap_or_default();
    let own = if label.en.is_empty() { Text::verbatim(parsed.field) } else { label };
    match parsed.which {
        Some(which) if own.en.is_empty() => Text::verbatim(which),
        Some(which) => {
            let Text { ko, en } = own;
            text!(ko: "{ko} ({which})", en: "{en} ({which})")
        }
        None => own,
    }
}

/// Bytes of a page: from `@page_size`, else from what two files say of the same memory, else 4096.
pub fn page_size(machine: &dyn Machine) -> f64 {
    system::page_size(machine)
}

/// Every family, in the order of the table.
pub static FAMILIES: &[Family] = &[
    system::KERNEL,
    system::CMDLINE,
    system::CONFIG,
    system::HOST,
    system::TOOL,
    system::PAGE,
    files::SYSCTL,
    files::FILE,
    files::FIELDS,
    files::REPORTED,
    files::CHOSEN,
    files::MEMINFO,
    files::VMSTAT,
    files::STAT,
    files::LOADAVG,
    files::PRESSURE,
    cpu::CPU,
    cpu::CPUINFO,
    cpu::IDLE,
    devices::CRASH,
    devices::DMI,
    devices::DIMM,
    devices::DISK,
    devices::DISKS,
    devices::NIC,
    devices::NICS,
    memory::MEMORY,
    memory::ZONE,
    memory::BUDDY,
    memory::PAGETYPE,
    memory::SLAB,
    memory::SWAP,
    memory::NUMA,
    memory::NODE,
    memory::NUMASTAT,
    memory::DISTANCE,
    memory::NUMA_MAPS,
    tasks::PROCS,
    tasks::TASK,
    tasks::PROC,
    tasks::SWAPPED,
    tasks::ROLLUP,
    tasks::LIMIT,
    tasks::SCHED,
    tasks::SOCKETS,
    files::SOCKSTAT,
    files::NETSTAT,
    files::SNMP,
    packets::CAPTURE,
    files::MOUNT,
    traces::STRACE,
];

/// A field by the kernel's own name.
const fn field(name: &'static str, unit: Unit) -> Field {
    Field { name, unit, label: Text::fixed("", "") }
}

/// A field with a name for readers.
const fn told(name: &'static str, unit: Unit, ko: &'static str, en: &'static str) -> Field {
    Field { name, unit, label: Text::fixed(ko, en) }
}

/// Whatever the file has.
const ANY: Field = field("*", Unit::None);

/// The unit of a field of a family; nothing special where it is not listed.
fn unit_of(fields: &[Field], name: &str) -> Unit {
    fields.iter().find(|field| field.name == name).map_or(Unit::None, |field| field.unit)
}

/// A pair of a file as a quantity: the number with the unit that stands behind it, else the words.
fn pair(fields: &Fields, name: &str, path: &str, unit: Unit) -> Result<Quantity, Lack> {
    let Some(text) = fields.word(name) else {
        return Err(Lack::Missing { path: path.to_owned(), what: name.to_owned() });
    };
    let unit = if fields.unit(name) == "kB" { Unit::Kb } else { unit };
    Ok(match text.split_ascii_whitespace().next().and_then(crate::parse::number) {
        // A line of several numbers is a line; the first alone would be a guess.
        Some(_) if text.split_ascii_whitespace().count() > 1 && unit != Unit::Kb => Quantity::word(text, path, name),
        Some(number) => Quantity::number(number, unit, path, name),
        None => Quantity::word(text, path, name),
    })
}
