//! What a client that wants too much gets.

use super::*;

#[test]
fn a_body_over_the_limit_is_refused_whether_it_says_so_or_not() {
    let server = Server::limited(|limits| limits.body_bytes = 1000);
    let token = server.session();
    let headers = [("X-Live-Probe-Token", token.as_str()), ("Content-Type", "application/json")];
    let answer = server.ask("POST", "/api/v1/judge", &headers, &"x".repeat(1001));
    assert_eq!((answer.status, answer.code().as_str()), (413, "too_large"));
    assert_guarded(&answer, "oversized");
    let host = server.host();
    let mut chunked = request(
        "POST",
        "/api/v1/judge",
        &[("Host", &host), ("Connection", "close"), ("Transfer-Encoding", "chunked"), headers[0], headers[1]],
        "",
    );
    for _ in 0..20 {
        chunked.extend_from_slice(format!("64\r\n{}\r\n", "x".repeat(100)).as_bytes());
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    let answer = Answer::parse(&server.raw(&chunked));
    assert_eq!((answer.status, answer.code().as_str()), (413, "too_large"), "chunked");
    let huge = [("Content-Length", "99999999999999999999"), ("Host", host.as_str()), ("Connection", "close")];
    assert!(matches!(server.exactly("POST", "/", &huge, "").status, 400 | 413));
    assert_eq!(server.get("/api/v1/health").status, 200, "and the next one is served");
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for() {
    let server = Server::limited(|limits| limits.body_time = Duration::from_millis(200));
    let token = server.session();
    let host = server.host();
    let headers = [
        ("Host", host.as_str()),
        ("X-Live-Probe-Token", &token),
        ("Content-Type", "application/json"),
        ("Content-Length", "20"),
    ];
    let mut bytes = request("POST", "/api/v1/judge", &headers, "");
    bytes.extend_from_slice(b"{");
    let answer = Answer::parse(&server.raw(&bytes));
    assert_eq!((answer.status, answer.code().as_str()), (408, "slow"));
}

#[test]
fn headers_have_a_time_a_number_and_a_size() {
    let server = Server::limited(|limits| limits.head_time = Duration::from_millis(300));
    // One byte now and then keeps no connection.
    let mut slow = server.connect();
    let mut cut = false;
    for byte in b"GET / HTTP/1.1\r\nHost: x\r\nX: ".iter().chain(std::iter::repeat(&b'x')).take(60) {
        std::thread::sleep(Duration::from_millis(50));
        if slow.write_all(&[*byte]).is_err() {
            cut = true;
            break;
        }
    }
    assert!(cut);
    // Neither does silence, before the first request or after one.
    for first in ["", "GET / HTTP/1.1\r\nHost: HOST\r\n\r\n"] {
        let mut idle = server.connect();
        idle.write_all(first.replace("HOST", &server.host()).as_bytes()).unwrap();
        let mut rest = Vec::new();
        idle.read_to_end(&mut rest).unwrap();
        assert_eq!(rest.is_empty(), first.is_empty());
    }
    let host = server.host();
    let long = "x".repeat(20_000);
    let answer = server.exactly("GET", "/", &[("Host", &host), ("X", &long)], "");
    assert_eq!(answer.status, 431, "{answer:?}");
    let mut many = vec![("Host", host.as_str())];
    many.resize(100, ("X", "x"));
    assert_eq!(server.exactly("GET", "/", &many, "").status, 431);
    assert_eq!(server.get(&format!("/{}", "x".repeat(20_000))).status, 431, "a long address is a long head");
}

#[test]
fn one_connection_too_many_is_told_so_and_leaves_a_place_later() {
    let server = Server::limited(|limits| limits.connections = 3);
    let held: Vec<_> = (0..3).map(|_| server.connect()).collect();
    eventually("the fourth is refused", || {
        let answer = server.get("/api/v1/health");
        if answer.status == 503 {
            assert_eq!(answer.code(), "connections");
            assert_guarded(&answer, "refusal");
        }
        answer.status == 503
    });
    drop(held);
    eventually("there is room again", || server.get("/api/v1/health").status == 200);
}

#[test]
fn requests_have_a_rate_and_strangers_do_not_use_it_up() {
    let server = Server::limited(|limits| (limits.burst, limits.requests_per_second) = (20, 1));
    for _ in 0..100 {
        let answer = server.ask("GET", "/", &[("Origin", "https://evil.example")], "");
        assert_eq!(answer.status, 403);
    }
    let statuses: Vec<_> = (0..30).map(|_| server.get("/api/v1/health").status).collect();
    assert_eq!(statuses[..20], [200; 20]);
    assert!(statuses[20..].iter().filter(|status| **status == 429).count() >= 1, "{statuses:?}");
    std::thread::sleep(Duration::from_millis(1100));
    assert_eq!(server.get("/api/v1/health").status, 200);
}

#[test]
fn a_client_that_does_not_read_loses_its_connection() {
    let server = Server::limited(|limits| {
        limits.write_stall = Duration::from_millis(300);
        limits.connections = 1;
    });
    std::fs::write(server.site().join("large.csv"), vec![b'x'; 30 << 20]).unwrap();
    let mut deaf = server.connect();
    let ask = format!("GET /large.csv HTTP/1.1\r\nHost: {}\r\n\r\n", server.host());
    deaf.write_all(ask.as_bytes()).unwrap();
    eventually("the place is taken", || server.get("/api/v1/health").status == 503);
    eventually("the place is free", || server.get("/api/v1/health").status == 200);
}

#[test]
fn garbage_gets_no_page() {
    let server = Server::start();
    for bytes in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"[..],
        b"GET /\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : x\r\n\r\n",
        b"GET /\0 HTTP/1.1\r\n\r\n",
        b"\r\n\r\n\r\n\r\n",
    ] {
        let mut stream = server.connect();
        stream.write_all(bytes).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = Answer::parse(&answer);
        assert!(matches!(answer.status, 0 | 400 | 421 | 505), "{bytes:?}: {answer:?}");
    }
    // Two lengths, or a length and chunks: what one reader calls a body another calls a request.
    let host = server.host();
    for smuggled in [
        format!("POST /api/v1/judge HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello"),
        format!(
            "POST /api/v1/judge HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\nTransfer-Encoding: x, y\r\n\r\nhello"
        ),
    ] {
        let answer = Answer::parse(&server.raw(smuggled.as_bytes()));
        assert_eq!(answer.status, 400, "{smuggled}");
    }
    assert_eq!(server.get("/api/v1/health").status, 200);
}
