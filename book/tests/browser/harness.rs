//! A browser of its own for each test, over a site served by the real probe or by a plain host.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

/// Longest time anything on a page may take, on a slow machine.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// What `cargo book test` says about where things are.
pub fn setting(name: &str) -> PathBuf {
    let value = std::env::var_os(name).unwrap_or_else(|| panic!("{name} is not set: run `cargo book test`"));
    PathBuf::from(value)
}

/// A program that ends with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a program and waits for the line of its output that `find` knows.
fn start<T>(command: &mut Command, find: impl Fn(&str) -> Option<T>) -> (Program, T) {
    let name = command.get_program().to_string_lossy().into_owned();
    // The driver asks for a free port and may find it taken when it opens it: then it ends at once.
    let mut seen = String::new();
    for _ in 0..5 {
        match try_start(command, &find) {
            Ok(started) => return started,
            Err(said) => seen = said,
        }
    }
    panic!("{name} ended before it was ready; it said: {seen}");
}

fn try_start<T>(command: &mut Command, find: impl Fn(&str) -> Option<T>) -> Result<(Program, T), String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut program = Program(child.unwrap_or_else(|error| panic!("{name}: {error}")));
    let mut lines = BufReader::new(program.0.stdout.take().unwrap());
    let mut seen = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).unwrap() == 0 {
            return Err(seen);
        }
        if let Some(found) = find(&line) {
            // Nobody may find the pipe full.
            std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
            return Ok((program, found));
        }
        seen.push_str(&line);
    }
}

/// How a page is looked at.
#[derive(Clone, Debug)]
pub struct Look {
    /// Window, CSS pixels.
    pub size: (u32, u32),
    /// `prefers-color-scheme: dark`.
    pub dark: bool,
    /// `prefers-reduced-motion: reduce`.
    pub reduced_motion: bool,
    /// With JavaScript switched off.
    pub no_script: bool,
}

impl Default for Look {
    fn default() -> Look {
        Look { size: (1280, 900), dark: false, reduced_motion: false, no_script: false }
    }
}

/// A browser with a profile of its own.
pub struct Browser {
    pub client: Client,
    /// Where the driver listens and what it calls the session.
    session: (u16, String),
    _driver: Program,
    _profile: tempfile::TempDir,
}

/// A driver that is killed leaves its browser running, so the session is ended first.
impl Drop for Browser {
    fn drop(&mut self) {
        let (port, session) = &self.session;
        let end = || -> std::io::Result<()> {
            let mut driver = std::net::TcpStream::connect(("127.0.0.1", *port))?;
            driver.set_read_timeout(Some(Duration::from_secs(10)))?;
            write!(driver, "DELETE /session/{session} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
            driver.read(&mut [0; 64]).map(drop)
        };
        let _ = end();
    }
}

impl Browser {
    pub async fn start(look: &Look) -> Browser {
        let profile = tempfile::tempdir().unwrap();
        let mut driver = Command::new(setting("WORKBOOK_CHROMEDRIVER"));
        let (driver, port) = start(driver.args(["--port=0", "--log-level=WARNING"]), |line| {
            let (_, rest) = line.split_once("started successfully on port ")?;
            rest.trim().trim_end_matches('.').parse::<u16>().ok()
        });
        let mut arguments = vec![
            "--headless".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-quic".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--no-first-run".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--disable-sync".to_owned(),
            "--hide-scrollbars".to_owned(),
            format!("--window-size={},{}", look.size.0, look.size.1),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        if look.reduced_motion {
            arguments.push("--force-prefers-reduced-motion".to_owned());
        }
        let capabilities = json!({
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {
                "binary": setting("WORKBOOK_CHROMIUM"),
                "args": arguments,
                "prefs": {"profile.managed_default_content_settings.javascript": if look.no_script { 2 } else { 1 }},
            },
        });
        let Value::Object(capabilities) = capabilities else { unreachable!("an object was written") };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .expect("a session");
        let session = (port, client.session_id().await.ok().flatten().unwrap_or_default());
        let browser = Browser { client, session, _driver: driver, _profile: profile };
        let scheme = if look.dark { "dark" } else { "light" };
        browser
            .cdp("Emulation.setEmulatedMedia", json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]}))
            .await;
        // A window has a smallest width; a phone is narrower.
        browser
            .cdp(
                "Emulation.setDeviceMetricsOverride",
                json!({"width": look.size.0, "height": look.size.1, "deviceScaleFactor": 1, "mobile": look.size.0 < 500}),
            )
            .await;
        browser
    }

    /// A command of the browser's own protocol.
    pub async fn cdp(&self, method: &str, params: Value) -> Value {
        let command = Raw { path: "goog/cdp/execute", body: json!({"cmd": method, "params": params}) };
        self.client.issue_cmd(command).await.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    pub async fn open(&self, url: &str) {
        self.client.goto(url).await.unwrap_or_else(|error| panic!("{url}: {error}"));
    }

    /// The value of a JavaScript expression; a promise is waited for.
    pub async fn eval(&self, expression: &str) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1]; \
             Promise.resolve().then(() => ({expression})).then(v => done({{ok: v}}), e => done({{error: String(e)}}));"
        );
        let answer = self.client.execute_async(&script, vec![]).await;
        let mut answer = answer.unwrap_or_else(|error| panic!("{expression}: {error}"));
        assert!(answer.get("error").is_none(), "{expression}: {answer}");
        answer["ok"].take()
    }

    pub async fn text(&self, expression: &str) -> String {
        let value = self.eval(expression).await;
        value.as_str().unwrap_or_else(|| panic!("{expression} is no text: {value}")).to_owned()
    }

    /// Waits until an expression is true.
    pub async fn until(&self, expression: &str) {
        let start = Instant::now();
        loop {
            let value = self.eval(&format!("!!({expression})")).await;
            if value == Value::Bool(true) {
                return;
            }
            if start.elapsed() > PATIENCE {
                let log = self.log().await;
                panic!("waited in vain for {expression}; the page's log: {log:#?}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Presses a key where the focus is.
    pub async fn key(&self, key: &str) {
        let code = match key {
            " " => "Space".to_owned(),
            key => key.to_owned(),
        };
        for kind in ["keyDown", "keyUp"] {
            let mut params = json!({"type": kind, "key": key, "code": code});
            let virtual_code = match key {
                "Tab" => 9,
                "Enter" => 13,
                " " => 32,
                "End" => 35,
                "Home" => 36,
                "ArrowLeft" => 37,
                "ArrowUp" => 38,
                "ArrowRight" => 39,
                "ArrowDown" => 40,
                _ => 0,
            };
            params["windowsVirtualKeyCode"] = json!(virtual_code);
            if kind == "keyDown" && matches!(key, " " | "Enter") {
                params["text"] = json!(if key == " " { " " } else { "\r" });
            }
            self.cdp("Input.dispatchKeyEvent", params).await;
        }
    }

    /// Moves the pointer through points of the page with the button held.
    pub async fn drag(&self, points: &[(f64, f64)]) {
        for (i, (x, y)) in points.iter().enumerate() {
            let kind = if i == 0 { "mousePressed" } else { "mouseMoved" };
            self.cdp(
                "Input.dispatchMouseEvent",
                json!({"type": kind, "x": x, "y": y, "button": "left", "buttons": 1, "clickCount": 1}),
            )
            .await;
        }
        if let Some((x, y)) = points.last() {
            self.cdp(
                "Input.dispatchMouseEvent",
                json!({"type": "mouseReleased", "x": x, "y": y, "button": "left", "buttons": 0, "clickCount": 1}),
            )
            .await;
        }
    }

    /// What the browser complained about since this was last asked.
    pub async fn log(&self) -> Vec<String> {
        let entries = self.client.issue_cmd(Raw { path: "se/log", body: json!({"type": "browser"}) }).await.unwrap();
        let entries = entries.as_array().cloned().unwrap_or_default();
        let severe = entries.iter().filter(|entry| entry["level"] != "INFO" && entry["level"] != "DEBUG");
        severe.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Keeps a picture when `WORKBOOK_PICTURES` names a folder.
    pub async fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("WORKBOOK_PICTURES") else { return };
        let png = self.client.screenshot().await.unwrap();
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(Path::new(&folder).join(format!("{name}.png")), png).unwrap();
    }
}

/// A command that WebDriver has and the client library does not know.
#[derive(Debug)]
struct Raw {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Raw {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.path))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}

/// The probe serving the site.
pub struct Probe {
    /// The address it printed, fragment included.
    pub launch: String,
    /// The same without the fragment, ending in `/`.
    pub base: String,
    _state: tempfile::TempDir,
    _program: Program,
}

impl Probe {
    pub fn start() -> Probe {
        Probe::start_with(&[])
    }

    /// With further arguments.
    pub fn start_with(arguments: &[&str]) -> Probe {
        let state = tempfile::tempdir().unwrap();
        let mut command = Command::new(setting("WORKBOOK_PROBE"));
        command.arg("serve").arg("--no-open").arg("--port").arg("0").args(arguments);
        command.arg("--site").arg(setting("WORKBOOK_SITE")).env("LIVE_PROBE_STATE_DIR", state.path());
        let (program, launch) = start(&mut command, |line| {
            let at = line.find("http://127.0.0.1:")?;
            line[at..].split_whitespace().next().map(str::to_owned)
        });
        let base = launch.split('#').next().unwrap_or_default().to_owned();
        Probe { launch, base, _state: state, _program: program }
    }

    /// The address of a page, with the launch secret: it may be opened once.
    pub fn launch_page(&self, page: &str) -> String {
        let fragment = self.launch.split_once('#').map_or("", |(_, fragment)| fragment);
        format!("{}{page}#{fragment}", self.base)
    }
}

/// The site as any web host would serve it, below a path and without the probe.
pub struct PlainHost {
    pub base: String,
    lost: Lost,
}

/// Paths that were asked for and are not there.
type Lost = Arc<Mutex<Vec<String>>>;

impl PlainHost {
    pub async fn start() -> PlainHost {
        PlainHost::start_at(setting("WORKBOOK_SITE")).await
    }

    /// Serves another folder.
    pub async fn start_at(site: PathBuf) -> PlainHost {
        let lost = Lost::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/deep/path/", listener.local_addr().unwrap());
        let app = Router::new().fallback(serve_file).with_state((site, Lost::clone(&lost)));
        tokio::spawn(async move { axum::serve(listener, app).await });
        PlainHost { base, lost }
    }

    /// Every path that was asked for and is not there, the browser's own wish for an icon and the
    /// question whether a probe serves the page aside.
    pub fn lost(&self) -> Vec<String> {
        let lost = self.lost.lock().unwrap();
        lost.iter().filter(|path| !path.ends_with("favicon.ico") && !path.contains("api/v1/")).cloned().collect()
    }
}

async fn serve_file(State((site, lost)): State<(PathBuf, Lost)>, uri: Uri) -> Response {
    let inside = uri.path().strip_prefix("/deep/path/");
    let mut path = site.join(inside.unwrap_or("outside the site"));
    if path.is_dir() {
        path = path.join("index.html");
    }
    let kind = match path.extension().and_then(|ending| ending.to_str()) {
        Some("html") => "text/html",
        Some("js") => "text/javascript",
        Some("css") => "text/css",
        Some("wasm") => "application/wasm",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        _ => "application/octet-stream",
    };
    match std::fs::read(&path) {
        Ok(bytes) => ([(header::CONTENT_TYPE, kind)], bytes).into_response(),
        Err(_) => {
            lost.lock().unwrap().push(uri.path().to_owned());
            StatusCode::NOT_FOUND.into_response()
        }
    }
}

/// Whether a page said something was wrong with it.
pub async fn assert_clean(browser: &Browser) {
    let log = browser.log().await;
    assert!(log.is_empty(), "the browser complained: {log:#?}");
}
