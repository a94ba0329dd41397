//! From the path of a URL to the name of a file of the site.

/// The name below the site's folder, with `/` between its parts and without a leading one; a path
/// that ends in `/` names that folder's `index.html`. `None` for every path that no page links to:
/// one that climbs, starts with a dot, is empty in the middle or hides a separator.
///
/// What comes out is only ever appended to the site's folder; it has no part that means another
/// place to any file system.
pub fn resolve(path: &str) -> Option<String> {
    let inside = path.strip_prefix('/')?;
    let mut name = String::with_capacity(inside.len() + 10);
    let mut parts = inside.split('/').peekable();
    while let Some(part) = parts.next() {
        if part.is_empty() && parts.peek().is_none() {
            name.push_str("index.html");
            break;
        }
        let part = decode(part)?;
        if !plain(&part) {
            return None;
        }
        name.push_str(&part);
        if parts.peek().is_some() {
            name.push('/');
        }
    }
    Some(name)
}

fn plain(part: &str) -> bool {
    let odd = |c: char| matches!(c, '/' | '\\' | ':') || c.is_control();
    !part.is_empty() && part.len() <= 255 && !part.starts_with('.') && !part.contains(odd)
}

/// Percent-decodes once; `None` for a broken escape or bytes that are no UTF-8.
fn decode(part: &str) -> Option<String> {
    if !part.contains('%') {
        return Some(part.to_owned());
    }
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let (digits, after) = rest.split_at_checked(2)?;
        let digit = |byte: u8| char::from(byte).to_digit(16);
        bytes.push(u8::try_from(digit(digits[0])? * 16 + digit(digits[1])?).ok()?);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

/// The media type by the name's end, as browsers need it under `nosniff`.
pub fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, end)| end).to_ascii_lowercase().as_str() {
        "html" | "htm" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "wasm" => "application/wasm",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "gif" => "image/gif",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/vnd.microsoft.icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "ttf" => "font/ttf",
        "otf" => "font/otf",
        "xml" => "application/xml",
        "csv" => "text/csv; charset=utf-8",
        "txt" | "md" | "toml" => "text/plain; charset=utf-8",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}

/// Whether the name holds a hash of the content (`sim-wasm-1f3a9c27.js`), so that a name is never
/// given to other bytes: eight or more hexadecimal digits, some of them digits, before the ending.
pub fn hashed(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    let Some((stem, _)) = file.split_once('.') else { return false };
    // wasm-bindgen puts its own ending after the hash.
    let stem = stem.strip_suffix("_bg").unwrap_or(stem);
    let Some((_, hash)) = stem.rsplit_once(['-', '_']) else { return false };
    hash.len() >= 8 && hash.bytes().all(|b| b.is_ascii_hexdigit()) && hash.bytes().any(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_pages_link_to() {
        for (path, want) in [
            ("/", "index.html"),
            ("/ko/", "ko/index.html"),
            ("/ko/ch03-load-average.html", "ko/ch03-load-average.html"),
            ("/a%20b/%EB%B6%80%ED%95%98.svg", "a b/부하.svg"),
            ("/a..b/c...js", "a..b/c...js"),
            ("/%25.txt", "%.txt"),
        ] {
            assert_eq!(resolve(path).as_deref(), Some(want), "{path}");
        }
    }

    #[test]
    fn paths_that_nobody_links_to() {
        for path in [
            "",
            "*",
            "x",
            "//",
            "//etc/passwd",
            "/../etc/passwd",
            "/ko/../../x",
            "/ko/..",
            "/.",
            "/./x",
            "/.build-id",
            "/.git/config",
            "/ko/.hidden",
            "/%2e%2e/x",
            "/%2E%2e%2Fx",
            "/..%2fx",
            "/a%2fb",
            "/a%5cb",
            "/a\\b",
            "/%00",
            "/a%00.html",
            "/%2",
            "/%zz",
            "/%",
            "/%ff",
            "/%c0%ae%c0%ae/x",
            "/a//b",
            "/C:/x",
            "/a%0ab",
            "/%252e%252e/%2e",
        ] {
            assert_eq!(resolve(path), None, "{path:?}");
        }
        assert_eq!(resolve(&format!("/{}", "a".repeat(256))), None);
        assert_eq!(resolve("/%252e%252e/x").as_deref(), Some("%2e%2e/x"), "decoded once, and then only a name");
    }

    #[test]
    fn hashes_are_told_from_words() {
        for (name, want) in [
            ("assets/sim-wasm-1f3a9c27.js", true),
            ("ko/book-a0b12cfe.css", true),
            ("assets/sim-wasm-1f3a9c27_bg.wasm", true),
            ("assets/sim-wasm-0123456789abcdef.wasm", true),
            ("ko/ch03-load-average.html", false),
            ("a-deadbeef.js", false),
            ("a-1234567.js", false),
            ("plain", false),
        ] {
            assert_eq!(hashed(name), want, "{name}");
        }
    }
}
