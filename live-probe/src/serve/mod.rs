//! The book in a browser, and the API its pages ask.
//!
//! A request passes [`listen`] (sockets, limits), [`guard`] (who may ask at all), and then either
//! [`pages`] (the site) or [`api`]. What a page may learn is what [`eyes`] sees of the machine's
//! kernel files; what it may do is to have an exercise judged and, with the reader's consent given
//! on the command line, to have that exercise's own load run by [`workloads`]. There is no way to
//! name a file, a command or a number of tasks.

mod api;
mod app;
mod browser;
mod eyes;
mod guard;
mod headers;
mod limits;
mod listen;
mod pages;
mod path;
mod problem;
mod reload;
mod samples;
mod shared;
mod site;
mod stall;
mod start;
mod streams;
mod terminal;
#[cfg(test)]
mod tests;
mod tokens;
mod workloads;

use std::net::IpAddr;
use std::path::PathBuf;

use crate::context::{Context, Exit, Failure};
use crate::help::Help;

/// Port that is tried first: the same address every day keeps what the browser remembers of it.
pub const PORT: u16 = 7310;

/// Arguments of `serve`.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    #[arg(long)]
    no_open: bool,
    #[arg(long, value_name = "DIR")]
    site: Option<PathBuf>,
    #[arg(long)]
    reload: bool,
    #[arg(long, value_name = "ADDR")]
    bind: Option<IpAddr>,
    #[arg(long)]
    allow_remote: bool,
    #[arg(long)]
    allow_workloads: bool,
}

/// Words of `serve`.
pub static HELP: Help = Help::new("워크북을 이 컴퓨터에서 엽니다", "Serve the workbook on this machine")
    .args(&[
        (
            "port",
            "포트 번호. 0이면 빈 포트를 고릅니다. 기본값은 7310이고, 이미 쓰이고 있으면 빈 포트를 고릅니다",
            "Port; 0 takes any free one. Default: 7310, or any free one when that is taken",
        ),
        ("no_open", "브라우저를 열지 않습니다", "Do not open a browser"),
        ("site", "이 프로그램에 담긴 책 대신 보여 줄 폴더", "Folder to serve instead of the book in this program"),
        (
            "reload",
            "--site 폴더가 다시 만들어질 때마다 열린 페이지를 새로 고칩니다",
            "Reload open pages whenever the --site folder is built again",
        ),
        (
            "bind",
            "127.0.0.1 대신 열 주소. 다른 컴퓨터에서 닿는 주소에는 --allow-remote도 필요합니다",
            "Address to open instead of 127.0.0.1; one that other machines reach also needs --allow-remote",
        ),
        (
            "allow_remote",
            "다른 컴퓨터의 접속을 허락합니다. 통신은 암호화되지 않습니다",
            "Let other machines connect; the traffic is not encrypted",
        ),
        (
            "allow_workloads",
            "페이지에서 연습 문제의 부하를 시작하도록 허락합니다",
            "Let pages start the workloads of exercises",
        ),
    ])
    .more(
        "서버는 이 컴퓨터에서만 닿을 수 있고, 출력한 시작 주소를 연 탭만 이 컴퓨터를 들여다볼 수 있습니다. 시작 주소는 한 번만 쓸 수 있으며 Enter를 누르면 새 주소가 나옵니다. Ctrl-C로 끝냅니다.",
        "The server can be reached from this machine only, and only a tab that opened the printed launch address can look at the machine. That address is good once; Enter prints another. Ctrl-C ends the server.",
    );

/// Serves until interrupted.
///
/// # Errors
/// The arguments contradict each other, there is no site, or the port cannot be taken.
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    start::run(args, context)
}
