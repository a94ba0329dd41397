//! From the command line to a running server, and what the terminal says meanwhile.

use std::io::ErrorKind;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use sim_core::{Text, text};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use super::app::{App, Judge, Plan, router};
use super::browser::{self, Closed};
use super::eyes::Eyes;
use super::limits::Limits;
use super::listen::Listeners;
use super::site::Site;
use super::workloads::{Here, Workloads};
use super::{Args, PORT, terminal};
use crate::checking::Checker;
use crate::context::{Context, Exit, Failure};

/// Serves until interrupted.
///
/// # Errors
/// As [`super::run`].
pub fn run(args: &Args, context: &Context) -> Result<Exit, Failure> {
    check(args, context)?;
    let limits = Limits::default();
    let shared = Arc::new(Context::new(context.lang, context.root.clone(), context.colour));
    let plan = Plan {
        site: site(args)?,
        reload: args.site.clone().filter(|_| args.reload),
        eyes: Eyes::open(context.root.as_ref()).map_err(Failure::usage)?,
        judge: judge(Arc::clone(&shared)),
        keep: {
            let shared = Arc::clone(&shared);
            Arc::new(move || shared.state_dir())
        },
        workloads: args.allow_workloads.then(|| Arc::new(Workloads::new(Box::new(Here::new(shared))))),
        limits,
    };
    // One thread serves everybody; a few more read files that may block.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(plan.limits.judges + 4)
        .thread_keep_alive(Duration::from_secs(5))
        .build()
        .map_err(|error| cannot_start(&error))?;
    let done = runtime.block_on(serve(args, plan, context));
    // A thread that hangs on a file does not keep us.
    runtime.shutdown_background();
    done
}

/// Judges as `live-probe check` does, and keeps the verdict where that keeps it. What the page
/// predicted comes before what was predicted in the terminal.
fn judge(context: Arc<Context>) -> Arc<Judge> {
    Arc::new(move |exercise, prediction| {
        let mut checker = Checker::new(&context).map_err(|failure| failure.text)?;
        let mut progress = checker.progress();
        if let Some(prediction) = prediction {
            progress.exercises.entry(exercise.id.clone()).or_default().prediction = Some(prediction.to_owned());
        }
        let judgement = checker.judge(exercise, &progress);
        checker.keep(std::slice::from_ref(&judgement));
        Ok(judgement)
    })
}

/// Refuses what contradicts itself, before anything is opened.
fn check(args: &Args, context: &Context) -> Result<(), Failure> {
    let refuse = |ko, en| Err(Failure::usage(Text::fixed(ko, en)));
    match args.bind {
        Some(address) if !address.is_loopback() && !args.allow_remote => Err(Failure::usage(text!(
            ko: "--bind {address}: 다른 컴퓨터에서 닿는 주소입니다. 그래도 열려면 --allow-remote를 함께 쓰십시오. 통신은 암호화되지 않으니 믿을 수 있는 네트워크에서만 쓰십시오.",
            en: "--bind {address}: other machines can reach that address. To open it all the same, add --allow-remote; the traffic is not encrypted, so only do so on a network you trust."
        ))),
        None if args.allow_remote => refuse(
            "--allow-remote는 --bind ADDR과 함께 씁니다. 모든 주소를 열려면 --bind 0.0.0.0을 쓰십시오.",
            "--allow-remote goes with --bind ADDR; --bind 0.0.0.0 opens every address.",
        ),
        _ if args.allow_workloads && context.root.is_some() => refuse(
            "--allow-workloads는 --root와 함께 쓸 수 없습니다. 부하는 이 컴퓨터에서 돌고, 페이지는 다른 컴퓨터를 보여 주게 됩니다.",
            "--allow-workloads does not go with --root: the load would run on this machine while the pages show another.",
        ),
        _ if args.allow_workloads => context.needs_kernel("--allow-workloads"),
        _ if args.reload && args.site.is_none() => refuse(
            "--reload는 --site DIR과 함께 씁니다. 이 프로그램에 담긴 책은 바뀌지 않습니다.",
            "--reload goes with --site DIR; the book in this program does not change.",
        ),
        _ => Ok(()),
    }
}

fn site(args: &Args) -> Result<Site, Failure> {
    let Some(dir) = &args.site else {
        #[cfg(feature = "site")]
        return Ok(super::site::carried());
        #[cfg(not(feature = "site"))]
        return Err(Failure::usage(Text::fixed(
            "이 프로그램에는 책이 담겨 있지 않습니다. --site DIR로 만들어 둔 사이트를 지정하거나, `cargo book serve`로 열거나, `cargo book pack`으로 책을 담은 프로그램을 만드십시오.",
            "This program carries no book. Name a built site with --site DIR, use `cargo book serve`, or make a program that carries the book with `cargo book pack`.",
        )));
    };
    if dir.join("index.html").is_file() {
        return Ok(Site::Folder(dir.clone()));
    }
    let shown = dir.display();
    Err(Failure::usage(text!(
        ko: "--site {shown}: index.html이 있는 폴더가 아닙니다. `cargo book build`로 사이트를 만든 뒤 그 폴더를 지정하십시오.",
        en: "--site {shown}: not a folder with an index.html. Make the site with `cargo book build` and name its folder."
    )))
}

async fn listen(args: &Args, context: &Context) -> Result<Listeners, Failure> {
    let open = async |port: u16| match args.bind {
        Some(address) => Listeners::at(address, port).await,
        None => Listeners::loopback(port).await,
    };
    let asked = args.port.unwrap_or(PORT);
    match open(asked).await {
        Ok(listeners) => Ok(listeners),
        Err(error) if args.port.is_none() && error.kind() == ErrorKind::AddrInUse => {
            let listeners = open(0).await.map_err(|error| cannot_listen(args, 0, &error))?;
            let port = listeners.address.port();
            context.say(&text!(
                ko: "포트 {PORT}은(는) 이미 쓰이고 있어 {port}을(를) 씁니다.",
                en: "Port {PORT} is taken; using {port}."
            ));
            Ok(listeners)
        }
        Err(error) => Err(cannot_listen(args, asked, &error)),
    }
}

fn cannot_listen(args: &Args, port: u16, error: &std::io::Error) -> Failure {
    let address = args.bind.map_or("127.0.0.1".to_owned(), |address| address.to_string());
    let next = match error.kind() {
        ErrorKind::AddrInUse => Text::fixed(
            "그 포트를 쓰는 프로그램을 끝내거나 --port 0으로 빈 포트를 쓰십시오.",
            "End the program that uses it, or take any free port with --port 0.",
        ),
        ErrorKind::PermissionDenied => Text::fixed(
            "1024보다 작은 포트에는 권한이 필요합니다. 더 큰 번호를 쓰십시오.",
            "Ports below 1024 need privileges; use a larger number.",
        ),
        ErrorKind::AddrNotAvailable => Text::fixed(
            "이 컴퓨터의 주소가 아닙니다. `ip address`로 주소를 확인하십시오.",
            "That is no address of this machine; `ip address` shows which there are.",
        ),
        _ => Text::fixed("다른 포트나 주소를 써 보십시오.", "Try another port or address."),
    };
    let Text { ko, en } = next;
    Failure::usage(text!(
        ko: "{address}의 포트 {port}을(를) 열 수 없습니다({error}). {ko}",
        en: "Port {port} of {address} cannot be opened ({error}). {en}"
    ))
}

fn cannot_start(error: &std::io::Error) -> Failure {
    Failure::internal(text!(ko: "서버를 시작할 수 없습니다({error}).", en: "The server cannot start ({error})."))
}

async fn serve(args: &Args, plan: Plan, context: &Context) -> Result<Exit, Failure> {
    // Asked for first: a signal between here and the first wait ends us in good order.
    let mut ended = Endings::watch().map_err(|error| cannot_start(&error))?;
    let listeners = listen(args, context).await?;
    let (stopper, stop) = watch::channel(false);
    let limits = plan.limits.clone();
    let workloads = plan.workloads.clone();
    let app = App::new(plan, stop.clone());
    let address = listeners.address;
    let server = listeners.serve(router(Arc::clone(&app)), &limits, stop);
    let mut server = std::pin::pin!(server);

    let launch = app.tokens.launch().map_err(|error| cannot_start(&error))?;
    let url = launch_url(address, &launch);
    greet(context, address, &url)?;
    if !args.no_open {
        open(context, address, &url);
    }
    let mut lines = terminal::lines();
    loop {
        tokio::select! {
            () = &mut server => break,
            () = ended.next() => break,
            Some(()) = lines.recv() => another(context, &app, address)?,
        }
    }
    stopper.send_replace(true);
    context.say(&Text::fixed("끝냅니다.", "Stopping."));
    let orderly = async {
        if let Some(workloads) = workloads {
            let _ = tokio::task::spawn_blocking(move || workloads.end()).await;
        }
        server.await;
    };
    // Asked a second time, we go at once.
    tokio::select! {
        () = orderly => {}
        () = ended.next() => {}
    }
    Ok(Exit::Pass)
}

/// The signals that end a server.
struct Endings([tokio::signal::unix::Signal; 3]);

impl Endings {
    fn watch() -> std::io::Result<Endings> {
        let watch = |kind| signal(kind);
        let [interrupt, terminate, hangup] = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        Ok(Endings([watch(interrupt)?, watch(terminate)?, watch(hangup)?]))
    }

    async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

/// The address to open; the part after `#` is never sent over the network by a browser.
fn launch_url(address: SocketAddr, launch: &str) -> String {
    let host = match address.ip() {
        ip if ip.is_unspecified() && ip.is_ipv4() => SocketAddr::new(IpAddr::from([127, 0, 0, 1]), address.port()),
        ip if ip.is_unspecified() => SocketAddr::new(std::net::Ipv6Addr::LOCALHOST.into(), address.port()),
        _ => address,
    };
    format!("http://{host}/#launch={launch}")
}

fn greet(context: &Context, address: SocketAddr, url: &str) -> Result<(), Failure> {
    let text = Text::fixed(
        "워크북을 열었습니다. 아래 주소를 브라우저에서 여십시오(한 번만 쓸 수 있습니다). Ctrl-C로 끝냅니다.",
        "The workbook is open. Open this address in a browser (it is good once); Ctrl-C ends the server.",
    );
    context.print(&format!("{}\n\n    {url}\n\n", text.get(context.lang)))?;
    if !address.ip().is_loopback() {
        let port = address.port();
        context.say(&text!(
            ko: "주의: 다른 컴퓨터에서도 닿을 수 있고 통신은 암호화되지 않습니다. 다른 컴퓨터에서는 주소의 호스트를 이 컴퓨터의 IP 주소로 바꿉니다(포트 {port}).",
            en: "Careful: other machines can connect, and the traffic is not encrypted. On another machine, put this machine's IP address into the address (port {port})."
        ));
    }
    Ok(())
}

/// Opens the browser, or says why the reader has to.
fn open(context: &Context, address: SocketAddr, url: &str) {
    let port = address.port();
    match browser::open(url) {
        Ok(()) | Err(Closed::NoDisplay | Closed::NoOpener) => {}
        Err(Closed::Root) => context.say(&Text::fixed(
            "root로 실행 중이라 브라우저를 열지 않았습니다.",
            "Running as root, so no browser was opened.",
        )),
        Err(Closed::Ssh) => context.say(&text!(
            ko: "SSH로 접속 중이라면 자신의 컴퓨터에서 `ssh -L {port}:127.0.0.1:{port} 호스트`를 실행한 뒤 그곳의 브라우저에서 여십시오.",
            en: "Connected over SSH? Run `ssh -L {port}:127.0.0.1:{port} HOST` on your own machine and open the address there."
        )),
    }
}

/// Prints another launch address.
fn another(context: &Context, app: &App, address: SocketAddr) -> Result<(), Failure> {
    let launch = app.tokens.launch().map_err(|error| cannot_start(&error))?;
    context.print(&format!("    {}\n", launch_url(address, &launch)))
}
