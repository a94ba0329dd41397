//! Files that the reader names on the command line.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use sim_core::text;

use crate::context::Failure;
use crate::workload::{write_new, write_whole};

/// Writes a file whole; one that is there stays, unless it is to be replaced.
///
/// # Errors
/// Its folder is not there, it is there already, or it cannot be written.
pub fn write(path: &Path, bytes: &[u8], replace: bool) -> Result<(), Failure> {
    // A folder that is not there is more likely mistyped than wanted.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
        let shown = folder.display();
        return Err(Failure::usage(text!(
            ko: "{shown}: 그런 폴더는 없습니다. 있는 폴더의 파일을 지정하십시오.",
            en: "{shown}: there is no such folder. Name a file in one that exists."
        )));
    }
    let shown = path.display();
    let written = if replace { write_whole(path, bytes) } else { write_new(path, bytes) };
    written.map_err(|error| {
        Failure::usage(if error.kind() == ErrorKind::AlreadyExists {
            text!(
                ko: "{shown}: 이미 있는 파일입니다. 다른 이름을 쓰거나 --force로 바꾸십시오.",
                en: "{shown} is there already. Choose another name, or replace it with --force."
            )
        } else {
            text!(
                ko: "{shown}: 쓸 수 없습니다({error}). 쓸 수 있는 폴더의 파일을 지정하십시오.",
                en: "{shown} cannot be written ({error}). Name a file in a folder you can write to."
            )
        })
    })
}

/// Reads a file of at most `most` bytes.
///
/// # Errors
/// It cannot be read, is no plain file (a FIFO would never end), or is larger.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, Failure> {
    let shown = path.display();
    let fail = |error: std::io::Error| {
        Failure::usage(text!(
            ko: "{shown}: 읽을 수 없습니다({error}). 있는 파일을 지정하십시오.",
            en: "{shown} cannot be read ({error}). Name a file that is there."
        ))
    };
    if !std::fs::metadata(path).map_err(fail)?.is_file() {
        return Err(Failure::usage(text!(
            ko: "{shown}: 파일이 아닙니다. 파일을 지정하십시오.",
            en: "{shown} is no file. Name a file."
        )));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(most + 1).read_to_end(&mut bytes)).map_err(fail)?;
    if bytes.len() as u64 > most {
        return Err(Failure::usage(text!(
            ko: "{shown}: {most}바이트가 넘습니다. 다른 파일을 지정한 것 같습니다.",
            en: "{shown} is larger than {most} bytes. It is probably another file."
        )));
    }
    Ok(bytes)
}
