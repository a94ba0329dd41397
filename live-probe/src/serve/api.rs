//! `/api/v1`: what the pages ask.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use exercises::Exercise;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sim_core::{Text, text};
use tokio::time::timeout;

use super::app::App;
use super::guard::{is_json, not_json, only, too_large};
use super::problem::Problem;
use super::samples::{INTERVAL, USUAL};
use super::shared::Known;
use super::tokens::Session;
use super::{reload as builds, streams};

/// Carries the launch secret, once.
const LAUNCH: HeaderName = HeaderName::from_static("x-live-probe-launch");
/// Carries the session's token. A header of its own is what no other page's form can send.
const TOKEN: HeaderName = HeaderName::from_static("x-live-probe-token");

type Shared = State<Arc<App>>;
type Answer = Result<Response, Problem>;

/// What an exercise is named by in a request. Nothing else about a workload can be chosen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    exercise: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Noted {
    exercise: String,
    #[serde(default)]
    set: Option<Known>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    exercise: String,
    #[serde(default)]
    prediction: Option<String>,
}

/// `GET health`: that we are here, and what we may do. Needs no token.
pub async fn health(State(app): Shared) -> Response {
    json(&json!({
        "live_probe": env!("CARGO_PKG_VERSION"),
        "reload": app.reload.is_some(),
        "workloads": app.workloads.is_some(),
        "live": app.eyes.lacking().is_none(),
    }))
}

/// `POST session`: trades the launch secret for a session's token, once.
pub async fn session(State(app): Shared, headers: HeaderMap) -> Answer {
    let launch = only(&headers, &LAUNCH).ok().flatten().unwrap_or_default();
    match app.tokens.open(launch) {
        Ok(Some(token)) => Ok(json(&json!({ "token": token }))),
        Ok(None) => {
            let message = Text::fixed(
                "이 시작 주소는 이미 쓰였거나 이 서버의 것이 아닙니다. live-probe가 도는 터미널에서 Enter를 눌러 새 주소를 받으십시오.",
                "This launch address has been used, or is not of this server. Press Enter in live-probe's terminal for a new one.",
            );
            Err(Problem::new(StatusCode::FORBIDDEN, "launch", message))
        }
        Err(error) => Err(Problem::internal(text!(
            ko: "운영체제에서 난수를 얻지 못했습니다({error}). 다시 시도해 주십시오.",
            en: "The system gave no random bytes ({error}). Try again."
        ))),
    }
}

/// `GET facts`: what the machine is.
pub async fn facts(State(app): Shared, headers: HeaderMap) -> Answer {
    who(&app, &headers)?;
    visible(&app)?;
    let eyes = app.eyes.clone();
    at_leisure(&app, move || json(&eyes.facts())).await
}

/// `GET here`: what the book shows of the machine.
pub async fn here(State(app): Shared, headers: HeaderMap) -> Answer {
    who(&app, &headers)?;
    visible(&app)?;
    let eyes = app.eyes.clone();
    at_leisure(&app, move || json(&json!({ "figures": eyes.here() }))).await
}

/// `GET samples?interval_ms=N`: looks at the machine as events.
pub async fn samples(State(app): Shared, request: Request) -> Answer {
    let session = who(&app, request.headers())?;
    visible(&app)?;
    let interval = interval(request.uri().query().unwrap_or_default())?;
    let slot = app.streams.slot(Some(session))?;
    let events = app.hub.listen(interval).map_err(|error| {
        Problem::internal(text!(
            ko: "컴퓨터를 관찰하는 스레드를 시작하지 못했습니다({error}).",
            en: "The thread that looks at the machine could not be started ({error})."
        ))
    })?;
    Ok(streams::answer(events, slot, &app.limits, app.stop.clone()))
}

/// Refuses where there is no Linux kernel to look at.
fn visible(app: &App) -> Result<(), Problem> {
    match app.eyes.lacking() {
        None => Ok(()),
        Some(Text { ko, en }) => {
            let message = text!(ko: "볼 수 있는 커널이 없습니다. {ko}", en: "There is nothing to look at: {en}");
            Err(Problem::new(StatusCode::NOT_IMPLEMENTED, "no_kernel", message))
        }
    }
}

fn interval(query: &str) -> Result<Duration, Problem> {
    let (least, most) = (INTERVAL.start().as_millis(), INTERVAL.end().as_millis());
    let wrong = || {
        Problem::bad_request(text!(
            ko: "interval_ms에는 {least}에서 {most}까지의 정수를 한 번 적습니다(단위 ms).",
            en: "interval_ms takes one whole number from {least} to {most} (ms)."
        ))
    };
    let mut interval = USUAL;
    let mut seen = false;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let value = pair.strip_prefix("interval_ms=").filter(|_| !seen).ok_or_else(wrong)?;
        interval = value.parse().map(Duration::from_millis).map_err(|_| wrong())?;
        seen = true;
    }
    if INTERVAL.contains(&interval) { Ok(interval) } else { Err(wrong()) }
}

/// `POST judge`: judges an exercise on this machine, as `live-probe check` does.
pub async fn judge(State(app): Shared, request: Request) -> Answer {
    who(&app, request.headers())?;
    let asked: Asked = body(&app, request).await?;
    let exercise = exercise(&asked.exercise)?;
    if let Some(typed) = &asked.prediction {
        exercise.prediction.parse(typed).map_err(Problem::bad_request)?;
    }
    let judge = Arc::clone(&app.judge);
    at_leisure(&app, move || match judge(exercise, asked.prediction.as_deref()) {
        Ok(judgement) => json(&judgement),
        Err(message) => Problem::internal(message).into_response(),
    })
    .await
}

/// `GET progress`: how far the reader is with everything, in the form of an exported file.
pub async fn all_progress(State(app): Shared, headers: HeaderMap) -> Answer {
    who(&app, &headers)?;
    let keep = Arc::clone(&app.keep);
    at_leisure(&app, move || match keep.all() {
        Ok(progress) => json(&progress),
        Err(message) => Problem::internal(message).into_response(),
    })
    .await
}

/// `POST progress`: what terminal and page know of an exercise, after noting what the page says.
pub async fn progress(State(app): Shared, request: Request) -> Answer {
    who(&app, request.headers())?;
    let asked: Noted = body(&app, request).await?;
    let exercise = exercise(&asked.exercise)?;
    if let Some(typed) = asked.set.as_ref().and_then(|set| set.prediction.as_ref()) {
        exercise.prediction.parse(typed).map_err(Problem::bad_request)?;
    }
    let keep = Arc::clone(&app.keep);
    at_leisure(&app, move || match keep.note(exercise, asked.set) {
        Ok(known) => json(&known),
        Err(message) => Problem::internal(message).into_response(),
    })
    .await
}

/// `GET workload`: what runs now.
pub async fn workload(State(app): Shared, headers: HeaderMap) -> Answer {
    who(&app, &headers)?;
    Ok(json(&allowed(&app)?.now()))
}

/// `POST workload`: starts the workload of an exercise; the answer is its plan.
pub async fn start_workload(State(app): Shared, request: Request) -> Answer {
    let session = who(&app, request.headers())?;
    let workloads = Arc::clone(allowed(&app)?);
    let named: Named = body(&app, request).await?;
    let exercise = exercise(&named.exercise)?;
    let plan = workloads.start(exercise, session, &app)?;
    Ok((StatusCode::CREATED, json(&plan)).into_response())
}

/// `DELETE workload`: stops it.
pub async fn stop_workload(State(app): Shared, request: Request) -> Answer {
    who(&app, request.headers())?;
    let workloads = Arc::clone(allowed(&app)?);
    let named: Named = body(&app, request).await?;
    let exercise = exercise(&named.exercise)?;
    workloads.stop(&exercise.id)?;
    Ok(json(&json!({ "stopped": exercise.id })))
}

fn allowed(app: &App) -> Result<&Arc<super::workloads::Workloads>, Problem> {
    app.workloads.as_ref().ok_or_else(|| {
        let message = Text::fixed(
            "이 서버는 부하를 일으키지 않습니다. `live-probe serve --allow-workloads`로 다시 시작하거나 터미널에서 `live-probe run`을 쓰십시오.",
            "This server starts no workloads. Start it again with `live-probe serve --allow-workloads`, or use `live-probe run` in a terminal.",
        );
        Problem::new(StatusCode::FORBIDDEN, "no_consent", message)
    })
}

/// `GET reload`: an event for every new build of the site. It tells nothing about the machine, so
/// it needs no token: a page opened in another tab reloads too.
pub async fn reload(State(app): Shared) -> Answer {
    let dir = app.reload.clone().ok_or_else(Problem::not_found)?;
    let slot = app.streams.slot(None)?;
    Ok(streams::answer(builds::watch(dir), slot, &app.limits, app.stop.clone()))
}

/// The answer to a HEAD of an event stream.
pub async fn no_head() -> Problem {
    not_allowed("GET")
}

/// The answer to a method an address does not take.
pub fn not_allowed(methods: &'static str) -> Problem {
    Problem::method().with(header::ALLOW, methods)
}

/// The session a request belongs to.
fn who(app: &App, headers: &HeaderMap) -> Result<Session, Problem> {
    let token = only(headers, &TOKEN).ok().flatten();
    token.and_then(|token| app.tokens.session(token)).ok_or_else(|| {
        let message = Text::fixed(
            "이 탭은 이 서버와 이어져 있지 않습니다. live-probe가 도는 터미널에서 Enter를 눌러 새 주소를 받아 여십시오.",
            "This tab has no session with this server. Press Enter in live-probe's terminal and open the address it prints.",
        );
        let code = if token.is_some() { "token_unknown" } else { "token_missing" };
        Problem::new(StatusCode::UNAUTHORIZED, code, message).with(header::WWW_AUTHENTICATE, "LiveProbe")
    })
}

fn exercise(id: &str) -> Result<&'static Exercise, Problem> {
    exercises::find(id).ok_or_else(|| {
        let shown: String = id.chars().take(80).collect();
        let message = text!(
            ko: "`{shown}`: 그런 연습 문제는 없습니다. `live-probe list`로 목록을 볼 수 있습니다.",
            en: "`{shown}`: there is no such exercise; `live-probe list` names them all."
        );
        Problem::new(StatusCode::NOT_FOUND, "exercise", message)
    })
}

/// The body of a request, within its bounds.
async fn body<T: DeserializeOwned>(app: &App, request: Request) -> Result<T, Problem> {
    let (parts, body) = request.into_parts();
    if !parts.headers.get(header::CONTENT_TYPE).is_some_and(is_json) {
        return Err(not_json());
    }
    let limit = app.limits.body_bytes;
    let bytes = timeout(app.limits.body_time, axum::body::to_bytes(body, limit)).await.map_err(|_| {
        let message = Text::fixed("요청 본문이 제때 오지 않았습니다.", "The request's body did not arrive in time.");
        Problem::new(StatusCode::REQUEST_TIMEOUT, "slow", message).with(header::CONNECTION, "close")
    })?;
    // Whatever else goes wrong while reading, the client is gone and sees no answer.
    let bytes: Bytes = bytes.map_err(|_| too_large(limit))?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Problem::bad_request(text!(
            ko: "요청 본문을 이해할 수 없습니다({error}).",
            en: "The request's body is not understood ({error})."
        ))
    })
}

/// Runs what may block on another thread, a few at a time and not for ever.
async fn at_leisure(app: &App, work: impl FnOnce() -> Response + Send + 'static) -> Answer {
    let busy = || {
        let message = Text::fixed(
            "이 컴퓨터의 파일을 읽는 데 너무 오래 걸립니다. 잠시 뒤에 다시 시도해 주십시오.",
            "Reading this machine takes too long. Try again in a moment.",
        );
        Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message).with(header::RETRY_AFTER, "5")
    };
    let work = async {
        let place = Arc::clone(&app.judges).acquire_owned().await.ok()?;
        // The place is given back by the thread that holds it, even when nobody waits any more.
        let work = move || {
            let answer = work();
            drop(place);
            answer
        };
        tokio::task::spawn_blocking(work).await.ok()
    };
    timeout(app.limits.judge_time, work).await.ok().flatten().ok_or_else(busy)
}

fn json(value: &impl Serialize) -> Response {
    let kind = HeaderValue::from_static("application/json");
    match serde_json::to_vec(value) {
        Ok(bytes) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        Err(error) => Problem::internal(Text::verbatim(error.to_string())).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interval_is_bounded_and_said_once() {
        let ms = |query| interval(query).ok().map(|interval| interval.as_millis());
        for (query, want) in [
            ("", Some(1000)),
            ("interval_ms=250", Some(250)),
            ("interval_ms=60000&", Some(60_000)),
            ("interval_ms=249", None),
            ("interval_ms=60001", None),
            ("interval_ms=-1", None),
            ("interval_ms=1e3", None),
            ("interval_ms=", None),
            ("interval_ms=500&interval_ms=500", None),
            ("path=/etc/passwd", None),
        ] {
            assert_eq!(ms(query), want, "{query}");
        }
    }
}
