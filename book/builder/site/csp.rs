//! What a Content-Security-Policy has to allow for the site to work: `csp.json`.
//!
//! ```json
//! {"script-src": ["sha256-…="], "style-src": [], "unsafe-inline-style": false}
//! ```
//!
//! `script-src` and `style-src` list the hashes of inline scripts and `<style>` elements (the
//! pages are written to have none, and a test says so); data blocks such as
//! `<script type="application/json">` are no scripts to a browser and need none.
//! `unsafe-inline-style` says whether some element carries a `style` attribute.

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::Files;
use super::html;

/// The policy of a whole site, as JSON.
pub fn policy(files: &Files) -> Vec<u8> {
    let mut scripts = BTreeSet::new();
    let mut styles = BTreeSet::new();
    let mut attributes = false;
    for (_, bytes) in files.iter().filter(|(name, _)| name.ends_with(".html")) {
        for tag in html::tags(&String::from_utf8_lossy(bytes)) {
            attributes |= tag.attr("style").is_some();
            match tag.name.as_str() {
                "script" if is_run(tag.attr("type")) && tag.attr("src").is_none() => {
                    scripts.insert(source(&tag.inside));
                }
                "style" => {
                    styles.insert(source(&tag.inside));
                }
                _ => {}
            }
        }
    }
    let json = serde_json::json!({ "script-src": scripts, "style-src": styles, "unsafe-inline-style": attributes });
    format!("{json:#}\n").into_bytes()
}

/// Whether a browser runs a script of this type, rather than keeping it as data.
pub fn is_run(kind: Option<&str>) -> bool {
    matches!(kind, None | Some("" | "module" | "text/javascript" | "importmap" | "speculationrules"))
}

fn source(inline: &str) -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(inline.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_is_hashed_and_data_is_not() {
        for (page, want) in [
            ("<script src=a.js></script><script type=application/json>{}</script>", (0, 0, false)),
            ("<script>1</script><script>1</script>", (1, 0, false)),
            ("<style>p{}</style><p style='color:red'>", (0, 1, true)),
        ] {
            let files = Files::from([("ko/a.html".to_owned(), page.as_bytes().to_vec())]);
            let policy: serde_json::Value = serde_json::from_slice(&policy(&files)).unwrap();
            let count = |name: &str| policy[name].as_array().unwrap().len();
            let got = (count("script-src"), count("style-src"), policy["unsafe-inline-style"] == true);
            assert_eq!(got, want, "{page}");
        }
        // The value a browser computes for the empty script.
        assert_eq!(source(""), "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
    }
}
