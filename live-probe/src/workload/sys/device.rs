//! Loop devices: a file that stands in for a disk.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd, RawFd};

const LOOP_SET_FD: libc::c_ulong = 0x4C00;
const LOOP_CLR_FD: libc::c_ulong = 0x4C01;
const LOOP_SET_STATUS64: libc::c_ulong = 0x4C04;
const LOOP_CONFIGURE: libc::c_ulong = 0x4C0A;
const LOOP_CTL_GET_FREE: libc::c_ulong = 0x4C82;
/// `LO_FLAGS_AUTOCLEAR`: the kernel lets go of the file when the device's last user does.
const AUTOCLEAR: u32 = 4;
/// How often to try when somebody else takes the free device first.
const TRIES: u32 = 16;

/// `struct loop_info64`.
#[repr(C)]
struct Info {
    device: u64,
    inode: u64,
    rdevice: u64,
    offset: u64,
    size_limit: u64,
    number: u32,
    encrypt_type: u32,
    encrypt_key_size: u32,
    flags: u32,
    file_name: [u8; 64],
    crypt_name: [u8; 64],
    encrypt_key: [u8; 32],
    init: [u64; 2],
}

/// A loop device with a file of ours behind it. The file is let go when this is dropped, and by
/// the kernel when this process ends in any way.
#[derive(Debug)]
pub struct Loop {
    device: File,
    /// `loop3`.
    pub name: String,
}

impl Loop {
    /// Puts `file` behind a free loop device.
    ///
    /// # Errors
    /// There are no loop devices here, or they are not ours to use.
    pub fn attach(file: &File) -> io::Result<Loop> {
        let control = OpenOptions::new().read(true).write(true).open("/dev/loop-control")?;
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for _ in 0..TRIES {
            let number = call(control.as_raw_fd(), LOOP_CTL_GET_FREE, 0)?;
            let name = format!("loop{number}");
            let device = OpenOptions::new().read(true).write(true).open(format!("/dev/{name}"))?;
            match configure(&device, file) {
                Ok(()) => return Ok(Loop { device, name }),
                Err(error) if error.raw_os_error() == Some(libc::EBUSY) => last = error,
                Err(error) => return Err(error),
            }
        }
        Err(last)
    }

    /// The device itself.
    pub fn file(&self) -> &File {
        &self.device
    }
}

/// `struct loop_config`.
#[repr(C)]
struct Config {
    fd: u32,
    block_size: u32,
    info: Info,
    reserved: [u64; 8],
}

/// Puts the file behind the device, in one step: were there two, a process killed between them
/// would leave the device behind.
fn configure(device: &File, file: &File) -> io::Result<()> {
    // SAFETY: all zeroes is a valid value of this plain data.
    let mut config: Config = unsafe { std::mem::zeroed() };
    config.fd = file.as_raw_fd().cast_unsigned();
    config.info.flags = AUTOCLEAR;
    config.info.file_name[..10].copy_from_slice(b"live-probe");
    // SAFETY: the structure is the one the call takes, and outlives it.
    if unsafe { libc::ioctl(device.as_raw_fd(), LOOP_CONFIGURE as _, &config) } == 0 {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    if !matches!(error.raw_os_error(), Some(libc::EINVAL | libc::ENOTTY)) {
        return Err(error);
    }
    // Before 5.8 it takes two; whoever tidies up after us looks for what is left between them.
    call(device.as_raw_fd(), LOOP_SET_FD, file.as_raw_fd() as libc::c_ulong)?;
    // SAFETY: the structure is the one the call takes, and outlives it.
    match unsafe { libc::ioctl(device.as_raw_fd(), LOOP_SET_STATUS64 as _, &config.info) } {
        0 => Ok(()),
        _ => {
            let error = io::Error::last_os_error();
            let _ = call(device.as_raw_fd(), LOOP_CLR_FD, 0);
            Err(error)
        }
    }
}

/// Lets go of every loop device whose file was in `directory`: what a process left that was killed
/// while it made one.
pub fn let_go_of_files_in(directory: &std::path::Path) {
    for entry in std::fs::read_dir("/sys/block").into_iter().flatten().flatten() {
        let behind = std::fs::read_to_string(entry.path().join("loop/backing_file")).unwrap_or_default();
        if std::path::Path::new(&behind).starts_with(directory) {
            let name = entry.file_name().to_string_lossy().into_owned();
            let device = OpenOptions::new().read(true).write(true).open(format!("/dev/{name}"));
            let _ = device.and_then(|device| call(device.as_raw_fd(), LOOP_CLR_FD, 0));
        }
    }
}

fn call(fd: RawFd, number: libc::c_ulong, value: libc::c_ulong) -> io::Result<libc::c_int> {
    // SAFETY: these calls take a plain number.
    match unsafe { libc::ioctl(fd, number as _, value) } {
        -1 => Err(io::Error::last_os_error()),
        done => Ok(done),
    }
}

/// Memory that direct I/O accepts: aligned to 4096 bytes.
#[derive(Debug)]
pub struct Aligned {
    bytes: Vec<u8>,
    start: usize,
    length: usize,
}

impl Aligned {
    /// `length` bytes of `fill`.
    pub fn new(length: usize, fill: u8) -> Aligned {
        let bytes = vec![fill; length + 4096];
        let start = bytes.as_ptr().align_offset(4096).min(4096);
        Aligned { bytes, start, length }
    }

    /// To be read into.
    pub fn get_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..self.start + self.length]
    }
}
