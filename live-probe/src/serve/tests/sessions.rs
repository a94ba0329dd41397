//! Launch addresses, tokens, facts and judgements.

use super::*;

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
fn a_launch_address_opens_one_session() {
    let server = Server::start();
    let launch = server.app.tokens.launch().unwrap();
    let ask = |launch: &str| server.ask("POST", "/api/v1/session", &[("X-Live-Probe-Launch", launch)], "");
    for wrong in
        ["", "x", &"0".repeat(64), &launch[1..], &launch.to_uppercase().replace(|c: char| c.is_ascii_digit(), "0")]
    {
        let answer = ask(wrong);
        assert_eq!((answer.status, answer.code().as_str()), (403, "launch"), "{wrong}");
    }
    let answer = ask(&launch);
    assert_eq!(answer.status, 200, "wrong guesses spoil nothing");
    assert_eq!(answer.header("cache-control"), "no-store");
    let token = answer.json()["token"].as_str().unwrap().to_owned();
    assert_eq!(token.len(), 64);
    assert_eq!(ask(&launch).status, 403, "replayed");
    assert_eq!(server.ask("POST", "/api/v1/session", &[], "").status, 403, "none given");
    let twice = [("X-Live-Probe-Launch", launch.as_str()), ("X-Live-Probe-Launch", launch.as_str())];
    assert_eq!(server.ask("POST", "/api/v1/session", &twice, "").status, 403);
    assert_eq!(server.ask("GET", "/api/v1/facts", &[("X-Live-Probe-Token", &token)], "").status, 200);
}

#[test]
fn only_the_header_carries_a_token() {
    let server = Server::start();
    let token = server.session();
    let launch = server.app.tokens.launch().unwrap();
    let in_query = format!("/api/v1/facts?token={token}&X-Live-Probe-Token={token}");
    let cookie = format!("X-Live-Probe-Token={token}; token={token}");
    let bearer = format!("Bearer {token}");
    for (path, headers, code) in [
        ("/api/v1/facts", vec![], "token_missing"),
        (in_query.as_str(), vec![], "token_missing"),
        ("/api/v1/facts", vec![("Cookie", cookie.as_str())], "token_missing"),
        ("/api/v1/facts", vec![("Authorization", bearer.as_str())], "token_missing"),
        ("/api/v1/facts", vec![("X-Live-Probe-Token", "")], "token_unknown"),
        ("/api/v1/facts", vec![("X-Live-Probe-Token", &token[..63])], "token_unknown"),
        ("/api/v1/facts", vec![("X-Live-Probe-Token", &launch)], "token_unknown"),
        ("/api/v1/samples", vec![], "token_missing"),
    ] {
        let answer = server.ask("GET", path, &headers, "");
        assert_eq!((answer.status, answer.code().as_str()), (401, code), "{path} {headers:?}");
    }
    let body = r#"{"exercise":"ch03-load-average/load-per-cpu"}"#;
    for (method, path) in [("POST", "/api/v1/judge"), ("POST", "/api/v1/workload"), ("DELETE", "/api/v1/workload")] {
        let answer = server.ask(method, path, &[("Content-Type", "application/json")], body);
        assert_eq!(answer.status, 401, "{method} {path}");
    }
}

#[test]
fn a_token_of_one_server_is_nothing_to_another() {
    let (one, other) = (Server::start(), Server::start());
    let token = one.session();
    assert_eq!(other.ask("GET", "/api/v1/facts", &[("X-Live-Probe-Token", &token)], "").status, 401);
}

#[test]
fn health_says_what_is_allowed() {
    let health = |server: &Server| server.get("/api/v1/health").json();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        health(&Server::start()),
        serde_json::json!({"live_probe": version, "reload": false, "workloads": false, "live": cfg!(target_os = "linux")})
    );
    let server = Server::with(Options { reload: true, ..Options::default() });
    assert_eq!(health(&server)["reload"], true);
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
fn facts_are_those_of_this_machine() {
    let server = Server::start();
    let token = server.session();
    let facts = server.ask("GET", "/api/v1/facts", &[("X-Live-Probe-Token", &token)], "").json();
    let read = |path: &str| std::fs::read_to_string(path).unwrap();
    assert_eq!(facts["kernel"], read("/proc/sys/kernel/osrelease").trim());
    assert_eq!(facts["files"]["/sys/devices/system/cpu/online"], read("/sys/devices/system/cpu/online"));
    let cpus = read("/proc/stat").lines().filter(|line| line.starts_with("cpu") && !line.starts_with("cpu ")).count();
    assert_eq!(facts["cpus"], cpus);
    assert!(facts["nr_threads"].as_u64().unwrap() > 1);
    assert_eq!(facts["avenrun"].as_array().unwrap().len(), 3);
}

#[test]
fn without_a_kernel_there_is_a_book_and_nothing_to_look_at() {
    let server = Server::with(Options { no_kernel: true, ..Options::default() });
    assert_eq!(server.get("/api/v1/health").json()["live"], false);
    assert_eq!(server.get("/ko/").status, 200);
    let token = server.session();
    for path in ["/api/v1/facts", "/api/v1/samples"] {
        let answer = server.ask("GET", path, &[("X-Live-Probe-Token", &token)], "");
        assert_eq!((answer.status, answer.code().as_str()), (501, "no_kernel"), "{path}");
        let message = &answer.json()["error"]["message"];
        assert!(message["ko"].as_str().unwrap().contains("리눅스 커널이 없습니다"), "{message}");
        assert!(message["en"].as_str().unwrap().contains("no Linux kernel"), "{message}");
    }
}

#[test]
fn exercises_are_judged_by_name_and_nothing_else() {
    let server = Server::start();
    let token = server.session();
    let ask = |body: &str| {
        let headers = [("X-Live-Probe-Token", token.as_str()), ("Content-Type", "application/json; charset=utf-8")];
        server.ask("POST", "/api/v1/judge", &headers, body)
    };
    for (body, status, code) in [
        ("", 400, "bad_request"),
        ("{", 400, "bad_request"),
        ("[]", 400, "bad_request"),
        (r#"{"exercise":1}"#, 400, "bad_request"),
        (r#"{"exercise":"a","path":"/etc/passwd"}"#, 400, "bad_request"),
        (r#"{"exercise":"../../etc/passwd"}"#, 404, "exercise"),
        (r#"{"exercise":"","prediction":null}"#, 404, "exercise"),
    ] {
        let answer = ask(body);
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{body}");
    }
    for exercise in exercises::catalogue() {
        let id = &exercise.id;
        let answer = ask(&serde_json::json!({"exercise": id, "prediction": null}).to_string());
        assert_eq!(answer.status, 200, "{answer:?}");
        let judgement: exercises::Judgement = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(&judgement.exercise, id);
        // Too long even for a word.
        let nonsense =
            ask(&serde_json::json!({"exercise": id, "prediction": "no such answer ".repeat(20)}).to_string());
        if exercise.prediction.asks() {
            assert_eq!((nonsense.status, nonsense.code().as_str()), (400, "bad_request"), "{id}");
        }
    }
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
fn what_the_book_shows_of_the_machine_is_listed_and_read() {
    let server = Server::start();
    let token = server.session();
    let answer = server.ask("GET", "/api/v1/here", &[("X-Live-Probe-Token", &token)], "").json();
    let figures = answer["figures"].as_array().unwrap();
    assert_eq!(figures.len(), exercises::here::figures().len());
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    assert_eq!((&figures[0]["name"], &figures[0]["said"]["ko"]), (&"kernel".into(), &release.trim().into()));
    for figure in figures {
        for lang in ["ko", "en"] {
            assert!(figure["why"][lang].as_str().is_some_and(|why| !why.is_empty()), "{figure}");
        }
    }
}

#[test]
fn terminal_and_page_share_their_progress() {
    let server = Server::start();
    let token = server.session();
    let ask = |body: &str| {
        let headers = [("X-Live-Probe-Token", token.as_str()), ("Content-Type", "application/json")];
        server.ask("POST", "/api/v1/progress", &headers, body)
    };
    let id = r#""exercise":"ch03-load-average/load-per-cpu""#;
    let known = |prediction: Option<&str>, hints: u32, passed: bool| serde_json::json!({"prediction": prediction, "hints": hints, "passed": passed});
    for (said, want) in [
        (String::new(), known(None, 0, false)),
        (r#","set":{"prediction":"0.5","hints":2}"#.to_owned(), known(Some("0.5"), 2, false)),
        (r#","set":{"prediction":"0.5","hints":1,"passed":true}"#.to_owned(), known(Some("0.5"), 2, true)),
        (r#","set":{"prediction":null,"hints":1}"#.to_owned(), known(None, 2, true)),
        (r#","set":{"hints":4000000000}"#.to_owned(), known(None, 3, true)),
        (String::new(), known(None, 3, true)),
    ] {
        let answer = ask(&format!("{{{id}{said}}}"));
        assert_eq!((answer.status, answer.json()), (200, want), "{said}");
    }
    for (body, status) in [
        (format!(r#"{{{id},"set":{{"prediction":"many"}}}}"#), 400),
        (format!(r#"{{{id},"set":{{"hints":-1}}}}"#), 400),
        (r#"{"exercise":"../../etc"}"#.to_owned(), 404),
        ("[]".to_owned(), 400),
    ] {
        assert_eq!(ask(&body).status, status, "{body}");
    }
    let all = server.ask("GET", "/api/v1/progress", &[("X-Live-Probe-Token", &token)], "").json();
    assert_eq!(all["format_version"], 1);
    assert_eq!(all["exercises"]["ch03-load-average/load-per-cpu@simulated"]["passed"], true);
}
