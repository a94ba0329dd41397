//! The outermost layer. Every request passes here first, whatever it asks for; every answer
//! leaves through here.
//!
//! A page from elsewhere must not be able to use this server through the reader's browser. Its
//! ways in, and what closes them: a name of its own that it re-points at this machine (the `Host`
//! must be exactly ours), a script that asks across origins (`Origin` must be absent or exactly
//! ours), a form, an image or a link (`Sec-Fetch-Site` must not be another site). None of them is
//! counted against the limit on requests, so none can use it up for the reader.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sim_core::{Text, text};

use super::app::App;
use super::headers;
use super::problem::{Problem, render};

/// The address of ours that the client of a connection reached.
#[derive(Clone, Copy, Debug)]
pub struct Reached(pub SocketAddr);

/// Refuses or passes on, and stamps the answer either way.
pub async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let api = is_api(request.uri().path());
    let answer = match admit(&app, &request) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    let mut answer = render(answer, api);
    headers::stamp(answer.headers_mut());
    answer
}

/// Whether a program rather than a person reads the answer.
pub fn is_api(path: &str) -> bool {
    path == "/api" || path.starts_with("/api/")
}

fn admit(app: &App, request: &Request) -> Result<(), Problem> {
    let reached = request.extensions().get::<Reached>().copied().ok_or_else(wrong_host_unknown)?;
    let host = ours(request, reached)?;
    same_origin(request.headers(), host)?;
    same_site(request.headers())?;
    if !app.bucket().take(Instant::now()) {
        let message = Text::fixed(
            "요청이 너무 잦습니다. 잠시 뒤에 다시 시도해 주십시오.",
            "Too many requests. Try again in a moment.",
        );
        return Err(Problem::new(StatusCode::TOO_MANY_REQUESTS, "rate", message).with(header::RETRY_AFTER, "1"));
    }
    let length =
        request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if length.is_some_and(|length| length > app.limits.body_bytes as u64) {
        return Err(too_large(app.limits.body_bytes));
    }
    // A form of another page can post these types and no other without asking first.
    let changes = !request.method().is_safe();
    match request.headers().get(header::CONTENT_TYPE) {
        Some(kind) if changes && !is_json(kind) => Err(not_json()),
        _ => Ok(()),
    }
}

/// The `Host`, when it names this server exactly as the client reached it.
fn ours(request: &Request, reached: Reached) -> Result<&str, Problem> {
    let port = reached.0.port();
    let host = only(request.headers(), &header::HOST).ok().flatten();
    let known = |name: &str| names(reached).iter().any(|ours| ours == name);
    // An absolute address on the request line wins over Host wherever it is honoured: both must be ours.
    let authority = request.uri().authority().map(|authority| authority.as_str());
    match host {
        Some(host) if known(host) && authority.is_none_or(known) => Ok(host),
        _ => {
            let name = names(reached).swap_remove(0);
            let message = text!(
                ko: "이 서버의 주소가 아닙니다. http://{name}/ 으로 여십시오. SSH로 포트를 넘길 때에는 양쪽 포트를 같게 합니다(ssh -L {port}:127.0.0.1:{port} ...).",
                en: "That is not this server's address: open http://{name}/ instead. To forward the port over SSH, use the same number on both sides (ssh -L {port}:127.0.0.1:{port} ...)."
            );
            Err(Problem::new(StatusCode::MISDIRECTED_REQUEST, "host", message))
        }
    }
}

/// What `Host` may say on this connection. A browser leaves out port 80.
fn names(reached: Reached) -> Vec<String> {
    let (address, port) = (reached.0.ip().to_canonical(), reached.0.port());
    let mut names = Vec::with_capacity(8);
    let mut add = |name: String| {
        if port == 80 {
            names.push(name.clone());
        }
        names.push(format!("{name}:{port}"));
    };
    if address.is_loopback() {
        for name in ["127.0.0.1", "localhost", "[::1]"] {
            add(name.to_owned());
        }
    }
    match address {
        std::net::IpAddr::V4(v4) => add(v4.to_string()),
        std::net::IpAddr::V6(v6) => add(format!("[{v6}]")),
    }
    names
}

fn same_origin(headers: &HeaderMap, host: &str) -> Result<(), Problem> {
    let ours = |origin: &str| origin.strip_prefix("http://") == Some(host);
    match only(headers, &header::ORIGIN) {
        Ok(None) => Ok(()),
        Ok(Some(origin)) if ours(origin) => Ok(()),
        _ => {
            let message = Text::fixed(
                "다른 곳의 페이지가 보낸 요청은 받지 않습니다.",
                "Requests from pages of another origin are refused.",
            );
            Err(Problem::new(StatusCode::FORBIDDEN, "origin", message))
        }
    }
}

fn same_site(headers: &HeaderMap) -> Result<(), Problem> {
    match only(headers, &HeaderName::from_static("sec-fetch-site")) {
        Ok(None | Some("same-origin" | "none")) => Ok(()),
        _ => {
            let message = Text::fixed(
                "다른 사이트에서 건너온 요청은 받지 않습니다. 주소창에서 Enter를 누르면 열립니다.",
                "Requests that come from another site are refused. Press Enter in the address bar to open this page.",
            );
            Err(Problem::new(StatusCode::FORBIDDEN, "cross_site", message))
        }
    }
}

/// The value of a header that may appear once; `Err` for more than one or for one that is no text.
pub fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, ()> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Ok(None),
        (Some(value), None) => value.to_str().map(Some).map_err(drop),
        _ => Err(()),
    }
}

/// Whether a body says it is JSON.
pub fn is_json(kind: &HeaderValue) -> bool {
    let kind = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}

/// A body of another type, or of none.
pub fn not_json() -> Problem {
    let message = Text::fixed(
        "요청 본문은 JSON이어야 합니다(Content-Type: application/json).",
        "The request's body must be JSON (Content-Type: application/json).",
    );
    Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", message)
}

/// A body over the limit.
pub fn too_large(limit: usize) -> Problem {
    let message = text!(
        ko: "요청 본문이 너무 큽니다. {limit}바이트까지 받습니다.",
        en: "The request's body is too large; the limit is {limit} bytes."
    );
    Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
}

/// A request that came on no connection of ours cannot be told from a forged one.
fn wrong_host_unknown() -> Problem {
    let message = Text::fixed("이 서버의 주소가 아닙니다.", "That is not this server's address.");
    Problem::new(StatusCode::MISDIRECTED_REQUEST, "host", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_has_its_own_names() {
        for (local, want) in [
            ("127.0.0.1:7310", &["127.0.0.1:7310", "localhost:7310", "[::1]:7310"][..]),
            ("[::1]:7310", &["127.0.0.1:7310", "localhost:7310", "[::1]:7310"]),
            ("[::ffff:127.0.0.1]:7310", &["127.0.0.1:7310", "localhost:7310", "[::1]:7310"]),
            ("192.0.2.7:7310", &["192.0.2.7:7310"]),
            ("[2001:db8::7]:7310", &["[2001:db8::7]:7310"]),
            ("192.0.2.7:80", &["192.0.2.7", "192.0.2.7:80"]),
        ] {
            let mut names = names(Reached(local.parse().unwrap()));
            names.dedup();
            for name in want {
                assert!(names.iter().any(|one| one == name), "{local}: {names:?}");
            }
            assert!(names.iter().all(|one| want.contains(&one.as_str())), "{local}: {names:?}");
        }
    }
}
