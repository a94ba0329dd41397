//! What the routes share, and which routes there are.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::get;
use exercises::{Exercise, Judgement};
use sim_core::Text;
use tokio::sync::{Semaphore, watch};

use super::eyes::Eyes;
use super::guard::guard;
use super::limits::{Bucket, Limits};
use super::samples::Hub;
use super::shared::Keep;
use super::site::Site;
use super::streams::Streams;
use super::tokens::Tokens;
use super::workloads::Workloads;
use super::{api, pages};

/// Judges an exercise by what a page predicted and by the machine. May block on a file that hangs.
pub type Judge = dyn Fn(&Exercise, Option<&str>) -> Result<Judgement, Text> + Send + Sync;

/// What one run of the server knows.
pub struct App {
    /// The bounds.
    pub limits: Limits,
    /// The pages.
    pub site: Site,
    /// Folder whose new builds reload the pages.
    pub reload: Option<PathBuf>,
    /// Launch addresses and sessions.
    pub tokens: Tokens,
    /// Open event streams.
    pub streams: Arc<Streams>,
    /// The machine.
    pub eyes: Eyes,
    /// What judges.
    pub judge: Arc<Judge>,
    /// What the terminal keeps of exercises.
    pub keep: Arc<dyn Keep>,
    /// Those who watch the machine.
    pub hub: Arc<Hub>,
    /// The right to one check of the machine.
    pub judges: Arc<Semaphore>,
    /// What makes loads, if that was allowed when the server was started.
    pub workloads: Option<Arc<Workloads>>,
    /// Turns true when the server ends.
    pub stop: watch::Receiver<bool>,
    bucket: Mutex<Bucket>,
}

/// What is decided when the server starts.
pub struct Plan {
    /// The bounds.
    pub limits: Limits,
    /// The pages.
    pub site: Site,
    /// Folder whose new builds reload the pages.
    pub reload: Option<PathBuf>,
    /// The machine.
    pub eyes: Eyes,
    /// What judges.
    pub judge: Arc<Judge>,
    /// What the terminal keeps of exercises.
    pub keep: Arc<dyn Keep>,
    /// What makes loads.
    pub workloads: Option<Arc<Workloads>>,
}

impl App {
    /// A server that nobody has asked anything yet.
    pub fn new(plan: Plan, stop: watch::Receiver<bool>) -> Arc<App> {
        let Plan { limits, site, reload, eyes, judge, keep, workloads } = plan;
        let looking = eyes.clone();
        Arc::new(App {
            site,
            reload,
            tokens: Tokens::new(limits.sessions),
            streams: Arc::new(Streams::new(limits.clone())),
            hub: Arc::new(Hub::new(Box::new(move || looking.look()))),
            eyes,
            judge,
            keep,
            judges: Arc::new(Semaphore::new(limits.judges)),
            workloads,
            stop,
            bucket: Mutex::new(Bucket::new(limits.requests_per_second, limits.burst)),
            limits,
        })
    }

    /// The bound on requests.
    pub fn bucket(&self) -> MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The API's addresses with the methods each takes; a test walks over them.
pub const ROUTES: [(&str, &str); 9] = [
    ("/api/v1/health", "GET, HEAD"),
    ("/api/v1/session", "POST"),
    ("/api/v1/facts", "GET, HEAD"),
    ("/api/v1/samples", "GET"),
    ("/api/v1/here", "GET, HEAD"),
    ("/api/v1/judge", "POST"),
    ("/api/v1/progress", "GET, HEAD, POST"),
    ("/api/v1/workload", "GET, HEAD, POST, DELETE"),
    ("/api/v1/reload", "GET"),
];

/// Every address there is, behind the guard.
pub fn router(app: Arc<App>) -> Router {
    let mut router = Router::new();
    for (path, methods) in ROUTES {
        let route = match path {
            "/api/v1/health" => get(api::health),
            "/api/v1/session" => axum::routing::post(api::session),
            "/api/v1/facts" => get(api::facts),
            // A HEAD of an endless answer means nothing.
            "/api/v1/samples" => get(api::samples).head(api::no_head),
            "/api/v1/here" => get(api::here),
            "/api/v1/progress" => get(api::all_progress).post(api::progress),
            "/api/v1/judge" => axum::routing::post(api::judge),
            "/api/v1/workload" => get(api::workload).post(api::start_workload).delete(api::stop_workload),
            _ => get(api::reload).head(api::no_head),
        };
        let route = route.fallback(move || async move { api::not_allowed(methods) });
        router = router.route(path, route);
    }
    router.fallback(pages::page).layer(from_fn_with_state(Arc::clone(&app), guard)).with_state(app)
}
