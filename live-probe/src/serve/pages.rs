//! The static routes: the site, for every address that is not the API's.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use sim_core::text;

use super::app::App;
use super::guard::is_api;
use super::headers::site_policy;
use super::path::{hashed, media_type, resolve};
use super::problem::Problem;
use super::site::{Accepts, Asset, Found};

/// Revalidate at every use: the page may have been rebuilt, or another version may serve it.
const FRESH: HeaderValue = HeaderValue::from_static("private, no-cache");
/// The name holds a hash of the content.
const LASTING: HeaderValue = HeaderValue::from_static("private, max-age=31536000, immutable");

/// Answers every path that has no route of its own.
pub async fn page(State(app): State<Arc<App>>, request: Request) -> Result<Response, Problem> {
    let path = request.uri().path();
    if is_api(path) {
        return Err(Problem::not_found());
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Err(Problem::method().with(header::ALLOW, "GET, HEAD"));
    }
    let Some(name) = resolve(path) else { return Err(Problem::not_found()) };
    let accepts = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok());
    let accepts = accepts.map(Accepts::parse).unwrap_or_default();
    let html = media_type(&name).starts_with("text/html");
    let site = app.site.clone();
    let wanted = name.clone();
    let read = move || (site.find(&wanted, accepts), html.then(|| site.text("csp.json")).flatten());
    let (found, csp) = tokio::task::spawn_blocking(read).await.map_err(|_| unreadable(&name))?;
    match found.map_err(|_| unreadable(&name))? {
        Found::File(asset) => Ok(answer(&name, asset, &site_policy(csp.as_deref()), request.headers())),
        Found::Folder => Ok(to_folder(&name, request.uri().query())),
        Found::Nothing => Err(Problem::not_found()),
    }
}

fn answer(name: &str, asset: Asset, policy: &HeaderValue, asked: &HeaderMap) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_SECURITY_POLICY, policy.clone());
    headers.insert(header::CACHE_CONTROL, if hashed(name) { LASTING } else { FRESH });
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::from_str(&asset.tag) {
        headers.insert(header::ETAG, tag);
    }
    if unchanged(asked, &asset.tag) {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(name)));
    headers.insert(header::CONTENT_LENGTH, asset.bytes.len().into());
    if let Some(encoding) = asset.encoding.name() {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    // A HEAD gets no body; hyper leaves it out and keeps the length.
    (headers, Body::from(asset.bytes)).into_response()
}

/// Whether the client already has the bytes with this tag.
fn unchanged(asked: &HeaderMap, tag: &str) -> bool {
    let mut known = asked.get_all(header::IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    known.any(|list| list.split(',').map(str::trim).any(|one| one == "*" || one.trim_start_matches("W/") == tag))
}

/// `/ko` is the folder `/ko/`; relative links need the slash. The place is given relative, so that
/// it is right under any name of this server.
fn to_folder(name: &str, query: Option<&str>) -> Response {
    let last = name.rsplit('/').next().unwrap_or(name);
    let mut place: String = last.bytes().fold(String::new(), |place, byte| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => place + &char::from(byte).to_string(),
        _ => place + &format!("%{byte:02X}"),
    });
    place.push('/');
    if let Some(query) = query {
        place = place + "?" + query;
    }
    let place = HeaderValue::from_str(&format!("./{place}")).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, place), (header::CACHE_CONTROL, FRESH)]).into_response()
}

fn unreadable(name: &str) -> Problem {
    Problem::internal(text!(
        ko: "사이트의 파일 {name}을(를) 읽을 수 없습니다. 권한을 확인하거나 사이트를 다시 만드십시오.",
        en: "The site's file {name} cannot be read. Check its permissions, or build the site again."
    ))
}
