//! The recordings inside the binary, as they are and damaged.

use super::*;

#[test]
fn every_embedded_trace_holds() {
    let (reports, unknown) = replay_all(&embedded());
    assert_eq!(unknown, Vec::<String>::new());
    assert!(reports.iter().all(|report| report.pass), "{reports:#?}");
    let compared: Vec<_> = reports.iter().map(|r| (r.trace.as_str(), r.compared)).collect();
    insta::assert_debug_snapshot!(compared);
}

#[test]
fn a_file_is_found_however_it_is_stored() {
    use std::io::Write as _;
    let (plain, brotli, gzip) = ("plain", "brotli", "gzip");
    let mut packed = Vec::new();
    brotli::CompressorReader::new(brotli.as_bytes(), 4096, 5, 20).read_to_end(&mut packed).unwrap();
    let mut zipped = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    zipped.write_all(gzip.as_bytes()).unwrap();
    let mut files: Vec<(&str, Vec<u8>)> =
        vec![("x/a.csv.gz", zipped.finish().unwrap()), ("x/a.csv.br", packed), ("x/a.csv", plain.into())];
    for want in [plain, brotli, gzip] {
        let stored: GoldenFiles = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.clone())).collect();
        assert_eq!(stored.text("x/a.csv").as_deref(), Ok(want));
        files.pop();
    }
    for (name, what) in [("x/a.csv.br", "x/a.csv.br: cannot be unpacked"), ("x/b.csv", "x/a.csv: is missing")] {
        let stored: GoldenFiles = [(name.to_owned(), vec![0xFF_u8; 9])].into_iter().collect();
        let error = stored.text("x/a.csv").unwrap_err().to_string();
        assert!(error.starts_with(what), "{error}");
    }
}

/// A copy of the embedded traces with one file changed.
fn changed(name: &str, change: impl Fn(String) -> String) -> GoldenFiles {
    let mut files = embedded();
    let text = change(files.text(name).unwrap());
    files.insert(name, text);
    files
}

#[test]
fn a_trace_that_differs_is_noticed() {
    for (name, from, to, trace, note) in [
        (
            "loadavg/A.updates.csv",
            ",1659,",
            ",1660,",
            "A",
            "first mismatch: update 1 avenrun1: model 1659, recorded 1660",
        ),
        (
            "loadavg/A.updates.csv",
            "1659",
            "many",
            "A",
            "loadavg/A.updates.csv: line 3: avenrun1 = \"many\" does not parse",
        ),
        (
            "loadavg/A.updates.csv",
            "avenrun5",
            "avenrunV",
            "A",
            "loadavg/A.updates.csv: line 2: there is no column avenrun5",
        ),
        ("loadavg/A.samples.jsonl", "\"0.81\"", "\"0.82\"", "A", "first mismatch: sample 2 text: model \"0.81"),
        ("loadavg/A.samples.jsonl", "{", "[", "A", "loadavg/A.samples.jsonl: line 1:"),
        ("loadavg/A.json", "6.1.0", "2.6.24", "A", "loadavg/A.json: 2.6.19 to 2.6.30 are not modelled"),
        (
            "loadavg/live618.json",
            "[5027,5505,3216],\"text\"",
            "[5027,5505,3217],\"text\"",
            "live618",
            "first mismatch: row 0 avenrun15",
        ),
        ("writeback/W1.bdp.csv", ",152600,", ",152604,", "W1", "task_ratelimit: model 38150, recorded 38151"),
        ("writeback/W1.bdp.csv", ",0,140,140,", ",0,136,140,", "W1", "pause_ms: model 140, recorded 136"),
        ("writeback/W1.bdp.csv", ",197,197,", ",197,198,", "W1", "dirtied_pause: model 197, recorded 198"),
        ("writeback/W1.bdp.csv", "in_dirty", "dirty", "W1", "bdp.csv: line 2: there is no column in_dirty"),
        ("writeback/W1.ratelimit.csv", ",93148\n", ",93152\n", "W1", "update balanced_dirty_ratelimit: model 23287"),
        ("writeback/W1.samples.csv", ",20789,10381,", ",20790,10381,", "W1", "nr_dirty_threshold: model 20789"),
        ("writeback/W1.zoneinfo", "protection: (0, 442", "protection: (0, 443", "W1", "nr_dirty_threshold"),
        ("writeback/W1.json", "2:-1", "4:-1", "W1", "dirty pages in % of the threshold"),
        ("writeback/W4.json", "dirty_writeback_centisecs=500", "dirty_writeback_centisecs=100", "W4", "first flush"),
        ("writeback/W4.json", "3:8388608", "3-8388608", "W4", "writer: \"3-8388608\" is not t_s:bytes"),
        ("tcp-life/ports.json", "[40034,40042,", "[40034,40043,", "ports", "session 0 step 1: model one of"),
        ("tcp-life/expiry.json", ",358]", ",350]", "expiry", "turn 1: model has 35"),
        ("tcp-life/fin-timeout.json", "4049824,", "5300000,", "fin-timeout", "tcp_fin_timeout 62 is gone: model"),
        ("tcp-life/reuse.json", "\"recycled\":100", "\"recycled\":99", "reuse", "TWRecycled: model 100, recorded 99"),
        ("tcp-life/buckets.json", "\"overflow\":180", "\"overflow\":200", "buckets", "model 180, recorded 200"),
        ("tcp-life/restart.json", "\"errno\":98", "\"errno\":0", "restart", "SO_REUSEADDR: new only: model 98"),
        ("tcp-life/wire.json", "79,101,0,0]", "79,1,0,0]", "wire", "first mismatch: client segment 6"),
        ("reclaim/marks.json", "\"low\": 27,", "\"low\": 28,", "marks", "W1 DMA low: model 27, recorded 28"),
        ("reclaim/marks.json", "6.1.0", "2.6.32", "marks", "reclaim/marks.json: the rules of this version"),
        (
            "reclaim/available618.json",
            "\"MemAvailable\": ",
            "\"MemAvailable\": 1",
            "available618",
            "first mismatch: row 0 MemAvailable",
        ),
        (
            "reclaim/stream618.json",
            "\"hot\": 12288}",
            "\"hot\": 1288}",
            "stream618",
            "row 0 hot resident: model 12288, recorded 1288",
        ),
        ("reclaim/stream618.json", "32768", "16", "stream618", "a limit of 16 pages is too small to read in"),
        ("reclaim/names618.json", "\"slabs\": 9524", "\"slabs\": 9924", "names618", "row 0 slabs: model"),
        ("reclaim/names618.json", "\"names\",", "\"games\",", "names618", "unknown variant `games`"),
        ("writeback/rate61.json", "\"pos_ratio\": 710", "\"pos_ratio\": 711", "rate61", "row 0 pos_ratio: model 710"),
    ] {
        let files = changed(name, |text| text.replacen(from, to, 1));
        let (reports, _) = replay_all(&files);
        let report = reports.iter().find(|report| report.trace == trace).unwrap();
        assert!(!report.pass && report.note.contains(note), "{name} {from}: {report:?}");
        assert!(reports.iter().filter(|report| report.trace != trace).all(|report| report.pass));
    }
}

#[test]
fn nothing_compared_is_not_a_pass() {
    let files = changed("loadavg/live618.json", |_| r#"{"kernel":"6.18.44","hz":250,"rows":[]}"#.to_owned());
    let (reports, _) = replay_all(&files);
    let report = reports.iter().find(|report| report.trace == "live618").unwrap();
    assert_eq!((report.compared, report.pass), (0, false));
}
