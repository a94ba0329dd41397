//! The headers that every response carries, whatever it answers.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

/// What the site may do in a browser, apart from the scripts and styles it names by hash.
const SITE_POLICY: &str = "default-src 'none'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; \
     manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What an API answer or an error page may do: nothing.
const NOTHING: HeaderValue =
    HeaderValue::from_static("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");

/// The fixed ones; `Content-Security-Policy` and `Cache-Control` depend on the answer.
const ALWAYS: [(HeaderName, HeaderValue); 7] = [
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("origin-agent-cluster"), HeaderValue::from_static("?1")),
    (
        HeaderName::from_static("permissions-policy"),
        HeaderValue::from_static("camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=()"),
    ),
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

/// Sets them. An answer that set its own policy or its own caching keeps it.
pub fn stamp(headers: &mut HeaderMap) {
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(NOTHING);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}

/// The policy of the site's own files. `csp` is the site's `csp.json`, which lists the hashes of
/// the inline scripts and styles that its pages hold: `{"script-src": ["sha256-…"], "style-src":
/// []}`. Anything in it that is not a hash is ignored, so a site cannot weaken the policy. Style
/// attributes are allowed, the widgets and figures carry some; `<style>` elements must be listed,
/// unless the site lists nothing at all.
pub fn site_policy(csp: Option<&[u8]>) -> HeaderValue {
    let listed: Option<serde_json::Value> = csp.and_then(|bytes| serde_json::from_slice(bytes).ok());
    let hashes = |directive: &str| -> String {
        let sources = listed.as_ref().and_then(|all| all.get(directive)?.as_array()).into_iter().flatten();
        sources.filter_map(|source| hash(source.as_str()?)).flat_map(|hash| [" ".to_owned(), hash]).collect()
    };
    let scripts = hashes("script-src");
    let styles = match listed.as_ref().and_then(|all| all.get("style-src")) {
        Some(_) => format!("{}; style-src-attr 'unsafe-inline'", hashes("style-src")),
        None => " 'unsafe-inline'".to_owned(),
    };
    let policy = format!("{SITE_POLICY}; script-src 'self' 'wasm-unsafe-eval'{scripts}; style-src 'self'{styles}");
    HeaderValue::from_str(&policy).unwrap_or(NOTHING)
}

/// `'sha256-…'` from a source that is one, with or without its quotes.
fn hash(source: &str) -> Option<String> {
    let bare = source.trim_matches('\'');
    let (kind, digest) = bare.split_once('-')?;
    let length = match kind {
        "sha256" => 44,
        "sha384" => 64,
        "sha512" => 88,
        _ => return None,
    };
    let base64 = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    (digest.len() == length && digest.bytes().all(base64)).then(|| format!("'{bare}'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hashes_enter_the_policy() {
        let digest = format!("sha256-{}=", "A".repeat(43));
        let csp = format!(
            r#"{{"script-src":["'{digest}'","'unsafe-inline'","*","sha256-short","'{digest}'; script-src *"],"img-src":["*"]}}"#
        );
        let policy = site_policy(Some(csp.as_bytes()));
        let policy = policy.to_str().unwrap();
        assert!(policy.contains(&format!("script-src 'self' 'wasm-unsafe-eval' '{digest}'; style-src")), "{policy}");
        assert!(!policy.contains('*') && !policy.contains("short"), "{policy}");
        let policy = site_policy(Some(format!(r#"{{"style-src":["{digest}"]}}"#).as_bytes()));
        let policy = policy.to_str().unwrap();
        assert!(policy.ends_with(&format!("style-src 'self' '{digest}'; style-src-attr 'unsafe-inline'")), "{policy}");
    }

    #[test]
    fn a_site_without_hashes_gets_the_plain_policy() {
        for csp in [None, Some(&b"{}"[..]), Some(&b"not json"[..]), Some(&b"[1]"[..])] {
            let policy = site_policy(csp);
            assert!(
                policy
                    .to_str()
                    .unwrap()
                    .ends_with("script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'")
            );
        }
    }
}
