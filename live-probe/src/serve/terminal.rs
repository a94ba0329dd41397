//! The reader's Enter key: each press asks for another launch address.

use std::io::IsTerminal;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, poll};
use tokio::sync::mpsc;

/// A message for every line typed at our terminal; none if we have no terminal.
///
/// A job in the background must not read its terminal, the kernel would stop it: waiting for input
/// is allowed, and only the job in the foreground goes on to read it.
pub fn lines() -> mpsc::Receiver<()> {
    let (tx, rx) = mpsc::channel(1);
    if std::io::stdin().is_terminal() {
        let reader = std::thread::Builder::new().name("terminal".into()).stack_size(64 * 1024);
        let _ = reader.spawn(move || read(&tx));
    }
    rx
}

fn read(tx: &mpsc::Sender<()>) {
    let stdin = std::io::stdin();
    let mut typed = [0; 256];
    loop {
        let ready = poll(&mut [PollFd::new(&stdin, PollFlags::IN)], None);
        if ready.is_err() || tx.is_closed() {
            return;
        }
        let front = rustix::termios::tcgetpgrp(&stdin).ok();
        if front != Some(rustix::process::getpgrp()) {
            std::thread::sleep(Duration::from_secs(1));
            continue;
        }
        match rustix::io::read(&stdin, &mut typed) {
            Ok(0) | Err(_) => return,
            // Several presses at once are one wish.
            Ok(_) => drop(tx.try_send(())),
        }
    }
}
