//! The pages, and the way to no other file.

use super::*;

#[test]
fn pages_come_with_their_type_their_policy_and_their_caching() {
    let server = Server::start();
    for (path, kind, caching) in [
        ("/", "text/html; charset=utf-8", "private, no-cache"),
        ("/ko/", "text/html; charset=utf-8", "private, no-cache"),
        ("/ko/index.html?workshop", "text/html; charset=utf-8", "private, no-cache"),
        ("/ko/book-a0b12cfe.css", "text/css; charset=utf-8", "private, max-age=31536000, immutable"),
        ("/widgets.wasm", "application/wasm", "private, no-cache"),
    ] {
        let answer = server.get(path);
        assert_eq!(answer.status, 200, "{path}");
        assert_eq!((answer.header("content-type"), answer.header("cache-control")), (kind, caching), "{path}");
        assert_eq!(answer.header("content-length"), answer.body.len().to_string(), "{path}");
        assert_eq!(answer.header("vary"), "accept-encoding");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval'") && policy.contains("connect-src 'self'"));
        let head = server.ask("HEAD", path, &[], "");
        let mut same = answer.headers.clone();
        same.remove("date");
        let mut headers = head.headers.clone();
        headers.remove("date");
        assert_eq!((headers, head.status, head.body.len()), (same, 200, 0), "HEAD {path}");
    }
}

#[test]
fn an_unchanged_page_is_not_sent_again() {
    let server = Server::start();
    let first = server.get("/ko/");
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.ends_with('"') && tag.len() > 4, "{tag}");
    let weak = format!("W/{tag}");
    let list = format!("\"other\", {tag}");
    for (known, status) in [(tag.as_str(), 304), (&weak, 304), (&list, 304), ("*", 304), ("\"other\"", 200), ("", 200)]
    {
        let answer = server.ask("GET", "/ko/", &[("If-None-Match", known)], "");
        assert_eq!(answer.status, status, "{known}");
        assert_eq!((answer.header("etag"), answer.body.is_empty()), (tag.as_str(), status == 304));
        assert_guarded(&answer, known);
    }
    std::thread::sleep(Duration::from_millis(20));
    put(&server.site().join("ko/index.html"), "<!doctype html><title>새 책</title>");
    let answer = server.ask("GET", "/ko/", &[("If-None-Match", &tag)], "");
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("새 책"));
}

#[test]
fn the_policy_follows_the_sites_list() {
    let server = Server::start();
    let digest = format!("sha256-{}=", "B".repeat(43));
    put(&server.site().join("csp.json"), &format!(r#"{{"script-src":["{digest}"],"style-src":[]}}"#));
    let policy = server.get("/ko/").header("content-security-policy").to_owned();
    assert!(policy.contains(&format!("script-src 'self' 'wasm-unsafe-eval' '{digest}';")), "{policy}");
    assert!(policy.ends_with("style-src 'self'; style-src-attr 'unsafe-inline'"), "{policy}");
    assert!(!server.get("/absent").header("content-security-policy").contains("script-src"), "an error runs nothing");
}

#[test]
fn a_folder_leads_to_its_slash() {
    let server = Server::start();
    std::fs::create_dir_all(server.site().join("ko/부하 평균")).unwrap();
    std::fs::write(server.site().join("ko/부하 평균/index.html"), "x").unwrap();
    for (path, place) in [
        ("/ko", "./ko/"),
        ("/ko?workshop&x=%20", "./ko/?workshop&x=%20"),
        ("/ko/%EB%B6%80%ED%95%98%20%ED%8F%89%EA%B7%A0", "./%EB%B6%80%ED%95%98%20%ED%8F%89%EA%B7%A0/"),
    ] {
        let answer = server.get(path);
        assert_eq!((answer.status, answer.header("location")), (308, place), "{path}");
    }
    assert_eq!(server.get("/ko/%EB%B6%80%ED%95%98%20%ED%8F%89%EA%B7%A0/").status, 200);
}

#[test]
fn no_path_leads_out_of_the_site() {
    let server = Server::start();
    let site = server.site();
    std::fs::write(server.dir.path().join("secret.txt"), "secret").unwrap();
    std::fs::create_dir(site.join(".git")).unwrap();
    std::fs::write(site.join(".git/config"), "secret").unwrap();
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, site.join(name)).unwrap();
    link("../secret.txt", "out.txt");
    link("/etc", "etc");
    link("/proc/self/environ", "environ");
    link(".git/config", "config.txt");
    link("ko/index.html", "inside.html");
    for path in [
        "/../secret.txt",
        "/ko/../../secret.txt",
        "/ko/../index.html",
        "/./index.html",
        "/%2e%2e/secret.txt",
        "/%2E%2E%2Fsecret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "/..\\secret.txt",
        "/%252e%252e/secret.txt",
        "/%c0%ae%c0%ae/secret.txt",
        "//etc/passwd",
        "/etc/passwd",
        "/%2fetc%2fpasswd",
        "/file:///etc/passwd",
        "/index.html%00.css",
        "/index.html%00",
        "/.build-id",
        "/.git/config",
        "/%2egit/config",
        "/out.txt",
        "/environ",
        "/config.txt",
        "/ko/index.html/",
        "/index.html/x",
        "/~root",
        "*",
    ] {
        let answer = server.get(path);
        assert!(matches!(answer.status, 400 | 404), "{path}: {answer:?}");
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(!body.contains("secret") && !body.contains("root:"), "{path}: {body}");
    }
    assert_eq!(server.get("/inside.html").status, 200, "a link that stays inside is a page");
}

#[test]
fn a_page_that_cannot_be_read_says_so() {
    if rustix::process::geteuid().is_root() {
        // Root reads it whatever its mode; the ordinary user's run of the tests covers the rest.
        assert_eq!(Server::start().get("/ko/").status, 200);
        return;
    }
    use std::os::unix::fs::PermissionsExt;
    let server = Server::start();
    std::fs::set_permissions(server.site().join("ko/index.html"), std::fs::Permissions::from_mode(0o000)).unwrap();
    let answer = server.get("/ko/");
    assert_eq!(answer.status, 500);
    assert!(answer.text().contains("ko/index.html"));
}
