//! Loads that a page asks for. What makes them is tried elsewhere; here a stand-in shows when it is
//! asked to begin and to end.

use std::sync::Mutex;

use exercises::{Ended, Exercise};
use sim_core::Text;

use super::*;
use crate::serve::workloads::{Job, Last, Planned, Runner};
use crate::workload::Status;

/// Loads that do nothing until they are told to end.
#[derive(Clone, Default)]
struct StandIn(Arc<Mutex<Vec<Option<Status>>>>);

struct StandInJob(StandIn, usize);

impl StandIn {
    fn started(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    fn end(&self, job: usize, status: Status) {
        self.0.lock().unwrap()[job].get_or_insert(status);
    }
}

impl Runner for StandIn {
    fn start(&self, exercise: &'static Exercise) -> Result<(Planned, Box<dyn Job>), Text> {
        let mut jobs = self.0.lock().unwrap();
        jobs.push(None);
        let job = StandInJob(self.clone(), jobs.len() - 1);
        Ok((Planned { exercise: exercise.id.clone(), total_s: 66, lines: Vec::new() }, Box::new(job)))
    }

    fn ended(&self, _: &Last) {}
}

impl Job for StandInJob {
    fn status(&self) -> Status {
        self.0.0.lock().unwrap()[self.1].clone().unwrap_or(Status::Starting)
    }

    fn stop(&self) {
        self.0.end(self.1, Status::Ended(Ended::Stopped));
    }
}

fn server(gone: Duration) -> (Server, StandIn) {
    let stand_in = StandIn::default();
    let workloads = Some(Arc::new(Workloads::new(Box::new(stand_in.clone()))));
    let limits = Some(Limits { reader_gone: gone, ..Limits::default() });
    (Server::with(Options { workloads, limits, ..Options::default() }), stand_in)
}

fn exercise() -> &'static str {
    &exercises::catalogue().iter().find(|exercise| exercise.workload.is_some()).expect("one with a workload").id
}

impl Server {
    fn workload(&self, method: &str, token: &str, body: &str) -> Answer {
        let headers = [("X-Live-Probe-Token", token), ("Content-Type", "application/json")];
        self.ask(method, "/api/v1/workload", if method == "GET" { &headers[..1] } else { &headers }, body)
    }
}

fn named(exercise: &str) -> String {
    serde_json::json!({ "exercise": exercise }).to_string()
}

#[test]
fn without_consent_nothing_is_started() {
    let server = Server::start();
    let token = server.session();
    for method in ["GET", "POST", "DELETE"] {
        let answer = server.workload(method, &token, &named(exercise()));
        assert_eq!((answer.status, answer.code().as_str()), (403, "no_consent"), "{method}");
    }
}

#[test]
fn a_load_is_named_by_its_exercise_and_by_nothing_else() {
    let (server, stand_in) = server(Duration::from_secs(60));
    let token = server.session();
    let id = exercise();
    for (body, status) in [
        (serde_json::json!({"exercise": id, "seconds": 9999}).to_string(), 400),
        (serde_json::json!({"exercise": id, "tasks": 64}).to_string(), 400),
        (serde_json::json!({"exercise": [id]}).to_string(), 400),
        (named("busy-loops"), 404),
        (named("ch03-load-average"), 404),
        (named(&format!("{id}/../{id}")), 404),
        (String::new(), 400),
    ] {
        let answer = server.workload("POST", &token, &body);
        assert_eq!(answer.status, status, "{body}: {answer:?}");
    }
    if let Some(calm) = exercises::catalogue().iter().find(|exercise| exercise.workload.is_none()) {
        assert_eq!(server.workload("POST", &token, &named(&calm.id)).code(), "no_workload");
    }
    assert_eq!(stand_in.started(), 0);
}

#[test]
fn one_load_runs_at_a_time_and_is_stopped_by_name() {
    let (server, stand_in) = server(Duration::from_secs(60));
    let token = server.session();
    let body = named(exercise());
    assert_eq!(server.workload("DELETE", &token, &body).code(), "not_running");
    let plan = server.workload("POST", &token, &body);
    assert_eq!((plan.status, &plan.json()["exercise"], &plan.json()["total_s"]), (201, &exercise().into(), &66.into()));
    assert_eq!(server.workload("POST", &token, &body).code(), "running");
    let other = server.session();
    assert_eq!(server.workload("POST", &other, &body).code(), "running", "whoever asks");
    let now = server.workload("GET", &token, "").json();
    assert_eq!((&now["running"]["exercise"], &now["last"]), (&exercise().into(), &serde_json::Value::Null));
    assert_eq!(server.workload("DELETE", &token, &body).status, 200);
    let now = server.workload("GET", &token, "").json();
    assert_eq!((&now["running"], &now["last"]["ended"]), (&serde_json::Value::Null, &"stopped".into()));

    assert_eq!(server.workload("POST", &token, &body).status, 201);
    stand_in.end(1, Status::Ended(Ended::AsPlanned));
    assert_eq!(server.workload("GET", &token, "").json()["last"]["ended"], "as-planned");
    assert_eq!(server.workload("POST", &token, &body).status, 201);
    stand_in.end(2, Status::Failed(Text::fixed("까닭", "why")));
    let last = server.workload("GET", &token, "").json()["last"].clone();
    assert_eq!((&last["ended"], &last["why"]["ko"]), (&"failed".into(), &"까닭".into()));
}

#[test]
#[cfg_attr(not(target_os = "linux"), ignore = "needs a Linux kernel")]
fn a_load_outlives_a_page_turn_and_not_its_reader() {
    let (server, _) = server(Duration::from_secs(2));
    let token = server.session();
    let running = || !server.workload("GET", &token, "").json()["running"].is_null();
    let events = server.stream("/api/v1/samples?interval_ms=250", &token);
    assert_eq!(server.workload("POST", &token, &named(exercise())).status, 201);
    std::thread::sleep(Duration::from_millis(2500));
    assert!(running(), "the reader is here");
    drop(events);
    std::thread::sleep(Duration::from_millis(200));
    let events = server.stream("/api/v1/samples?interval_ms=250", &token);
    std::thread::sleep(Duration::from_millis(2500));
    assert!(running(), "the next page listens");
    drop(events);
    // A stream of somebody else is not the reader.
    let _other = server.stream("/api/v1/samples?interval_ms=250", &server.session());
    eventually("gone with its reader", || !running());
}

#[test]
fn a_load_nobody_came_to_watch_is_ended() {
    let (server, stand_in) = server(Duration::from_millis(500));
    let token = server.session();
    assert_eq!(server.workload("POST", &token, &named(exercise())).status, 201);
    eventually("ended", || server.workload("GET", &token, "").json()["last"]["ended"] == "stopped");
    assert_eq!(stand_in.started(), 1);
}
