//! CPUs, lists of numbers, and memory modules.

use super::{Fields, Unreadable, refuse};

/// Most numbers of a list; more is no machine.
const MOST: usize = 8192;

/// The numbers of a kernel list such as `0-3,8`. An empty list is one without numbers.
///
/// # Errors
/// It is of another form, or too long to be true.
pub fn list(path: &str, text: &str) -> Result<Vec<u32>, Unreadable> {
    let line = text.lines().next().unwrap_or_default().trim();
    let mut numbers = Vec::new();
    for part in line.split(',').filter(|_| !line.is_empty()) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let range = first.trim().parse::<u32>().ok().zip(last.trim().parse::<u32>().ok());
        let fits = |(first, last): &(u32, u32)| first <= last && (last - first) as usize + numbers.len() < MOST;
        let (first, last) = range.filter(fits).ok_or_else(|| refuse(path, 0, "0-3,8", line))?;
        numbers.extend(first..=last);
    }
    Ok(numbers)
}

/// How many numbers a kernel list names; nothing if it is not one.
pub fn list_length(text: &str) -> Option<u32> {
    let numbers = list("", text).ok()?;
    u32::try_from(numbers.len()).ok().filter(|n| *n > 0)
}

/// What the kernel says about one CPU in `/proc/cpuinfo`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cpu {
    /// Its lines by name.
    pub fields: Fields,
}

/// `/proc/cpuinfo`: one paragraph for each online CPU. Names differ by architecture; a paragraph
/// without a line `processor` (the end of an ARM file) is no CPU.
///
/// # Errors
/// No paragraph is of a CPU.
pub fn cpuinfo(path: &str, text: &str) -> Result<Vec<Cpu>, Unreadable> {
    let mut cpus = Vec::new();
    let mut fields = Fields::new(path);
    for (i, line) in text.lines().chain([""]).enumerate() {
        match line.split_once(':') {
            Some((name, value)) => fields.put(name.trim(), value, i),
            None if line.trim().is_empty() => {
                let paragraph = std::mem::replace(&mut fields, Fields::new(path));
                if paragraph.word("processor").is_some() {
                    cpus.push(Cpu { fields: paragraph });
                }
            }
            None => {}
        }
    }
    if cpus.is_empty() {
        return Err(refuse(path, 0, "processor : 0", text.lines().next().unwrap_or_default()));
    }
    Ok(cpus)
}

/// A memory slot, from a paragraph of `@dmi/memory`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimm {
    /// What is printed beside the slot.
    pub locator: String,
    /// Size of the module, KiB; 0 for an empty slot; nothing where the firmware does not know.
    pub size_kb: Option<u64>,
}

/// `@dmi/memory`, which has the form of `dmidecode -t memory`: the slots.
///
/// # Errors
/// A size that is none; there is no slot at all.
pub fn dimms(path: &str, text: &str) -> Result<Vec<Dimm>, Unreadable> {
    const SHAPE: &str = "Size: 16 GB";
    let mut slots: Vec<Dimm> = Vec::new();
    let mut inside = false;
    for (i, line) in text.lines().enumerate() {
        if !line.starts_with(char::is_whitespace) {
            inside = line.trim() == "Memory Device";
            if inside {
                slots.push(Dimm { locator: String::new(), size_kb: None });
            }
            continue;
        }
        let (Some(slot), Some((name, value))) = (slots.last_mut(), line.trim().split_once(':')) else { continue };
        match name {
            "Size" if inside => slot.size_kb = size(value.trim()).ok_or_else(|| refuse(path, i, SHAPE, line.trim()))?,
            "Locator" if inside => slot.locator = value.trim().to_owned(),
            _ => {}
        }
    }
    if slots.is_empty() {
        return Err(refuse(path, 0, "Memory Device", text.lines().next().unwrap_or_default()));
    }
    Ok(slots)
}

/// A size in KiB; nothing inside for one the firmware does not know.
fn size(value: &str) -> Option<Option<u64>> {
    match value {
        "No Module Installed" => return Some(Some(0)),
        "Unknown" => return Some(None),
        _ => {}
    }
    let (number, unit) = value.split_once(' ')?;
    let factor: u64 = match unit {
        "kB" | "KB" => 1,
        "MB" => 1 << 10,
        "GB" => 1 << 20,
        "TB" => 1 << 30,
        _ => return None,
    };
    Some(Some(number.parse::<u64>().ok()?.checked_mul(factor)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_counted_and_bounded() {
        for (text, want) in [
            ("0-3,8\n", Some(vec![0, 1, 2, 3, 8])),
            ("\n", Some(vec![])),
            ("5", Some(vec![5])),
            ("3-1", None),
            ("0-4294967295", None),
            ("0,,1", None),
            ("a", None),
        ] {
            assert_eq!(list("x", text).ok(), want, "{text:?}");
        }
        assert_eq!((list_length("0-1\n"), list_length("")), (Some(2), None));
    }

    #[test]
    fn cpus_are_paragraphs_and_slots_are_counted() {
        let text =
            "processor\t: 0\nmodel name\t: X\n\nprocessor\t: 1\nflags\t\t: fpu hypervisor\n\nHardware\t: board\n";
        let cpus = cpuinfo("/proc/cpuinfo", text).unwrap();
        assert_eq!((cpus.len(), cpus[0].fields.word("model name")), (2, Some("X")));
        assert!(cpuinfo("/proc/cpuinfo", "Hardware: board\n").is_err());
        let text = "Handle 0x0011\nMemory Device\n\tSize: 16 GB\n\tLocator: A1\n\nMemory Device\n\tSize: No Module Installed\n\
                    Physical Memory Array\n\tSize: nonsense\nMemory Device\n\tSize: Unknown\n";
        let sizes: Vec<_> = dimms("@dmi/memory", text).unwrap().iter().map(|slot| slot.size_kb).collect();
        assert_eq!(sizes, [Some(16 << 20), Some(0), None]);
        assert!(dimms("@dmi/memory", "Memory Device\n\tSize: many\n").is_err());
    }
}
