//! `@dmi/memory`: the memory slots of the firmware's table (SMBIOS, types 16 and 17) in the words of
//! `dmidecode -t memory`.

use std::fmt::Write as _;

/// Most structures that are looked at.
const MOST: usize = 4096;

/// The slots in a table. What is cut short ends it.
pub fn memory(table: &[u8]) -> String {
    let mut out = String::new();
    for structure in structures(table) {
        match structure.kind {
            16 => {
                let devices = structure.u16(0x0d).map_or("Unknown".to_owned(), |n| n.to_string());
                let _ = writeln!(out, "Physical Memory Array\n\tNumber Of Devices: {devices}");
            }
            17 => {
                let _ = writeln!(
                    out,
                    "Memory Device\n\tSize: {}\n\tLocator: {}",
                    size(&structure),
                    structure.string(0x10).unwrap_or_else(|| "Unknown".to_owned())
                );
            }
            _ => {}
        }
    }
    out
}

fn size(device: &Structure<'_>) -> String {
    match device.u16(0x0c) {
        Some(0) => "No Module Installed".to_owned(),
        None | Some(0xffff) => "Unknown".to_owned(),
        Some(0x7fff) => match device.u32(0x1c).map(|mb| mb & 0x7fff_ffff) {
            Some(mb) if mb % 1024 == 0 => format!("{} GB", mb / 1024),
            Some(mb) => format!("{mb} MB"),
            None => "Unknown".to_owned(),
        },
        Some(kb) if kb & 0x8000 != 0 => format!("{} kB", kb & 0x7fff),
        Some(mb) if mb % 1024 == 0 => format!("{} GB", mb / 1024),
        Some(mb) => format!("{mb} MB"),
    }
}

/// A structure: its fixed part and the strings behind it.
struct Structure<'t> {
    kind: u8,
    fixed: &'t [u8],
    strings: &'t [u8],
}

impl Structure<'_> {
    fn u16(&self, at: usize) -> Option<u16> {
        Some(u16::from_le_bytes(self.fixed.get(at..at + 2)?.try_into().ok()?))
    }

    fn u32(&self, at: usize) -> Option<u32> {
        Some(u32::from_le_bytes(self.fixed.get(at..at + 4)?.try_into().ok()?))
    }

    /// The string whose number (from 1) stands at a place, in letters a terminal can take.
    fn string(&self, at: usize) -> Option<String> {
        let number = usize::from(*self.fixed.get(at)?);
        let bytes = self.strings.split(|byte| *byte == 0).nth(number.checked_sub(1)?)?;
        let plain = |byte: &u8| if (32..127).contains(byte) { char::from(*byte) } else { '?' };
        Some(bytes.iter().map(plain).collect()).filter(|text: &String| !text.is_empty())
    }
}

fn structures(table: &[u8]) -> impl Iterator<Item = Structure<'_>> {
    let mut rest = table;
    std::iter::from_fn(move || {
        let (kind, length) = (*rest.first()?, usize::from(*rest.get(1)?));
        // Type 127 ends the table; a structure shorter than its header is none.
        if kind == 127 || length < 4 {
            return None;
        }
        let fixed = rest.get(..length)?;
        let behind = rest.get(length..)?;
        let end = behind.windows(2).position(|pair| pair == [0, 0])?;
        rest = &behind[end + 2..];
        Some(Structure { kind, fixed, strings: &behind[..end] })
    })
    .take(MOST)
}

#[cfg(test)]
mod tests {
    use exercises::parse::dimms;
    use proptest::prelude::*;

    use super::*;

    fn device(size: u16, extended: u32, locator: &str) -> Vec<u8> {
        let mut bytes = vec![0; 0x20];
        (bytes[0], bytes[1], bytes[0x10]) = (17, 0x20, 1);
        bytes[0x0c..0x0e].copy_from_slice(&size.to_le_bytes());
        bytes[0x1c..0x20].copy_from_slice(&extended.to_le_bytes());
        bytes.extend(locator.bytes());
        bytes.extend([0, 0]);
        bytes
    }

    #[test]
    fn slots_are_read_with_every_way_to_write_a_size() {
        let mut table = vec![];
        for (size, extended, locator) in [
            (16384, 0, "A1"),
            (0, 0, "A2"),
            (0x7fff, 65536, "B1"),
            (0x8200, 0, "B2"),
            (0xffff, 0, "C1"),
            (1536, 0, "C\x1b"),
        ] {
            table.extend(device(size, extended, locator));
        }
        table.extend([127, 4, 0, 0, 0, 0]);
        table.extend(device(1024, 0, "after the end"));
        let text = memory(&table);
        let slots: Vec<_> =
            dimms("@dmi/memory", &text).unwrap().into_iter().map(|slot| (slot.locator, slot.size_kb)).collect();
        let want = [
            ("A1", Some(16 << 20)),
            ("A2", Some(0)),
            ("B1", Some(64 << 20)),
            ("B2", Some(512)),
            ("C1", None),
            ("C?", Some(1536 << 10)),
        ];
        assert_eq!(slots, want.map(|(name, kb)| (name.to_owned(), kb)), "{text}");
    }

    proptest! {
        #[test]
        fn any_table_is_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            memory(&bytes);
        }
    }
}
