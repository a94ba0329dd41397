//! Who may ask at all, on every address and with every method.

use super::super::app::ROUTES;
use super::*;

/// Every address of the API, the site's, and some that are none.
fn addresses() -> Vec<&'static str> {
    let mut all: Vec<_> = ROUTES.iter().map(|(path, _)| *path).collect();
    all.extend([
        "/",
        "/ko/",
        "/ko",
        "/ko/book-a0b12cfe.css",
        "/widgets.wasm",
        "/absent.html",
        "/.build-id",
        "/../etc/passwd",
        "/api",
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v1/absent",
        "/api/v1/health/",
        "/api/v2/health",
        "/API/v1/health",
        "//api/v1/health",
    ]);
    all
}

const METHODS: [&str; 10] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "EVIL"];

/// Who, with which headers, and the status that turns it away.
type Stranger<'a> = (&'a str, &'a [(&'a str, &'a str)], u16);

/// Changes that a request could have made.
fn state(server: &Server) -> String {
    let app = &server.app;
    let now = app.workloads.as_ref().map(|all| serde_json::to_string(&all.now()).unwrap());
    let site: Vec<_> = std::fs::read_dir(server.site()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    format!("{:?} {now:?} {site:?}", app.tokens.counts())
}

#[test]
fn every_address_and_method_refuses_strangers_and_stamps_its_answer() {
    let server = Server::limited(|limits| limits.burst = 100_000);
    let token = server.session();
    let host = server.host();
    let port = server.address.port();
    let before = state(&server);
    let own = format!("http://{host}");
    let other_port = format!("127.0.0.1:{}", port ^ 1);
    let strangers: [Stranger<'_>; 14] = [
        ("a name that was re-pointed here", &[("Host", "evil.example")], 421),
        ("the same with our port", &[("Host", &format!("evil.example:{port}"))], 421),
        ("our address without the port", &[("Host", "127.0.0.1")], 421),
        ("our address with another port", &[("Host", &other_port)], 421),
        ("an address that means ours elsewhere", &[("Host", &format!("127.1:{port}"))], 421),
        ("a name below ours", &[("Host", &format!("a.localhost:{port}"))], 421),
        ("a Host with a user", &[("Host", &format!("x@{host}"))], 421),
        ("no Host", &[], 421),
        ("two Hosts", &[("Host", &host), ("Host", "evil.example")], 421),
        ("a foreign origin", &[("Host", &host), ("Origin", "https://evil.example")], 403),
        ("no origin to speak of", &[("Host", &host), ("Origin", "null")], 403),
        (
            "our origin under another of our names",
            &[("Host", &host), ("Origin", &format!("http://localhost:{port}"))],
            403,
        ),
        ("two origins", &[("Host", &host), ("Origin", &own), ("Origin", &own)], 403),
        ("another site", &[("Host", &host), ("Sec-Fetch-Site", "cross-site")], 403),
    ];
    for path in addresses() {
        for method in METHODS {
            for (who, headers, status) in &strangers {
                let mut headers = headers.to_vec();
                headers.extend([("Connection", "close"), ("X-Live-Probe-Token", token.as_str())]);
                let answer = server.exactly(method, path, &headers, "");
                let what = format!("{method} {path} from {who}");
                assert_eq!(answer.status, *status, "{what}: {answer:?}");
                assert_guarded(&answer, &what);
                assert_eq!(answer.header("cache-control"), "no-store", "{what}");
            }
        }
    }
    assert_eq!(state(&server), before, "a stranger changed something");
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
fn every_address_and_method_stamps_its_answer_and_reading_changes_nothing() {
    let server = Server::limited(|limits| limits.burst = 100_000);
    let launch = server.app.tokens.launch().unwrap();
    let token = server.session();
    let before = state(&server);
    for path in addresses() {
        for method in METHODS {
            let changes = !matches!(method, "GET" | "HEAD" | "OPTIONS" | "TRACE");
            if method == "GET" && path == "/api/v1/samples" {
                drop(server.stream(path, &token));
                assert_eq!(state(&server), before);
                continue;
            }
            let headers =
                [("X-Live-Probe-Token", token.as_str()), ("X-Live-Probe-Launch", if changes { "" } else { &launch })];
            let answer = server.ask(method, path, &headers, "");
            let what = format!("{method} {path}");
            assert_guarded(&answer, &what);
            assert!(answer.status >= 200 && answer.status != 500, "{what}: {answer:?}");
            let takes = ROUTES.iter().find(|(route, _)| *route == path).map(|(_, methods)| *methods);
            match takes {
                Some(methods) if !methods.split(", ").any(|one| one == method) => {
                    assert_eq!((answer.status, answer.header("allow")), (405, methods), "{what}");
                }
                Some(_) => assert_ne!(answer.status, 405, "{what}"),
                None if path.starts_with("/api") => assert_eq!(answer.status, 404, "{what}"),
                None => assert_eq!(answer.status == 405, !matches!(method, "GET" | "HEAD"), "{what}: {answer:?}"),
            }
            if method == "HEAD" {
                assert_eq!(answer.body, b"", "{what}");
            } else if answer.status >= 400 && path.starts_with("/api") {
                assert!(!answer.code().is_empty() && answer.json()["error"]["message"]["ko"].is_string(), "{what}");
            } else if answer.status >= 400 {
                let text = answer.text();
                assert!(text.contains("<html lang=\"ko\">") && text.contains("<p lang=\"en\">"), "{what}: {text}");
            }
            assert_eq!(state(&server), before, "{what}");
        }
    }
}

#[test]
fn each_of_our_names_is_welcome_with_its_own_origin() {
    let server = Server::start();
    let port = server.address.port();
    for name in ["127.0.0.1", "localhost", "[::1]"] {
        let (host, origin) = (format!("{name}:{port}"), format!("http://{name}:{port}"));
        for site in ["same-origin", "none"] {
            let headers =
                [("Host", host.as_str()), ("Origin", &origin), ("Sec-Fetch-Site", site), ("Connection", "close")];
            assert_eq!(server.exactly("GET", "/api/v1/health", &headers, "").status, 200, "{host} {site}");
        }
        let https = format!("https://{name}:{port}");
        let headers = [("Host", host.as_str()), ("Origin", &https), ("Connection", "close")];
        assert_eq!(server.exactly("GET", "/", &headers, "").status, 403, "{https}");
    }
}

#[test]
fn an_absolute_address_must_be_ours_too() {
    let server = Server::start();
    let host = server.host();
    let headers = [("Host", host.as_str()), ("Connection", "close")];
    let ask = |target: &str| server.exactly("GET", target, &headers, "").status;
    assert_eq!(ask(&format!("http://{host}/api/v1/health")), 200);
    assert_eq!(ask("http://evil.example/api/v1/health"), 421);
    assert_eq!(ask("http://evil.example:80/"), 421);
    let connect = server.exactly("CONNECT", "evil.example:443", &headers, "");
    assert_eq!(connect.status, 421, "no proxy either");
}

#[test]
fn forms_of_other_pages_are_refused_by_their_type_alone() {
    let server = Server::start();
    let token = server.session();
    let before = state(&server);
    for kind in [
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/plain",
        "text/plain; application/json",
    ] {
        for path in ["/api/v1/session", "/api/v1/judge", "/api/v1/workload", "/"] {
            let headers = [("Content-Type", kind), ("X-Live-Probe-Token", token.as_str())];
            let answer = server.ask("POST", path, &headers, r#"{"exercise":"x"}"#);
            assert_eq!(answer.status, 415, "{kind} to {path}: {answer:?}");
        }
    }
    let answer = server.ask("POST", "/api/v1/judge", &[("X-Live-Probe-Token", &token)], r#"{"exercise":"x"}"#);
    assert_eq!(answer.status, 415, "no type at all");
    assert_eq!(state(&server), before);
}

#[test]
fn only_loopback_is_bound() {
    let server = Server::start();
    assert!(server.all.iter().all(|address| address.ip().is_loopback()), "{:?}", server.all);
    // What the kernel says of our port, in every family.
    let port = format!(":{:04X}", server.address.port());
    for (file, loopback) in [("/proc/net/tcp", "0100007F"), ("/proc/net/tcp6", "00000000000000000000000001000000")] {
        let table = std::fs::read_to_string(file).unwrap_or_default();
        let listening = table.lines().skip(1).filter_map(|line| {
            let mut fields = line.split_whitespace();
            let (local, state) = (fields.nth(1)?, fields.nth(1)?);
            (state == "0A" && local.ends_with(&port)).then_some(local)
        });
        let listening: Vec<_> = listening.collect();
        assert!(listening.iter().all(|local| local.starts_with(loopback)), "{file}: {listening:?}");
        assert!(file != "/proc/net/tcp" || listening.len() == 1, "{file}: {listening:?}");
    }
}
