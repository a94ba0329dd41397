//! Samples and reloads as they arrive.

use std::os::unix::fs::FileExt;

use super::*;

/// Raw averages as the kernel prints them.
fn printed(raw: &serde_json::Value) -> String {
    let all: Vec<u64> = raw.as_array().unwrap().iter().map(|one| one.as_u64().unwrap()).collect();
    let all: [u64; 3] = all.try_into().unwrap();
    all.map(sim_core::load_average::calc::print_load).join(" ")
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
fn samples_are_what_the_machines_files_say() {
    let server = Server::start();
    let token = server.session();
    let ours = std::fs::File::open("/proc/stat").unwrap();
    let contexts = |text: &str| -> u64 {
        text.lines().find_map(|line| line.strip_prefix("ctxt ")).unwrap().trim().parse().unwrap()
    };
    let now = || {
        let mut text = vec![0; 1 << 20];
        let length = ours.read_at(&mut text, 0).unwrap();
        contexts(std::str::from_utf8(&text[..length]).unwrap())
    };
    let (mut agree, mut last, mut seen) = (0, 0, now());
    let mut events = server.stream("/api/v1/samples?interval_ms=250", &token);
    for _ in 0..8 {
        let sample = events.next("sample").unwrap();
        assert!(sample["cost_us"].as_f64().unwrap() > 0.0, "{sample}");
        let t_ms = sample["t_ms"].as_u64().unwrap();
        assert!(last == 0 || t_ms > last, "{last} then {t_ms}");
        last = t_ms;
        let files = &sample["files"];
        let load = files["/proc/loadavg"].as_str().unwrap();
        assert_eq!(load.split_whitespace().count(), 5, "{load}");
        // The two are read one after the other, so an update may fall between them, rarely.
        agree += usize::from(load.starts_with(&printed(&sample["avenrun"])));
        // The counter only grows, so a sample lies between what we read before and after it.
        let switches = contexts(files["/proc/stat"].as_str().unwrap());
        let after = now();
        assert!(seen <= switches && switches <= after, "{seen} <= {switches} <= {after}");
        seen = switches;
        let stat = files["/proc/stat"].as_str().unwrap();
        assert!(stat.starts_with("cpu ") && stat.contains("procs_running") && !stat.contains("\nintr "), "{stat}");
        match std::fs::read_to_string("/proc/pressure/cpu") {
            Ok(_) => assert!(files["/proc/pressure/cpu"].as_str().unwrap().starts_with("some avg10=")),
            Err(_) => assert!(sample["missing"]["/proc/pressure/cpu"].is_string() || sample["missing"].is_object()),
        }
    }
    assert!(agree >= 7, "text and raw averages agree in {agree} of 8");
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
fn streams_are_counted_for_each_session_and_in_all() {
    let server = Server::limited(|limits| (limits.streams, limits.streams_each) = (3, 2));
    let (one, other) = (server.session(), server.session());
    let path = "/api/v1/samples?interval_ms=60000";
    let first = server.stream(path, &one);
    let _second = server.stream(path, &one);
    let refused = |token: &str| {
        let answer = server.ask("GET", path, &[("X-Live-Probe-Token", token)], "");
        assert_eq!((answer.status, answer.code().as_str()), (429, "streams"));
        assert_guarded(&answer, "refused stream");
    };
    refused(&one);
    let _third = server.stream(path, &other);
    refused(&other);
    drop(first);
    eventually("a stream that was left is noticed", || server.app.streams.open() == 2);
    let _again = server.stream(path, &one);
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
fn a_stream_that_is_too_old_or_outlives_the_server_is_told_so() {
    let server = Server::limited(|limits| limits.stream_time = Duration::from_millis(400));
    let token = server.session();
    let mut events = server.stream("/api/v1/samples?interval_ms=250", &token);
    assert_eq!(events.next("end").unwrap()["reason"], "age");
    assert_eq!(events.until("0\r\n\r\n").map(|_| ()), Some(()), "the answer is whole");

    let server = Server::start();
    let token = server.session();
    let mut events = server.stream("/api/v1/samples", &token);
    events.next("sample").unwrap();
    drop(server);
    assert_eq!(events.next("end").unwrap()["reason"], "shutdown");
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
fn a_silent_stream_shows_that_it_lives() {
    let server = Server::limited(|limits| limits.stream_keep_alive = Duration::from_millis(100));
    let token = server.session();
    let mut events = server.stream("/api/v1/samples?interval_ms=60000", &token);
    events.next("sample").unwrap();
    assert!(events.until(":\n\n").is_some());
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
fn the_interval_has_bounds() {
    let server = Server::start();
    let token = server.session();
    for query in ["interval_ms=249", "interval_ms=60001", "interval_ms=fast", "interval_ms=0", "file=/etc/passwd"] {
        let answer = server.ask("GET", &format!("/api/v1/samples?{query}"), &[("X-Live-Probe-Token", &token)], "");
        assert_eq!((answer.status, answer.code().as_str()), (400, "bad_request"), "{query}");
        assert!(answer.text().contains("250") && answer.text().contains("60000"), "{query}");
    }
}

#[test]
fn pages_hear_of_a_new_build_and_of_nothing_else() {
    let server = Server::with(Options { reload: true, ..Options::default() });
    let mut events = server.stream("/api/v1/reload", "");
    let build = server.site().join(".build-id");
    std::thread::sleep(Duration::from_millis(300));
    put(&server.site().join("ko/index.html"), "half a build");
    put(&build, "one\n");
    std::fs::remove_file(&build).unwrap();
    std::thread::sleep(Duration::from_millis(300));
    put(&build, "two\n");
    assert_eq!(events.next("reload").unwrap()["build"], "two", "the first event is the first new build");
    put(&build, "three\n");
    assert_eq!(events.next("reload").unwrap()["build"], "three");
    drop(events);
    eventually("nobody watches", || server.app.streams.open() == 0);
    assert_eq!(Server::start().get("/api/v1/reload").status, 404, "only when asked for");
}
