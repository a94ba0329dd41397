//! Tells open pages when the folder they come from has been built again.

use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};

use super::streams::event;

/// Changes with every build of the site and is written last, so that a page reloads into a whole
/// one.
const BUILD_ID: &str = ".build-id";
/// How soon a new build is seen. Reading one small file that often costs nothing to speak of.
const EVERY: Duration = Duration::from_millis(150);

/// Sends an event for every new build until nobody listens.
pub fn watch(dir: PathBuf) -> mpsc::Receiver<Bytes> {
    let (tx, rx) = mpsc::channel(4);
    tokio::spawn(async move {
        let mut known = build(&dir);
        let mut look = interval(EVERY);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = look.tick() => {}
                () = tx.closed() => return,
            }
            // A file that is away for a moment is a build under way, no new build.
            let Some(now) = build(&dir) else { continue };
            if known.as_ref() != Some(&now) {
                let data = serde_json::json!({ "build": now }).to_string();
                known = Some(now);
                let _ = tx.try_send(event("reload", &data));
            }
        }
    });
    rx
}

fn build(dir: &Path) -> Option<String> {
    let id = std::fs::read_to_string(dir.join(BUILD_ID)).ok()?;
    let id = id.trim();
    (!id.is_empty()).then(|| id.chars().take(64).collect())
}
