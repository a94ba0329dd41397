//! The server over real sockets: a client that writes its own bytes, because the requests that
//! matter here are those that no well-behaved client sends.

mod doors;
mod limits;
mod sessions;
mod site;
mod streams;
mod workloads;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::app::{App, Plan, router};
use super::eyes::Eyes;
use super::limits::Limits;
use super::listen::Listeners;
use super::site::Site;
use super::workloads::Workloads;

/// A server in a thread of its own, ended when dropped.
struct Server {
    app: Arc<App>,
    address: SocketAddr,
    all: Vec<SocketAddr>,
    dir: tempfile::TempDir,
    stop: watch::Sender<bool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

/// What a server under test is made of.
#[derive(Default)]
struct Options {
    limits: Option<Limits>,
    reload: bool,
    workloads: Option<Arc<Workloads>>,
    no_kernel: bool,
}

impl Server {
    fn start() -> Server {
        Server::with(Options::default())
    }

    fn limited(change: impl FnOnce(&mut Limits)) -> Server {
        let mut limits = Limits::default();
        change(&mut limits);
        Server::with(Options { limits: Some(limits), ..Options::default() })
    }

    fn with(options: Options) -> Server {
        let dir = tempfile::tempdir().unwrap();
        let site = dir.path().join("site");
        std::fs::create_dir_all(site.join("ko")).unwrap();
        for (name, text) in [
            ("index.html", "<!doctype html><title>chooser</title>"),
            ("ko/index.html", "<!doctype html><title>책</title>"),
            ("ko/book-a0b12cfe.css", "p{}"),
            ("widgets.wasm", "\0asm"),
            (".build-id", "one\n"),
        ] {
            std::fs::write(site.join(name), text).unwrap();
        }
        let (stop, stopped) = watch::channel(false);
        let plan = Plan {
            limits: options.limits.unwrap_or_default(),
            site: Site::Folder(site.clone()),
            reload: options.reload.then_some(site),
            eyes: if options.no_kernel { Eyes::without_kernel() } else { Eyes::open(None).unwrap() },
            judge: Arc::new(|exercise, prediction| {
                let machine = crate::machine::open(None)?;
                Ok(exercises::judge(exercise, &exercises::Evidence { prediction, now: machine.as_ref(), run: None }))
            }),
            keep: {
                let state = dir.path().join("state");
                Arc::new(move || Ok(state.clone()))
            },
            workloads: options.workloads,
        };
        let limits = plan.limits.clone();
        let app = App::new(plan, stopped.clone());
        let (tell, told) = mpsc::channel();
        let serving = Arc::clone(&app);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listeners = Listeners::loopback(0).await.unwrap();
                tell.send((listeners.address, listeners.addresses().unwrap())).unwrap();
                listeners.serve(router(serving), &limits, stopped).await;
            });
        });
        let (address, all) = told.recv().unwrap();
        Server { app, address, all, dir, stop, thread: Some(thread) }
    }

    fn site(&self) -> PathBuf {
        self.dir.path().join("site")
    }

    fn host(&self) -> String {
        self.address.to_string()
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    /// Sends these very bytes and reads to the end of the connection.
    fn raw(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = self.connect();
        // A server that has heard enough may answer and close while we still write.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        answer
    }

    /// A request with the right Host, these headers, and the connection closed after it.
    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        let host = self.host();
        let mut all = vec![("Host", host.as_str()), ("Connection", "close")];
        all.extend_from_slice(headers);
        self.exactly(method, path, &all, body)
    }

    /// A request with these headers and no others, except the length of a body.
    fn exactly(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        Answer::parse(&self.raw(&request(method, path, headers, body)))
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "")
    }

    /// A token, by the way a page gets one.
    fn session(&self) -> String {
        let launch = self.app.tokens.launch().unwrap();
        let answer = self.ask("POST", "/api/v1/session", &[("X-Live-Probe-Launch", &launch)], "");
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["token"].as_str().unwrap().to_owned()
    }

    /// An event stream, of which the head has been read.
    fn stream(&self, path: &str, token: &str) -> Events {
        let mut stream = self.connect();
        let host = self.host();
        let headers = [("Host", host.as_str()), ("X-Live-Probe-Token", token)];
        stream.write_all(&request("GET", path, &headers, "")).unwrap();
        let mut events = Events { stream, text: String::new() };
        let head = events.until("\r\n\r\n").expect("an answer");
        let status: u16 = head.split(' ').nth(1).unwrap().parse().unwrap();
        assert_eq!(status, 200, "{head}");
        assert!(head.contains("text/event-stream"), "{head}");
        assert_guarded(&Answer::parse(head.as_bytes()), "stream");
        events
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(std::thread::panicking() || ended.is_ok(), "the server panicked");
        }
    }
}

fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut request = format!("{method} {path} HTTP/1.1\r\n");
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        request.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    request.push_str("\r\n");
    request.push_str(body);
    request.into_bytes()
}

/// An answer taken apart.
#[derive(Debug)]
struct Answer {
    /// 0 when nothing came back.
    status: u16,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Answer {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).unwrap_or(0);
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
        Answer { status, headers, body: bytes.get(end + 4..).unwrap_or_default().to_vec() }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The code of a refusal.
    fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap().to_owned()
    }
}

/// The events of a stream, as they come.
struct Events {
    stream: TcpStream,
    text: String,
}

impl Events {
    /// What comes up to and with `mark`; `None` when the stream ends before.
    fn until(&mut self, mark: &str) -> Option<String> {
        loop {
            if let Some(at) = self.text.find(mark) {
                let rest = self.text.split_off(at + mark.len());
                return Some(std::mem::replace(&mut self.text, rest));
            }
            let mut bytes = [0; 4096];
            match self.stream.read(&mut bytes) {
                Ok(0) | Err(_) => return None,
                Ok(n) => self.text.push_str(std::str::from_utf8(&bytes[..n]).unwrap()),
            }
        }
    }

    /// The data of the next event of that name.
    fn next(&mut self, name: &str) -> Option<serde_json::Value> {
        self.until(&format!("event: {name}\ndata: "))?;
        let data = self.until("\n\n")?;
        Some(serde_json::from_str(data.trim()).unwrap())
    }
}

/// What every answer must carry, whatever it answers.
fn assert_guarded(answer: &Answer, what: &str) {
    for (name, want) in [
        ("cross-origin-resource-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(answer.header(name), want, "{what}: {name} of {answer:?}");
    }
    let policy = answer.header("content-security-policy");
    for want in ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"] {
        assert!(policy.contains(want), "{what}: {policy}");
    }
    assert!(!answer.header("cache-control").is_empty(), "{what}: {answer:?}");
    for name in ["access-control-allow-origin", "set-cookie"] {
        assert_eq!(answer.header(name), "", "{what}");
    }
}

/// Waits until something is so, or fails after half a minute.
fn eventually(what: &str, mut so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !so() {
        assert!(start.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Replaces a file as a builder does.
fn put(path: &Path, text: &str) {
    let beside = path.with_extension("new");
    std::fs::write(&beside, text).unwrap();
    std::fs::rename(beside, path).unwrap();
}
