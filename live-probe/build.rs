//! With the feature `site`, checks that there is a site to carry and compiles again when it changes.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=LIVE_PROBE_SITE");
    if std::env::var_os("CARGO_FEATURE_SITE").is_none() {
        return;
    }
    let site = std::env::var("LIVE_PROBE_SITE").unwrap_or_default();
    let index = |name: &str| std::path::Path::new(&site).join(name).is_file();
    if index("index.html.br") {
        println!("cargo::rerun-if-changed={site}");
    } else {
        println!("cargo::error=LIVE_PROBE_SITE={site}: not a folder with a packed site; use `cargo book pack`");
    }
}
