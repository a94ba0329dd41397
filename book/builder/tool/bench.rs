//! `cargo book bench`: measures everything in one go and writes BENCHMARKS.md.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::wasm::{self, Profile};
use super::workspace::{Workspace, output, run, step};
use super::{Failure, build_site, pack, setup};
use crate::site::assets;
use crate::site::value::grouped;

/// The benches of sim-core.
const BENCHES: &[&str] = &[
    "events",
    "cpu_shares",
    "service",
    "load_average",
    "buddy_allocator",
    "reclaim",
    "numa_policy",
    "tcp_life",
    "dirty_writeback",
    "io_scheduler",
    "schedulers",
];
/// What a group of them counts in a second, and what is aimed at.
const GROUPS: &[(&str, &str, &str)] = &[
    ("process-life", "events", ""),
    ("commit", "events", ""),
    ("cpu-shares", "context switches", ""),
    ("load-average", "updates", ""),
    ("buddy: allocate and free", "pairs", "model ≥ 0.5 × the crate `buddy_system_allocator`"),
    ("buddy-allocator", "allocations, as scenarios", ""),
    ("buddy: whole recordings", "values compared", "180,000 events in ≤ 50 ms"),
    ("reclaim", "simulated seconds", ""),
    ("numa-policy", "pages placed, or values compared", ""),
    ("dirty-writeback", "simulated seconds", "≥ 10 000"),
    ("io-scheduler", "requests, whole model", "≥ 1 000 000"),
    ("schedulers", "requests, scheduler alone", "≥ 1 000 000"),
    ("tcp-life", "connections", ""),
    ("tcp-keepalive", "events", ""),
    ("tcp-rto", "events", ""),
    ("service", "requests", ""),
    ("replay", "traces of every model, unpacked and compared", ""),
];

/// Runs every measurement and writes the table.
///
/// # Errors
/// A measurement cannot be made, or the file cannot be written.
pub fn bench(workspace: &Workspace) -> Result<(), Failure> {
    let browser = setup::browser()?;
    let widgets = wasm::build(workspace, Profile::Reader)?;
    let (with, without) = (workspace.target.join("site-bench"), workspace.target.join("site-bench-without"));
    step("write both books", || build_site(workspace, &with, Some(&widgets)))?;
    step("write both books without widgets", || build_site(workspace, &without, None))?;
    let probe = pack::pack(workspace, Some(&workspace.target.join("bench").join("live-probe")))?;
    step("measure the models natively", || {
        let mut cargo = workspace.cargo();
        cargo.args(["bench", "--quiet", "--package", "sim-core"]);
        cargo.args(BENCHES.iter().flat_map(|name| ["--bench", name]));
        run(cargo.args(["--", "--warm-up-time", "1", "--measurement-time", "3"]))
    })?;
    let page = step("measure the page", || {
        let mut cargo = workspace.cargo();
        cargo.args(["bench", "--quiet", "--package", "book", "--features", "browser", "--bench", "page"]);
        cargo.env("WORKBOOK_SITE", &with).env("WORKBOOK_SITE_WITHOUT", &without);
        cargo.env("WORKBOOK_CHROMIUM", &browser.browser).env("WORKBOOK_CHROMEDRIVER", &browser.driver);
        last_json(&output(&mut cargo)?)
    })?;
    let cost = step("measure the probe", || {
        last_json(&output(Command::new(&probe).args(["doctor", "--cost", "--format", "json"]))?)
    })?;
    let (first_output, check_all) = step("measure commands", || {
        let state = tempfile::tempdir().map_err(|error| Failure::of("a temporary folder", error))?;
        let median = |rounds: usize, args: &[&str], whole: bool| {
            let mut times =
                (0..rounds).map(|_| timed(&probe, state.path(), args, whole)).collect::<Result<Vec<_>, _>>()?;
            times.sort_unstable();
            Ok::<Duration, Failure>(times[rounds / 2])
        };
        Ok((median(21, &["list"], false)?, median(7, &["check", "all", "--format", "json"], true)?))
    })?;
    let rss = step("measure the server's memory", || idle_rss_kb(&probe))?;

    let mut table = String::from("| what | measured | aim |\n|---|---|---|\n");
    let mut row = |what: &str, measured: String, aim: &str| {
        let _ = writeln!(table, "| {what} | {measured} | {aim} |");
    };
    for rate in page["rates"].as_array().into_iter().flatten() {
        let [native, wasm, events] = ["/native", "/wasm", "/events"].map(|pointer| number(rate, pointer));
        let (native, wasm, events) = (native?, wasm?, events?);
        let name = format!("{}, `{}`", text(rate, "model"), text(rate, "preset"));
        let (unit, times) = if events > 0.0 { ("updates", events) } else { ("runs", 1.0) };
        row(&format!("{name}: {unit} a second, native"), thousands(native * times), "");
        let share = format!("{} ({:.0} % of native)", thousands(wasm * times), 100.0 * wasm / native);
        row("the same in WASM", share, "≥ 60 %");
    }
    let ms = |pointer: &str| number(&page, pointer).map(|ms| format!("{ms:.1} ms"));
    row("main-thread time of a frame while scrubbing, median", ms("/frame_ms")?, "≤ 6 ms");
    row("the same, 95th percentile", ms("/frame_p95_ms")?, "");
    for (what, bytes, aim) in downloads(&widgets)? {
        row(&format!("wasm and glue, brotli: {what}"), format!("{:.1} KB", bytes as f64 / 1000.0), aim);
    }
    row("navigation to the first simulator usable, fresh browser", ms("/first_widget_usable_ms")?, "");
    row("the same page without widgets, loaded", ms("/page_without_widgets_ms")?, "");
    row("one live sample", format!("{:.1} µs", number(&cost, "/cost/sample_us")?), "");
    row("raw reads of the same files", format!("{:.1} µs", number(&cost, "/cost/raw_us")?), "");
    row("the first divided by the second", format!("{:.2}", number(&cost, "/cost/ratio")?), "≤ 1.5");
    row(
        "share of a CPU at one sample a second",
        format!("{:.4} %", number(&cost, "/cost/cpu_pct_at_1_hz")?),
        "≤ 0.1 %",
    );
    row("one look at the figures of all chapters", format!("{:.0} µs", number(&cost, "/cost/chapters/sample_us")?), "");
    row("raw reads of the same files", format!("{:.0} µs", number(&cost, "/cost/chapters/raw_us")?), "");
    row("the first divided by the second", format!("{:.2}", number(&cost, "/cost/chapters/ratio")?), "≤ 1.5");
    row("start-up to the first output (`list`)", format!("{:.1} ms", first_output.as_secs_f64() * 1e3), "≤ 15 ms");
    row("`check all`, no workload run", format!("{:.2} s", check_all.as_secs_f64()), "≤ 1.5 s");
    row("memory of the idle server (RSS), whole book inside", format!("{:.1} MB", rss as f64 / 1000.0), "");
    row("size of the packed probe", format!("{:.1} MB", file_size(&probe)? as f64 / 1e6), "≤ 12 MB");

    let mut models = String::from("| bench | median | a second | aim |\n|---|---|---|---|\n");
    for (group, unit, aim) in GROUPS {
        for (name, median_ns, elements) in medians(workspace, group)? {
            let rate = thousands(elements / median_ns * 1e9);
            let _ = writeln!(models, "| {group}, `{name}` | {:.2} ms | {rate} {unit} | {aim} |", median_ns / 1e6);
        }
    }

    let text = format!(
        "# Benchmarks\n\nWritten by `cargo book bench`, everything in one go. Medians; the same loop natively and in WASM; \
         pages with and without widgets visited in turns.\n\n{}\n## The page and the probe\n\n{table}\n\
         WASM and native code run in turns, round by round. A page fetches the main file, which has the frame of the \
         widgets, and the parts of the models and exercises it shows; what was fetched serves the whole book. A look at the figures of all chapters wakes the thread that reads, \
         so that a file that hangs holds up nobody, and finds the files still open from the look before.\n\n\
         ## The models, natively\n\n{models}",
        machine()?
    );
    let file = workspace.root.join("BENCHMARKS.md");
    std::fs::write(&file, &text).map_err(|error| Failure::of("BENCHMARKS.md", error))?;
    println!("{text}");
    Ok(())
}

/// The last line that is a JSON object, or the whole text.
fn last_json(text: &str) -> Result<Value, Failure> {
    let lines = text.lines().rev().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut objects = lines.filter(Value::is_object);
    objects.next().map_or_else(|| serde_json::from_str(text).map_err(|error| Failure::of("no JSON", error)), Ok)
}

fn number(value: &Value, pointer: &str) -> Result<f64, Failure> {
    let found = value.pointer(pointer).and_then(Value::as_f64);
    found.ok_or_else(|| Failure::new(format!("nothing was measured at {pointer}: {value}")))
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or_default()
}

/// The models there were when the aim for their size was set.
const FIVE: [&str; 5] = ["load-average", "buddy-allocator", "numa-policy", "dirty-writeback", "io-scheduler"];

/// What readers fetch, bytes in brotli, and the aim: the main file, the glue and the files of the parts they meet.
fn downloads(widgets: &Path) -> Result<Vec<(&'static str, u64, &'static str)>, Failure> {
    let read = |name: &str| {
        let path = widgets.join(name);
        std::fs::read(&path).map_err(|error| Failure::of(&path.display().to_string(), error))
    };
    let size = |name: &str| -> Result<u64, Failure> {
        pack::brotli(&read(name)?).map(|bytes| bytes.len() as u64).map_err(|error| Failure::of("brotli", error))
    };
    let needs = assets::needs(widgets).map_err(|error| Failure::new(error.to_string()))?;
    let first = size(assets::MAIN)? + size(assets::GLUE)?;
    let mut sizes = BTreeMap::new();
    for file in needs.values().flatten() {
        if !sizes.contains_key(file) {
            sizes.insert(file, size(&assets::part_file(file))?);
        }
    }
    let with = |parts: &[&str]| -> u64 {
        let files: BTreeSet<_> = parts.iter().filter_map(|part| needs.get(*part)).flatten().collect();
        first + files.into_iter().map(|file| sizes[file]).sum::<u64>()
    };
    let all: Vec<&str> = needs.keys().map(String::as_str).collect();
    Ok(vec![
        ("no model yet", first, ""),
        ("the simulators of the load average", with(&["load-average"]), "≤ 110 KB"),
        ("and its exercises", with(&["load-average", "exercise"]), ""),
        ("five models", with(&FIVE), "≤ 220 KB"),
        ("all fourteen and the exercises", with(&all), ""),
    ])
}

/// What criterion measured of a group, by name: median, ns, and what was counted in that time.
fn medians(workspace: &Workspace, group: &str) -> Result<Vec<(String, f64, f64)>, Failure> {
    // Criterion's names for folders.
    let folder = workspace.target.join("criterion").join(group.replace([':', '/', '\\'], "_"));
    let failed = |path: &Path, error: &dyn std::fmt::Display| Failure::of(&path.display().to_string(), error);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(|error| failed(&folder, &error))? {
        let new = entry.map_err(|error| failed(&folder, &error))?.path().join("new");
        if !new.is_dir() {
            continue;
        }
        let read = |file: &str| -> Result<Value, Failure> {
            let path = new.join(file);
            let text = std::fs::read_to_string(&path).map_err(|error| failed(&path, &error))?;
            serde_json::from_str(&text).map_err(|error| failed(&path, &error))
        };
        let (about, estimates) = (read("benchmark.json")?, read("estimates.json")?);
        let name = about["function_id"].as_str().unwrap_or_default().to_owned();
        found.push((name, number(&estimates, "/median/point_estimate")?, number(&about, "/throughput/Elements")?));
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

/// Takes the server along however this ends.
struct Guard(Child);

impl Drop for Guard {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Resident memory of the packed probe two seconds after it began to serve.
fn idle_rss_kb(probe: &Path) -> Result<u64, Failure> {
    let mut command = Command::new(probe);
    command.args(["serve", "--no-open", "--port", "0"]).stdin(Stdio::null()).stdout(Stdio::null());
    let server = Guard(command.spawn().map_err(|error| Failure::of("the probe", error))?);
    std::thread::sleep(Duration::from_secs(2));
    let status = format!("/proc/{}/status", server.0.id());
    let status = std::fs::read_to_string(&status).map_err(|error| Failure::of(&status, error))?;
    let rss = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kb = rss.and_then(|rss| rss.split_whitespace().next()?.parse().ok());
    kb.ok_or_else(|| Failure::new("the server ended before its memory could be read"))
}

/// How long a command of the probe takes: to its end, or to the first byte it prints.
fn timed(probe: &Path, state: &Path, args: &[&str], whole: bool) -> Result<Duration, Failure> {
    let fail = |error| Failure::of("the probe", error);
    let mut command = Command::new(probe);
    command.args(args).env("LIVE_PROBE_STATE_DIR", state).stdin(Stdio::null()).stdout(Stdio::piped());
    let begun = Instant::now();
    let mut child = Guard(command.spawn().map_err(fail)?);
    let mut out = child.0.stdout.take().ok_or_else(|| Failure::new("the probe has no output"))?;
    let mut byte = [0];
    out.read_exact(&mut byte).map_err(fail)?;
    if whole {
        out.read_to_end(&mut Vec::new()).map_err(fail)?;
        child.0.wait().map_err(fail)?;
    }
    Ok(begun.elapsed())
}

fn file_size(path: &Path) -> Result<u64, Failure> {
    path.metadata().map(|meta| meta.len()).map_err(|error| Failure::of(&path.display().to_string(), error))
}

/// 1234567.8 as `1 234 568`.
fn thousands(value: f64) -> String {
    grouped(value.round() as u128, ' ')
}

/// What this was measured on, without anything that names the machine.
fn machine() -> Result<String, Failure> {
    let cpuinfo = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model =
        cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':')).map(|(_, name)| name.trim());
    let kernel = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let cpus = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let rustc = output(Command::new("rustc").arg("--version"))?;
    let (os, arch) = (std::env::consts::OS, std::env::consts::ARCH);
    Ok(format!(
        "Machine: {cpus} × {} ({os} {arch}), kernel {}, {}.\n",
        model.unwrap_or("unnamed CPU"),
        kernel.trim(),
        rustc.trim()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        for (value, want) in [(0.4, "0"), (999.0, "999"), (1000.0, "1 000"), (1_234_567.8, "1 234 568")] {
            assert_eq!(thousands(value), want);
        }
    }

    #[test]
    fn the_measurement_is_found_among_other_output() {
        for text in ["running 0 tests\n{\"a\": 1}\n", "{\n \"a\": 1\n}\n", "{\"a\":1}"] {
            assert_eq!(last_json(text).unwrap()["a"], 1, "{text:?}");
        }
        assert!(last_json("nothing").is_err());
    }
}
