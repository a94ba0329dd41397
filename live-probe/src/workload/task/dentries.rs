//! Names in the directory cache.

use std::fs::{self, File};
use std::path::PathBuf;

use sim_core::Text;

use super::desk::{Desk, Trouble, disk_is_short, memory_is_short, paced, sleep_until};

fn folder(desk: &mut Desk) -> Result<PathBuf, Trouble> {
    let folder = desk.directory.join("names");
    fs::create_dir(&folder)?;
    desk.place("folder", folder.display());
    Ok(folder)
}

/// Names that are not there. The kernel remembers that, until the folder goes.
pub fn negative(desk: &mut Desk, count: u32, per_s: u32) -> Result<(), Trouble> {
    desk.needs_a_disk()?;
    let folder = folder(desk)?;
    let until = desk.begin();
    let mut path = folder.clone();
    path.push("none");
    let looked_up = paced(count, per_s, until, |n| {
        path.set_file_name(format!("missing-{n}"));
        let _ = fs::symlink_metadata(&path);
        Ok(n % 1024 > 0 || !memory_is_short())
    })?;
    desk.figure("names_count", looked_up);
    sleep_until(until);
    fs::remove_dir(folder)?;
    Ok(())
}

/// Empty files.
pub fn files(desk: &mut Desk, count: u32, per_s: u32) -> Result<(), Trouble> {
    desk.needs_a_disk()?;
    let folder = folder(desk)?;
    let until = desk.begin();
    let made = paced(count, per_s, until, |n| {
        if n % 1024 == 0 && (disk_is_short(&folder) || memory_is_short()) {
            desk.note(Text::fixed("공간이 모자라 더 만들지 않았습니다.", "It made no more, as space ran short."));
            return Ok(false);
        }
        File::create(folder.join(format!("file-{n}")))?;
        Ok(true)
    })?;
    desk.figure("files_count", made);
    sleep_until(until);
    // The supervisor removes the files with the private directory.
    Ok(())
}
