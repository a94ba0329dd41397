//! The reader's own machine: what live-probe says about it, when live-probe serves this page.
//!
//! On any other host there is no [`Probe`] and nothing is asked of the network. `loader.js` trades
//! the launch fragment for a session once a page and leaves the promise of its token on the
//! window; every widget of the page waits for that one promise.

use std::cell::Cell;
use std::rc::Rc;

use exercises::page::FromJson as _;
use sim_core::{Json, Text, text};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, Headers, ReadableStreamDefaultReader, RequestInit, Response};

use crate::page;
use crate::sse::Events;

/// Name of the promise on the window, resolved with the session's token or with `null`.
const SESSION: &str = "liveProbeSession";

/// A session with the live-probe that serves this page.
#[derive(Clone, PartialEq)]
pub struct Probe {
    token: Rc<str>,
}

/// What the machine is (`GET /api/v1/facts`).
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Release, as `uname -r` prints it.
    pub kernel: String,
    /// Ticks a second, where it can be known.
    pub hz: Option<i64>,
    /// Online CPUs.
    pub cpus: i64,
    /// The three averages, in 1/2048.
    pub avenrun: [u64; 3],
    /// Threads on the machine.
    pub nr_threads: i64,
    /// Kernel files by path.
    pub files: Vec<(String, String)>,
}

/// One look at the machine (`GET /api/v1/samples`).
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// The probe's clock, ms.
    pub t_ms: f64,
    /// What the look cost the machine, µs.
    pub cost_us: f64,
    /// The three averages, in 1/2048.
    pub avenrun: [u64; 3],
    /// Kernel files by path.
    pub files: Vec<(String, String)>,
}

impl Probe {
    /// The probe that serves this page, if one does, this tab has a session with it and it has a kernel to look at.
    pub async fn connect() -> Option<Probe> {
        let promise = js_sys::Reflect::get(&page::window(), &SESSION.into()).ok()?;
        let promise: js_sys::Promise = promise.dyn_into().ok()?;
        let token = JsFuture::from(promise).await.ok()?.as_string()?;
        let probe = Probe { token: token.into() };
        // Where there is no Linux kernel it serves the book, and there is nothing to look at.
        let blind = probe.health().await.is_ok_and(|health| health["live"].as_bool() == Some(false));
        (!blind).then_some(probe)
    }

    /// What the machine is.
    ///
    /// # Errors
    /// In words: the probe has stopped, the session is over, or the answer is not understood.
    pub async fn facts(&self) -> Result<Facts, Text> {
        let value = self.json("GET", "facts", None).await?;
        read_facts(&value).ok_or_else(not_understood)
    }

    /// Judges an exercise on this machine; the answer is the judgement as JSON text.
    ///
    /// # Errors
    /// As [`Probe::facts`], and when the probe refuses the exercise or the prediction.
    pub async fn judge(&self, exercise: &str, prediction: Option<&str>) -> Result<String, Text> {
        let body = Json::object([("exercise", exercise.into()), ("prediction", prediction.into())]);
        text_of(self.call("POST", "judge", Some(&body), None).await?).await
    }

    /// What the terminal knows of an exercise, `{"prediction","hints","passed"}`, after it was told what
    /// the page knows, if it is to be told.
    ///
    /// # Errors
    /// As [`Probe::facts`].
    pub async fn progress(&self, exercise: &str, set: Option<Json>) -> Result<Json, Text> {
        let mut body = Json::object([("exercise", exercise.into())]);
        if let Some(set) = set {
            body.set("set", set);
        }
        self.json("POST", "progress", Some(&body)).await
    }

    /// Starts the workload of an exercise; the answer is its plan as JSON text.
    ///
    /// # Errors
    /// As [`Probe::facts`], and when workloads were not allowed when the probe was started.
    pub async fn start_workload(&self, exercise: &str) -> Result<String, Text> {
        let body = Json::object([("exercise", exercise.into())]);
        text_of(self.call("POST", "workload", Some(&body), None).await?).await
    }

    /// What runs now and how the last workload ended: `{"running": {"exercise",
    /// "progress": {"elapsed_ms",…}}|null, "last": {"exercise","ended","why"}|null}`.
    ///
    /// # Errors
    /// As [`Probe::start_workload`].
    pub async fn workload(&self) -> Result<Json, Text> {
        self.json("GET", "workload", None).await
    }

    /// Stops the workload of an exercise.
    ///
    /// # Errors
    /// As [`Probe::facts`].
    pub async fn stop_workload(&self, exercise: &str) -> Result<(), Text> {
        let body = Json::object([("exercise", exercise.into())]);
        self.call("DELETE", "workload", Some(&body), None).await.map(drop)
    }

    /// What the probe says of itself, `{"live_probe","reload","workloads","live"}`.
    ///
    /// # Errors
    /// As [`Probe::facts`].
    pub async fn health(&self) -> Result<Json, Text> {
        self.json("GET", "health", None).await
    }

    /// Looks at the machine every `interval_ms` until the stream is dropped. The callback gets
    /// each sample; an error is the last thing it gets.
    pub fn samples(&self, interval_ms: u32, mut each: impl FnMut(Result<Sample, Text>) + 'static) -> Stream {
        let abort = AbortController::new().ok();
        let stopped: Rc<Cell<bool>> = Rc::default();
        let (silence, signal) = (stopped.clone(), abort.clone());
        let leaving = page::Leaving::new(move || end(&silence, signal.as_ref()));
        let stream = Stream { abort: abort.clone(), stopped, _leaving: leaving };
        let (probe, stopped) = (self.clone(), stream.stopped.clone());
        page::spawn(async move {
            let result = probe.read_samples(interval_ms, abort.as_ref(), &mut |sample| each(Ok(sample))).await;
            // Silence was asked for; it is not an error.
            if !stopped.get() {
                each(Err(result.err().unwrap_or_else(gone)));
            }
        });
        stream
    }

    async fn read_samples(
        &self,
        interval_ms: u32,
        abort: Option<&AbortController>,
        each: &mut dyn FnMut(Sample),
    ) -> Result<(), Text> {
        let path = format!("samples?interval_ms={interval_ms}");
        let response = self.call("GET", &path, None, abort).await?;
        let body = response.body().ok_or_else(gone)?;
        let reader: ReadableStreamDefaultReader = body.get_reader().dyn_into().map_err(|_| gone())?;
        let mut events = Events::default();
        loop {
            let chunk = JsFuture::from(reader.read()).await.map_err(|_| gone())?;
            let get = |name: &str| js_sys::Reflect::get(&chunk, &name.into()).unwrap_or_default();
            if get("done").is_truthy() {
                return Ok(());
            }
            let bytes = js_sys::Uint8Array::new(&get("value")).to_vec();
            for (event, data) in events.feed(&bytes) {
                if event == "sample" {
                    let value = Json::parse(&data).map_err(|_| not_understood())?;
                    each(read_sample(&value).ok_or_else(not_understood)?);
                }
            }
        }
    }

    async fn json(&self, method: &str, path: &str, body: Option<&Json>) -> Result<Json, Text> {
        let text = text_of(self.call(method, path, body, None).await?).await?;
        Json::parse(&text).map_err(|_| not_understood())
    }

    async fn call(
        &self,
        method: &str,
        path: &str,
        body: Option<&Json>,
        abort: Option<&AbortController>,
    ) -> Result<Response, Text> {
        let init = RequestInit::new();
        init.set_method(method);
        if method == "DELETE" {
            // What ends something is said even by a page that is being left.
            let _ = js_sys::Reflect::set(&init, &"keepalive".into(), &true.into());
        }
        if let Some(abort) = abort {
            init.set_signal(Some(&abort.signal()));
        }
        let headers = Headers::new().map_err(|_| gone())?;
        let _ = headers.set("X-Live-Probe-Token", &self.token);
        if let Some(body) = body {
            let _ = headers.set("Content-Type", "application/json");
            init.set_body(&body.to_string().into());
        }
        init.set_headers(&headers);
        let fetch = page::window().fetch_with_str_and_init(&format!("/api/v1/{path}"), &init);
        let response: Response = JsFuture::from(fetch).await.map_err(|_| gone())?.unchecked_into();
        if response.ok() {
            return Ok(response);
        }
        let status = response.status();
        let said = text_of(response).await.unwrap_or_default();
        Err(refusal(status, &said))
    }
}

/// A stream of samples; dropping it ends it, and so does leaving the page: a browser may keep a page
/// that was left, streams and all, in case the reader comes back.
pub struct Stream {
    abort: Option<AbortController>,
    stopped: Rc<Cell<bool>>,
    _leaving: page::Leaving,
}

impl Drop for Stream {
    fn drop(&mut self) {
        end(&self.stopped, self.abort.as_ref());
    }
}

fn end(stopped: &Cell<bool>, abort: Option<&AbortController>) {
    stopped.set(true);
    if let Some(abort) = abort {
        abort.abort();
    }
}

async fn text_of(response: Response) -> Result<String, Text> {
    let text = response.text().map_err(|_| gone())?;
    JsFuture::from(text).await.ok().and_then(|text| text.as_string()).ok_or_else(gone)
}

/// What the probe said when it refused, else what its status means.
fn refusal(status: u16, said: &str) -> Text {
    let said = Json::parse(said).unwrap_or_default();
    if let Some(reason) = Text::from_json(&said["error"]["message"]) {
        return reason;
    }
    if status == 401 || status == 403 {
        return Text::fixed(
            "세션이 끝났습니다. live-probe가 터미널에 적은 주소를 다시 여십시오.",
            "The session is over: open the address that live-probe printed in the terminal again.",
        );
    }
    text!(
        ko: "live-probe가 요청을 거절했습니다(HTTP {status}).",
        en: "live-probe refused the request (HTTP {status})."
    )
}

fn gone() -> Text {
    Text::fixed(
        "live-probe와 연결이 끊겼습니다. 터미널에서 아직 돌고 있는지 확인하고 이 페이지를 새로 여십시오.",
        "live-probe does not answer. Check that it still runs in its terminal, then reload this page.",
    )
}

/// What is said of an answer of another shape.
pub fn not_understood() -> Text {
    Text::fixed(
        "live-probe의 답을 이해하지 못했습니다. 페이지와 live-probe의 버전이 같은지 확인하십시오.",
        "live-probe's answer was not understood. Check that page and live-probe are of the same version.",
    )
}

fn read_facts(value: &Json) -> Option<Facts> {
    Some(Facts {
        kernel: value["kernel"].as_str()?.to_owned(),
        hz: value["hz"].as_i64(),
        cpus: value["cpus"].as_i64()?,
        avenrun: read_loads(&value["avenrun"])?,
        nr_threads: value["nr_threads"].as_i64()?,
        files: read_files(&value["files"]),
    })
}

fn read_sample(value: &Json) -> Option<Sample> {
    Some(Sample {
        t_ms: value["t_ms"].as_f64()?,
        cost_us: value["cost_us"].as_f64()?,
        avenrun: read_loads(&value["avenrun"])?,
        files: read_files(&value["files"]),
    })
}

fn read_loads(value: &Json) -> Option<[u64; 3]> {
    Some([value[0].as_u64()?, value[1].as_u64()?, value[2].as_u64()?])
}

fn read_files(value: &Json) -> Vec<(String, String)> {
    value.fields().iter().filter_map(|(path, text)| Some((path.clone(), text.as_str()?.to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    macro_rules! json {
        ($($json:tt)+) => { Json::parse(&serde_json::json!($($json)+).to_string()).unwrap() };
    }

    #[test]
    fn answers_are_read_or_refused_whole() {
        let facts = json!({"kernel": "6.18.44", "hz": null, "cpus": 2, "avenrun": [1, 2, 3], "nr_threads": 90,
            "files": {"/proc/loadavg": "0.00 0.00 0.00 1/90 7\n"}});
        let read = read_facts(&facts).unwrap();
        assert_eq!((read.hz, read.cpus, read.avenrun, read.files.len()), (None, 2, [1, 2, 3], 1));
        for broken in ["kernel", "cpus", "avenrun", "nr_threads"] {
            let mut facts = facts.clone();
            facts.set(broken, "?".into());
            let whole = broken != "kernel";
            assert_eq!(read_facts(&facts).is_none(), whole, "{broken}");
        }
        let sample = json!({"t_ms": 1000.5, "cost_us": 12, "avenrun": [0, 30, 93], "files": {}});
        assert_eq!(read_sample(&sample).unwrap().avenrun, [0, 30, 93]);
        assert_eq!(read_sample(&json!({"t_ms": 0, "cost_us": 1, "avenrun": [0, 1]})), None);
    }

    #[test]
    fn a_refusal_is_told_in_the_probes_own_words_when_it_has_some() {
        let words =
            r#"{"error":{"code":"off","message":{"ko":"작업 부하가 꺼져 있습니다.","en":"Workloads are off."}}}"#;
        assert_eq!(refusal(409, words).en, "Workloads are off.");
        assert!(refusal(401, "").en.contains("session"));
        assert!(refusal(500, "<html>").en.contains("500"));
    }
}
