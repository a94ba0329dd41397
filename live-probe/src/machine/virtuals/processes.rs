//! `@processes`: every process in a line.

use std::io;

use exercises::MOST_PROCESSES;
use exercises::parse::{Process, stat_line};

/// The table. A process that ends while it is made is left out.
///
/// # Errors
/// `/proc` cannot be listed.
pub fn table() -> io::Result<String> {
    let mut pids: Vec<u32> = std::fs::read_dir("/proc")?
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .take(MOST_PROCESSES)
        .collect();
    pids.sort_unstable();
    let mut table = format!("{}\n", Process::HEADING);
    for pid in pids {
        let path = format!("/proc/{pid}/stat");
        // A name is bytes, of any kind.
        let Ok(bytes) = std::fs::read(&path) else { continue };
        if let Ok(process) = stat_line(&path, &String::from_utf8_lossy(&bytes)) {
            table.push_str(&process.line());
            table.push('\n');
        }
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_in_the_table() {
        let table = table().unwrap();
        let processes = exercises::parse::processes("@processes", &table).unwrap();
        let me = processes.iter().find(|process| process.pid == i64::from(std::process::id())).unwrap();
        assert!(me.threads >= 1 && me.rss_pages > 0 && !me.comm.is_empty(), "{me:?}");
    }
}
