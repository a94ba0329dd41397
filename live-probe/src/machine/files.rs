//! Reads one file of a machine: a regular one below its root, as text, within a limit of size.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::sync::{Mutex, MutexGuard, PoisonError};

use exercises::ReadError;
use rustix::buffer::spare_capacity;
use rustix::fs::FileType;
use sim_core::text;

use super::open::Root;

/// Largest file that is read, in bytes, after decompression.
pub const LARGEST: u64 = 4 << 20;
/// Most kernel files fit: a buffer that grows from nothing asks the kernel several times more.
const FIRST_BUFFER: usize = 8 << 10;
/// Most files that stay open between two reads.
const MOST_KEPT: usize = 32;

type Answer = Result<String, ReadError>;

/// Opens a kernel file and nothing else: a directory, FIFO or device is refused.
pub fn open_regular(root: &Root, path: &str) -> Result<File, ReadError> {
    let file = root.file(path).map_err(|error| read_error(path, &error))?;
    if is_regular(&file) {
        return Ok(file);
    }
    Err(ReadError::Refused(text!(
        ko: "일반 파일이 아닙니다: {path}",
        en: "not a regular file: {path}"
    )))
}

/// The text of one file below a root.
pub fn text(root: &Root, path: &str) -> Answer {
    let (file, mut bytes) = (open_regular(root, path)?, Vec::new());
    fresh(&file, &mut bytes).map_err(|error| read_error(path, &error))??;
    text_of(bytes)
}

/// What the bytes of a file say, unpacked where they are gzip.
fn text_of(bytes: Vec<u8>) -> Answer {
    let bytes = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut plain = Vec::new();
        let unpacked = flate2::read::GzDecoder::new(&bytes[..]).take(LARGEST + 1).read_to_end(&mut plain);
        unpacked.map_err(|_| ReadError::NotText)?;
        if plain.len() as u64 > LARGEST {
            return Err(ReadError::TooLarge);
        }
        plain
    } else {
        bytes
    };
    match String::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok(text),
        _ => Err(ReadError::NotText),
    }
}

/// Whether a file is of the kernel as a whole: the same one as long as the machine runs, which a file of a
/// process or a device is not.
pub fn lasts(path: &str) -> bool {
    let of_process = |name: &str| name.starts_with(|c: char| c.is_ascii_digit()) || name.ends_with("self");
    path.strip_prefix("/proc/").is_some_and(|rest| !of_process(rest.split('/').next().unwrap_or_default()))
}

/// Files that stay open, to be read again from their beginning: finding and opening one costs as much as
/// reading it.
#[derive(Default)]
pub struct Kept(Mutex<BTreeMap<String, File>>);

impl Kept {
    /// The text of one file below a root, as [`text()`] gives it.
    pub fn read(&self, root: &Root, path: &str) -> Answer {
        // Nobody waits for the lock while a file is read: it may hang.
        let (open, mut bytes) = (self.files().remove(path), Vec::new());
        let (read, file) = match open.map(|file| (again(&file, &mut bytes), file)) {
            Some((Ok(read), file)) => (read, file),
            // Once more from the root: what was open may be gone and another be there.
            Some((Err(_), _)) | None => {
                let file = open_regular(root, path)?;
                (fresh(&file, &mut bytes).map_err(|error| read_error(path, &error))?, file)
            }
        };
        let mut files = self.files();
        if files.len() < MOST_KEPT {
            files.insert(path.to_owned(), file);
        }
        drop(files);
        read.and_then(|()| text_of(bytes))
    }

    fn files(&self) -> MutexGuard<'_, BTreeMap<String, File>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Fills a buffer with all that `more` puts into it until it has nothing left. The size a kernel file reports
/// says nothing, so the limit is counted while reading.
fn fill(
    buffer: &mut Vec<u8>,
    more: impl Fn(&mut Vec<u8>) -> rustix::io::Result<usize>,
) -> io::Result<Result<(), ReadError>> {
    buffer.clear();
    buffer.reserve(FIRST_BUFFER);
    loop {
        if buffer.len() as u64 > LARGEST {
            return Ok(Err(ReadError::TooLarge));
        }
        if buffer.len() == buffer.capacity() {
            buffer.reserve(buffer.len());
        }
        // A kernel file may give less than it has, so only nothing is its end.
        match more(buffer) {
            Ok(0) => return Ok(Ok(())),
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}

/// What is left of a file that was just opened.
fn fresh(file: &File, buffer: &mut Vec<u8>) -> io::Result<Result<(), ReadError>> {
    fill(buffer, |buffer| rustix::io::read(file, spare_capacity(buffer)))
}

/// A file from its beginning, wherever it was read to before.
///
/// # Errors
/// The kernel's; within, that the file is larger than [`LARGEST`].
pub fn again(file: &File, buffer: &mut Vec<u8>) -> io::Result<Result<(), ReadError>> {
    fill(buffer, |buffer| {
        let at = buffer.len() as u64;
        rustix::io::pread(file, spare_capacity(buffer), at)
    })
}

fn is_regular(file: &File) -> bool {
    rustix::fs::fstat(file).is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile)
}

/// What an error of the system means for a reader.
pub fn read_error(path: &str, error: &io::Error) -> ReadError {
    match error.raw_os_error() {
        // ESRCH: the process a file belonged to is gone.
        Some(libc::ENOENT | libc::ENOTDIR | libc::ESRCH) => ReadError::NotFound,
        Some(libc::EACCES | libc::EPERM) => ReadError::Denied,
        Some(libc::EAGAIN | libc::ETIMEDOUT) => ReadError::TimedOut,
        Some(libc::ELOOP | libc::EXDEV) => ReadError::Refused(text!(
            ko: "다른 곳으로 이어지는 링크여서 따라가지 않습니다: {path}",
            en: "the link leads elsewhere and is not followed: {path}"
        )),
        Some(libc::EISDIR) => ReadError::Refused(text!(
            ko: "파일이 아니라 디렉터리입니다: {path}",
            en: "a directory, not a file: {path}"
        )),
        _ => ReadError::Other(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stays_open_is_read_anew_each_time() {
        let dir = tempfile::tempdir().unwrap();
        let root = Root::open(dir.path()).unwrap();
        let kept = Kept::default();
        let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
        write("loadavg", "0.00");
        assert_eq!(kept.read(&root, "/loadavg").as_deref(), Ok("0.00"));
        // Longer than the buffer it begins with.
        let long = "1".repeat((8 << 10) + 3);
        write("loadavg", &long);
        assert_eq!(kept.read(&root, "/loadavg").as_ref(), Ok(&long));
        // What can no longer be read is opened again.
        kept.files().insert("/loadavg".into(), File::open(dir.path()).unwrap());
        assert_eq!(kept.read(&root, "/loadavg").as_ref(), Ok(&long));
        write("loadavg", &"x".repeat(LARGEST as usize + 1));
        assert_eq!(kept.read(&root, "/loadavg"), Err(ReadError::TooLarge));
        assert_eq!(kept.read(&root, "/absent"), Err(ReadError::NotFound));
        for i in 0..2 * MOST_KEPT {
            write(&i.to_string(), "7");
            assert_eq!(kept.read(&root, &format!("/{i}")).as_deref(), Ok("7"));
        }
        assert_eq!(kept.files().len(), MOST_KEPT);
    }

    #[test]
    fn files_of_processes_and_devices_do_not_stay_open() {
        for (path, stays) in [
            ("/proc/loadavg", true),
            ("/proc/sys/fs/dentry-state", true),
            ("/proc/1/stat", false),
            ("/proc/self/stat", false),
            ("/proc/thread-self/stat", false),
            ("/sys/block/sda/stat", false),
            ("/etc/os-release", false),
        ] {
            assert_eq!(lasts(path), stays, "{path}");
        }
    }
}
