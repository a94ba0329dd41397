//! `live-probe serve` as a reader starts it: the program itself, its terminal and its signals.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// A server that is running.
struct Served {
    child: Child,
    stdout: BufReader<ChildStdout>,
    port: u16,
    launch: String,
    dir: tempfile::TempDir,
}

fn program(dir: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_live-probe"));
    command.env("LIVE_PROBE_STATE_DIR", dir.join("state")).stdin(Stdio::null());
    command.args(["--lang", "en", "serve", "--no-open"]);
    command
}

fn site() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("site")).unwrap();
    std::fs::write(dir.path().join("site/index.html"), "<!doctype html><title>book</title>").unwrap();
    dir
}

impl Served {
    fn start(args: &[&str]) -> Served {
        let dir = site();
        let mut command = program(dir.path());
        command.arg("--site").arg(dir.path().join("site")).args(args);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let (port, launch) = loop {
            let mut line = String::new();
            assert!(stdout.read_line(&mut line).unwrap() > 0, "no address was printed");
            let url = line.trim().strip_prefix("http://127.0.0.1:");
            if let Some((port, launch)) = url.and_then(|url| url.split_once("/#launch=")) {
                break (port.parse().unwrap(), launch.to_owned());
            }
        };
        assert_eq!(launch.len(), 64);
        Served { child, stdout, port, launch, dir }
    }

    /// Status and body of a request.
    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n", self.port);
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        (status, answer.split_once("\r\n\r\n").unwrap().1.to_owned())
    }

    fn token(&self) -> String {
        let (status, body) = self.ask("POST", "/api/v1/session", &[("X-Live-Probe-Launch", &self.launch)], "");
        assert_eq!(status, 200, "{body}");
        serde_json::from_str::<serde_json::Value>(&body).unwrap()["token"].as_str().unwrap().to_owned()
    }

    /// A number in `/proc/PID/status`.
    fn status(&self, field: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)?.strip_prefix(':')).unwrap();
        line.split_whitespace().next().unwrap().parse().unwrap()
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        rustix::process::kill_process(pid, signal).unwrap();
    }

    /// The code it ends with, within half a minute.
    fn ended(&mut self) -> Option<i32> {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(start.elapsed() < Duration::from_secs(30), "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn what_cannot_be_served_is_said_with_the_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let dir = site();
    let there = dir.path().join("site");
    let there = there.to_str().unwrap();
    for (args, says) in [
        (&["--site", "/nonexistent"][..], "cargo book build"),
        (&["--site", "/proc"], "index.html"),
        (&["--site", there, "--port", &port], "--port 0"),
        (&["--site", there, "--bind", "0.0.0.0"], "--allow-remote"),
        (&["--site", there, "--allow-remote"], "--bind"),
        (&["--site", there, "--bind", "192.0.2.1", "--allow-remote"], "no address of this machine"),
        (&["--site", there, "--bind", "evil.example"], "evil.example"),
        (&["--site", there, "--port", "65536"], "65536"),
        (&["--reload"], "--site"),
    ] {
        let output = program(dir.path()).args(args).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {said}");
        assert!(said.contains(says) && output.stdout.is_empty(), "{args:?}: {said}");
    }
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
fn a_signal_ends_it_in_good_order_even_with_an_open_stream() {
    use rustix::process::Signal;
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let mut served = Served::start(&["--port", "0"]);
        let token = served.token();
        let mut stream = TcpStream::connect(("127.0.0.1", served.port)).unwrap();
        let host = format!("127.0.0.1:{}", served.port);
        let request = format!("GET /api/v1/samples HTTP/1.1\r\nHost: {host}\r\nX-Live-Probe-Token: {token}\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut first = [0; 512];
        assert!(stream.read(&mut first).unwrap() > 0);
        served.signal(signal);
        assert_eq!(served.ended(), Some(0), "{signal:?}");
        let mut rest = String::new();
        stream.read_to_string(&mut rest).unwrap();
        assert!(rest.contains("event: end\ndata: {\"reason\":\"shutdown\"}"), "{signal:?}: {rest}");
        let mut said = String::new();
        served.stdout.read_to_string(&mut said).unwrap();
        assert!(!said.contains(&token), "a session's token is printed nowhere");
    }
}

#[test]
fn a_taken_default_port_is_stepped_around() {
    let (one, other) = (Served::start(&[]), Served::start(&[]));
    assert_ne!(one.port, other.port);
    assert_eq!(one.ask("GET", "/", &[], "").0, 200);
    assert_eq!(other.ask("GET", "/", &[], "").0, 200);
    assert_eq!(other.ask("POST", "/api/v1/session", &[("X-Live-Probe-Launch", &one.launch)], "").0, 403);
}

#[test]
fn judging_in_a_page_is_judging_in_the_terminal() {
    let served = Served::start(&["--port", "0"]);
    let token = served.token();
    let cli = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_live-probe"));
        command.env("LIVE_PROBE_STATE_DIR", served.dir.path().join("state"));
        String::from_utf8(command.args(["--lang", "en"]).args(args).output().unwrap().stdout).unwrap()
    };
    let id = "ch03-load-average/load-after-a-minute";
    let body = serde_json::json!({"exercise": id, "prediction": null}).to_string();
    let headers = [("X-Live-Probe-Token", token.as_str()), ("Content-Type", "application/json")];
    let (status, answer) = served.ask("POST", "/api/v1/judge", &headers, &body);
    assert_eq!(status, 200, "{answer}");
    let page: serde_json::Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(page["exercise"], id);
    let terminal: serde_json::Value = serde_json::from_str(&cli(&["check", id, "--format", "json"])).unwrap();
    let terminal = terminal.to_string();
    for part in ["reason", "verdict"] {
        assert!(terminal.contains(&page[part].to_string()), "{part}: {page} in {terminal}");
    }
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
fn an_idle_server_is_small_and_does_nothing() {
    let served = Served::start(&["--port", "0"]);
    let token = served.token();
    assert_eq!(served.ask("GET", "/api/v1/facts", &[("X-Live-Probe-Token", &token)], "").0, 200);
    // Threads that read files for a request go home after a while.
    std::thread::sleep(Duration::from_secs(7));
    let ticks = || {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", served.child.id())).unwrap();
        let after_name = stat.rsplit_once(')').unwrap().1;
        let field = |n: usize| -> u64 { after_name.split_whitespace().nth(n - 3).unwrap().parse().unwrap() };
        field(14) + field(15)
    };
    let (before, switches) = (ticks(), served.status("voluntary_ctxt_switches"));
    std::thread::sleep(Duration::from_secs(2));
    assert!(ticks() - before <= 1, "an idle server uses no CPU");
    assert!(served.status("voluntary_ctxt_switches") - switches <= 2, "and is not woken");
    // A debug build of the whole program; a release build takes a fraction of it.
    let rss = served.status("VmRSS");
    assert!(rss < 32 * 1024, "{rss} KiB");
    println!("idle RSS {rss} KiB, threads {}", served.status("Threads"));
}
