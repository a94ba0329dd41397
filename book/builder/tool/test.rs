//! `cargo book test`: everything, with what it needs set up first.

use std::path::Path;

use super::setup::{self, Browser};
use super::wasm::{self, Profile};
use super::workspace::{Workspace, is_ci, run, step};
use super::{Failure, axe, build_site, check};

/// Runs every test there is.
///
/// # Errors
/// A list of what failed; with `CI` set, also what could not be run.
pub fn test(workspace: &Workspace) -> Result<(), Failure> {
    let (mut failed, mut failed_to_run) = (Vec::new(), Vec::new());
    if let Err(why) = setup::capture() {
        eprintln!("{why}\nNot run: whether tcpdump and tshark read an exported capture.");
        if is_ci() {
            failed_to_run.push("captures (not run)".to_owned());
        }
    }
    let mut note = |what: &str, result: Result<(), Failure>| {
        if let Err(failure) = result {
            eprintln!("{failure}");
            failed.push(what.to_owned());
        }
    };
    note("rust tests", step("rust tests of the workspace", || run(workspace.cargo().args(["test", "--workspace"]))));
    note("linter and drift", step("linter and drift check", || check(workspace, &[])));
    match setup::typed() {
        Ok(()) => note("commands of the text", step("commands of the text", || run(&mut typed_command(workspace)))),
        Err(why) => {
            eprintln!("{why}\nNot run: the commands of the text.");
            if is_ci() {
                failed_to_run.push("commands of the text (not run)".to_owned());
            }
        }
    }
    let browser = setup::browser();
    match &browser {
        Ok(browser) => note("browser and wasm tests", browser_tests(workspace, browser)),
        Err(why) => {
            eprintln!("{why}\nNot run: the browser tests, the wasm tests (native and WASM give the same bytes).");
            if is_ci() {
                failed_to_run.push("browser and wasm tests (not run)".to_owned());
            }
        }
    }
    failed.extend(failed_to_run);
    if failed.is_empty() { Ok(()) } else { Err(Failure::new(format!("failed: {}", failed.join(", ")))) }
}

fn browser_tests(workspace: &Workspace, browser: &Browser) -> Result<(), Failure> {
    let widgets = wasm::build(workspace, Profile::Reader)?;
    let site = workspace.target.join("site-test");
    step("write both books", || build_site(workspace, &site, Some(&widgets)))?;
    step("compile the probe", || run(workspace.cargo().args(["build", "--quiet", "--bin", "live-probe"])))?;
    let probe = workspace.target.join("debug").join("live-probe");
    let mut command = browser_command(workspace, browser, &site, &probe);
    let rules = axe::script(workspace);
    match &rules {
        Ok(script) => command.env("WORKBOOK_AXE", script),
        Err(why) => {
            eprintln!("{why}\nNot run: the pages by the rules of axe-core.");
            command.args(["--skip", "axe::every_page"])
        }
    };
    step("browser and wasm tests", || run(&mut command))?;
    rules.map(drop).or_else(|why| if is_ci() { Err(why) } else { Ok(()) })
}

/// The tests that type in what the text prints.
fn typed_command(workspace: &Workspace) -> std::process::Command {
    let mut cargo = workspace.cargo();
    cargo.args(["test", "--package", "book", "--features", "commands", "--test", "commands"]);
    cargo
}

/// The browser tests, told where everything is.
pub fn browser_command(workspace: &Workspace, browser: &Browser, site: &Path, probe: &Path) -> std::process::Command {
    let mut cargo = workspace.cargo();
    cargo
        .args(["test", "--package", "book", "--features", "browser", "--test", "browser"])
        .env("WORKBOOK_SITE", site)
        .env("WORKBOOK_PROBE", probe)
        .env("WORKBOOK_CHROMIUM", &browser.browser)
        .env("WORKBOOK_CHROMEDRIVER", &browser.driver)
        // Each test has a browser of its own; more than two at once only slow each other down.
        .args(["--", "--test-threads", "2"]);
    cargo
}
