//! Where the pages come from: packed into this program, or a folder.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use axum::body::Bytes;

/// A file larger than this is no page of a book: bytes.
const LARGEST: u64 = 64 << 20;

/// Gives the bytes stored under a name, and a hash of them.
type Stored = fn(&str) -> Option<(Bytes, [u8; 32])>;

/// The built site.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "site"), allow(dead_code, reason = "nothing is packed into this program"))]
pub enum Site {
    /// Plain files below a folder, which may be rebuilt while we serve it.
    Folder(PathBuf),
    /// Carried by this program, each file as `NAME.br`.
    Packed(Stored),
}

/// How the bytes of an asset are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(not(feature = "site"), allow(dead_code, reason = "a folder holds plain files only"))]
pub enum Encoding {
    /// As they are.
    Identity,
    /// `Content-Encoding: gzip`
    Gzip,
    /// `Content-Encoding: br`
    Brotli,
}

impl Encoding {
    /// The name in `Content-Encoding`.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Encoding::Identity => None,
            Encoding::Gzip => Some("gzip"),
            Encoding::Brotli => Some("br"),
        }
    }
}

/// Which encodings a client takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accepts {
    /// `br`
    pub brotli: bool,
    /// `gzip`
    pub gzip: bool,
}

impl Accepts {
    /// Reads `Accept-Encoding`. `q=0` refuses, every other weight accepts.
    pub fn parse(header: &str) -> Accepts {
        let mut accepts = Accepts::default();
        for item in header.split(',') {
            let mut parts = item.split(';').map(str::trim);
            let name = parts.next().unwrap_or_default().to_ascii_lowercase();
            let zero = |weight: &str| weight.trim().parse::<f32>().is_ok_and(|weight| weight == 0.0);
            let taken = !parts.any(|part| part.strip_prefix("q=").is_some_and(zero));
            match name.as_str() {
                "br" => accepts.brotli = taken,
                "gzip" | "x-gzip" => accepts.gzip = taken,
                _ => {}
            }
        }
        accepts
    }
}

/// A file of the site, ready to send.
#[derive(Clone, Debug)]
pub struct Asset {
    /// Its bytes in `encoding`.
    pub bytes: Bytes,
    /// How they are encoded.
    pub encoding: Encoding,
    /// `ETag`, with quotes.
    pub tag: String,
}

/// What a name of the site turns out to be.
#[derive(Clone, Debug)]
pub enum Found {
    /// A file.
    File(Asset),
    /// A folder with an `index.html`, asked for without the final slash.
    Folder,
    /// Nothing, or nothing that may be seen.
    Nothing,
}

impl Site {
    /// The file by that name, which [`super::path::resolve`] has made. May block on the disk.
    ///
    /// # Errors
    /// The file is there and cannot be read.
    pub fn find(&self, name: &str, accepts: Accepts) -> std::io::Result<Found> {
        match self {
            Site::Folder(root) => folder(root, name),
            Site::Packed(get) => packed(*get, name, accepts),
        }
    }

    /// The whole text of a small file such as `csp.json`; `None` if it is not there.
    pub fn text(&self, name: &str) -> Option<Bytes> {
        match self.find(name, Accepts::default()).ok()? {
            Found::File(asset) => Some(asset.bytes),
            _ => None,
        }
    }
}

/// A file below a folder. The real place of what is opened must be below the real place of the
/// folder: a symbolic link may point about inside the site and nowhere else. Both are looked up
/// for every request, because a rebuilt site may come as another folder under the old link.
fn folder(root: &Path, name: &str) -> std::io::Result<Found> {
    let Ok(root) = root.canonicalize() else { return Ok(Found::Nothing) };
    let Ok(real) = root.join(name).canonicalize() else { return Ok(Found::Nothing) };
    let Ok(below) = real.strip_prefix(&root) else { return Ok(Found::Nothing) };
    let hidden = |part: std::path::Component<'_>| part.as_os_str().as_encoded_bytes().starts_with(b".");
    if below.components().any(hidden) {
        return Ok(Found::Nothing);
    }
    // Asked before opening: opening a pipe waits for its other end.
    let kind = std::fs::symlink_metadata(&real)?;
    if kind.is_dir() {
        let index = real.join("index.html").is_file();
        return Ok(if index { Found::Folder } else { Found::Nothing });
    }
    if !kind.is_file() {
        return Ok(Found::Nothing);
    }
    let mut file = std::fs::File::open(&real)?;
    let about = file.metadata()?;
    if !about.is_file() || about.len() > LARGEST {
        return Ok(Found::Nothing);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(about.len()).unwrap_or(0));
    file.by_ref().take(LARGEST).read_to_end(&mut bytes)?;
    let age = about.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default();
    let tag = format!("\"{:x}-{:x}\"", age.as_nanos(), bytes.len());
    Ok(Found::File(Asset { bytes: bytes.into(), encoding: Encoding::Identity, tag }))
}

/// A packed file in the best encoding that the client takes. It is carried as brotli only, a third of the
/// program's size saved; browsers take that on loopback and over TLS. On a plain address of a network
/// they take gzip, which is made when they ask.
fn packed(get: Stored, name: &str, accepts: Accepts) -> std::io::Result<Found> {
    let Some((brotli, hash)) = get(&format!("{name}.br")) else {
        return repeated(get, name, accepts);
    };
    let encoding = match accepts {
        Accepts { brotli: true, .. } => Encoding::Brotli,
        Accepts { gzip: true, .. } => Encoding::Gzip,
        _ => Encoding::Identity,
    };
    let plain = || brotli::Decompressor::new(&*brotli, 4096).take(LARGEST);
    let bytes = match encoding {
        Encoding::Brotli => brotli,
        Encoding::Gzip => zipped(plain())?,
        Encoding::Identity => all(plain())?,
    };
    Ok(Found::File(Asset { bytes, encoding, tag: tag(&hash, encoding) }))
}

/// A packed file that says again what others say: `NAME.over.br` names them, and with their text
/// `NAME.from.br` gives the file.
fn repeated(get: Stored, name: &str, accepts: Accepts) -> std::io::Result<Found> {
    let (over, from) = (get(&format!("{name}.over.br")), get(&format!("{name}.from.br")));
    let (Some((over, _)), Some((from, mut hash))) = (over, from) else {
        let index = get(&format!("{name}/index.html.br")).is_some();
        return Ok(if index { Found::Folder } else { Found::Nothing });
    };
    let (mut names, mut known) = (String::new(), Vec::new());
    brotli::Decompressor::new(&*over, 4096).read_to_string(&mut names)?;
    for page in names.lines() {
        let (page, of_page) = get(&format!("{page}.br")).ok_or(std::io::ErrorKind::NotFound)?;
        // Where a page changes, what it is told by may stay the same.
        hash.iter_mut().zip(of_page).for_each(|(byte, of_page)| *byte = byte.rotate_left(1) ^ of_page);
        brotli::Decompressor::new(&*page, 4096).take(LARGEST).read_to_end(&mut known)?;
    }
    let encoding = if accepts.gzip { Encoding::Gzip } else { Encoding::Identity };
    let plain = brotli::Decompressor::new_with_custom_dict(&*from, 4096, known.into()).take(LARGEST);
    let bytes = if accepts.gzip { zipped(plain)? } else { all(plain)? };
    Ok(Found::File(Asset { bytes, encoding, tag: tag(&hash, encoding) }))
}

fn all(mut from: impl Read) -> std::io::Result<Bytes> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes)?;
    Ok(bytes.into())
}

fn zipped(plain: impl Read) -> std::io::Result<Bytes> {
    all(flate2::read::GzEncoder::new(plain, flate2::Compression::default()))
}

/// The same bytes in another encoding are another thing to a cache.
fn tag(hash: &[u8; 32], encoding: Encoding) -> String {
    let hex: String = hash[..12].iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hex}-{}\"", encoding.name().unwrap_or("id"))
}

/// The site as it was when this program was built.
#[cfg(feature = "site")]
pub fn carried() -> Site {
    /// `LIVE_PROBE_SITE` names the folder while compiling.
    #[derive(rust_embed::Embed)]
    #[folder = "$LIVE_PROBE_SITE"]
    struct Files;

    Site::Packed(|name| {
        let file = Files::get(name)?;
        let bytes = match file.data {
            std::borrow::Cow::Borrowed(bytes) => Bytes::from_static(bytes),
            std::borrow::Cow::Owned(bytes) => bytes.into(),
        };
        Some((bytes, file.metadata.sha256_hash()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_encoding_is_read_with_its_weights() {
        for (header, brotli, gzip) in [
            ("gzip, deflate, br, zstd", true, true),
            ("gzip;q=1.0, br;q=0", false, true),
            ("br; q=0.5", true, false),
            ("BR, GZIP; q=0.0", true, false),
            ("identity", false, false),
            ("", false, false),
        ] {
            assert_eq!(Accepts::parse(header), Accepts { brotli, gzip }, "{header}");
        }
    }

    #[test]
    fn a_folder_gives_files_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("site");
        std::fs::create_dir_all(root.join("ko/.secret")).unwrap();
        std::fs::create_dir_all(root.join("empty")).unwrap();
        std::fs::write(root.join("ko/index.html"), "안녕").unwrap();
        std::fs::write(root.join("ko/.secret/x.html"), "x").unwrap();
        std::fs::write(dir.path().join("outside.txt"), "x").unwrap();
        let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, root.join(name)).unwrap();
        link("../outside.txt", "out.txt");
        link("/etc", "etc");
        link("ko/index.html", "in.html");
        link("ko/.secret/x.html", "hidden.html");
        link("loop", "loop");
        assert!(std::process::Command::new("mkfifo").arg(root.join("pipe")).status().unwrap().success());
        let kind = |name: &str| match Site::Folder(root.clone()).find(name, Accepts::default()).unwrap() {
            Found::File(asset) => String::from_utf8(asset.bytes.to_vec()).unwrap(),
            Found::Folder => "(folder)".into(),
            Found::Nothing => "(nothing)".into(),
        };
        for (name, want) in [
            ("ko/index.html", "안녕"),
            ("in.html", "안녕"),
            ("ko", "(folder)"),
            ("empty", "(nothing)"),
            ("absent", "(nothing)"),
            ("out.txt", "(nothing)"),
            ("etc/passwd", "(nothing)"),
            ("hidden.html", "(nothing)"),
            ("loop", "(nothing)"),
            ("pipe", "(nothing)"),
            ("ko/index.html/x", "(nothing)"),
        ] {
            assert_eq!(kind(name), want, "{name}");
        }
    }

    #[test]
    fn a_packed_file_comes_as_the_client_takes_it() {
        fn get(name: &str) -> Option<(Bytes, [u8; 32])> {
            let mut bytes = Vec::new();
            let plain = "안녕".as_bytes();
            brotli::CompressorReader::new(plain, 4096, 5, 20).read_to_end(&mut bytes).unwrap();
            matches!(name, "index.html.br" | "ko/index.html.br").then(|| (bytes.into(), [7; 32]))
        }
        let find = |name: &str, accepts: &str| Site::Packed(get).find(name, Accepts::parse(accepts)).unwrap();
        let mut tags = std::collections::BTreeSet::new();
        for (accepts, encoding) in [
            ("gzip, br", Encoding::Brotli),
            ("gzip", Encoding::Gzip),
            ("", Encoding::Identity),
            ("zstd", Encoding::Identity),
        ] {
            let Found::File(asset) = find("index.html", accepts) else { panic!("{accepts}") };
            assert_eq!(asset.encoding, encoding, "{accepts}");
            let mut plain = String::new();
            match encoding {
                Encoding::Brotli => brotli::Decompressor::new(&*asset.bytes, 4096).read_to_string(&mut plain),
                Encoding::Gzip => flate2::read::GzDecoder::new(&*asset.bytes).read_to_string(&mut plain),
                Encoding::Identity => (&*asset.bytes).read_to_string(&mut plain),
            }
            .unwrap();
            assert_eq!(plain, "안녕", "{accepts}");
            tags.insert(asset.tag);
        }
        assert_eq!(tags.len(), 3, "one for each encoding");
        assert!(matches!(find("ko", "br"), Found::Folder));
        assert!(matches!(find("en", "br"), Found::Nothing));
    }

    #[test]
    fn a_file_that_repeats_others_is_made_of_them() {
        const PAGES: [(&str, &str); 2] = [("ko/a.html", "<p>부하 평균</p>"), ("ko/b.html", "<p>메모리</p>")];
        const WHOLE: &str = "<main><p>부하 평균</p><p>메모리</p></main>";
        fn get(name: &str) -> Option<(Bytes, [u8; 32])> {
            let known = PAGES.map(|(_, text)| text).concat();
            let page = PAGES.iter().find(|(page, _)| name == format!("{page}.br"));
            let (text, known) = match name {
                "ko/print.html.over.br" => ("ko/a.html\nko/b.html\n", ""),
                "ko/print.html.from.br" => (WHOLE, known.as_str()),
                // Its pages are not there.
                "en/print.html.over.br" => ("en/a.html\n", ""),
                "en/print.html.from.br" => ("", ""),
                _ => (page?.1, ""),
            };
            let mut bytes = Vec::new();
            brotli::enc::BrotliCompressCustomIoCustomDict(
                &mut brotli::IoReaderWrapper(&mut text.as_bytes()),
                &mut brotli::IoWriterWrapper(&mut bytes),
                &mut [0; 4096],
                &mut [0; 4096],
                &brotli::enc::BrotliEncoderParams { quality: 9, lgwin: 24, ..Default::default() },
                brotli::enc::StandardAlloc::default(),
                &mut |_, _, _, _| (),
                known.as_bytes(),
                std::io::Error::from(std::io::ErrorKind::UnexpectedEof),
            )
            .unwrap();
            Some((bytes.into(), [7; 32]))
        }
        for (accepts, encoding) in [("gzip, br", Encoding::Gzip), ("br", Encoding::Identity), ("", Encoding::Identity)]
        {
            let found = Site::Packed(get).find("ko/print.html", Accepts::parse(accepts)).unwrap();
            let Found::File(asset) = found else { panic!("{accepts}") };
            assert_eq!(asset.encoding, encoding, "{accepts}");
            let mut plain = String::new();
            match encoding {
                Encoding::Gzip => flate2::read::GzDecoder::new(&*asset.bytes).read_to_string(&mut plain),
                _ => (&*asset.bytes).read_to_string(&mut plain),
            }
            .unwrap();
            assert_eq!(plain, WHOLE, "{accepts}");
        }
        assert!(Site::Packed(get).find("en/print.html", Accepts::default()).is_err());
    }
}
