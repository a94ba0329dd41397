//! `live-probe service` and `live-probe visit`.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use sim_core::{Text, text};

use super::{Outcome, Round, Settings, alone, come, serve};
use crate::columns::{labelled, terminal_width};
use crate::context::{Context, Exit, Failure};
use crate::help::Help;

/// Longest that either may run, s.
const LONGEST_S: i64 = 3600;

/// Arguments of `service`.
#[derive(clap::Args, Debug)]
pub struct ServiceArgs {
    #[arg(long, value_name = "PORT", default_value_t = 8012)]
    port: u16,
    #[arg(long, value_name = "PORT", default_value_t = 6379)]
    redis_port: u16,
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=64))]
    workers: u32,
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=256))]
    pool: u32,
    #[arg(long, value_name = "on|off", default_value = "on", value_parser = PossibleValuesParser::new(["on", "off"]))]
    keepalive: String,
    #[arg(long, value_name = "US", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(0..=1_000_000))]
    cpu_us: u32,
    #[arg(long, value_name = "S", default_value_t = 600, value_parser = clap::value_parser!(u32).range(1..=LONGEST_S))]
    seconds: u32,
}

/// Words of `service`.
pub static HELP: Help = Help::new(
    "12장의 서비스를 루프백에서 정해진 시간만 실행합니다",
    "Run the service of chapter 12 on loopback, for a bounded time",
)
.args(&[
    ("port", "서비스의 포트", "Port of the service"),
    ("redis_port", "127.0.0.1에 있는 Redis의 포트", "Port of the Redis on 127.0.0.1"),
    ("workers", "워커 스레드의 수", "Worker threads"),
    (
        "pool",
        "Redis로 가는 연결을 남겨 두는 수. 0이면 방문마다 새로 연결합니다",
        "Connections to Redis that are kept; with 0 each visit opens its own",
    ),
    (
        "keepalive",
        "클라이언트의 연결을 다음 방문까지 열어 둘지",
        "Whether a client's connection stays open for its next visit",
    ),
    ("cpu_us", "방문 한 번에 쓰는 CPU 시간, µs", "CPU time of a visit, in us"),
    ("seconds", "얼마 뒤에 스스로 끝날지, 초", "Seconds after which it ends by itself"),
]);

/// Arguments of `visit`.
#[derive(clap::Args, Debug)]
pub struct VisitArgs {
    #[arg(long, value_name = "PORT", default_value_t = 8012)]
    port: u16,
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=256))]
    clients: u32,
    #[arg(long, value_name = "MS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=60_000))]
    think_ms: u32,
    #[arg(long, value_name = "on|off", default_value = "on", value_parser = PossibleValuesParser::new(["on", "off"]))]
    keepalive: String,
    #[arg(long, value_name = "S", default_value_t = 10, value_parser = clap::value_parser!(u32).range(2..=300))]
    seconds: u32,
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = PossibleValuesParser::new(["text", "json"]))]
    format: String,
}

/// Words of `visit`.
pub static VISIT_HELP: Help = Help::new(
    "루프백의 서비스에 정해진 시간만 부하를 주고 잽니다(12장)",
    "Load a service on loopback for a bounded time (chapter 12)",
)
.args(&[
    ("port", "127.0.0.1에 있는 서비스의 포트", "Port of the service on 127.0.0.1"),
    ("clients", "한꺼번에 오는 클라이언트의 수", "Clients at once"),
    ("think_ms", "응답을 받고 다음 요청까지 쉬는 시간, ms", "Pause of a client between answer and next request, in ms"),
    ("keepalive", "클라이언트가 연결을 다시 쓸지", "Whether a client uses its connection again"),
    ("seconds", "얼마 동안, 초(처음 1초는 세지 않습니다)", "For how many seconds (the first is not counted)"),
    ("format", "출력 형식: text, json", "Output format: text or json"),
]);

fn wrong(error: &io::Error) -> Failure {
    Failure::internal(Text::verbatim(error.to_string()))
}

/// Ctrl-C, or the end of the time.
async fn over(seconds: u32) {
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = tokio::time::sleep(Duration::from_secs(seconds.into())) => {}
    }
}

/// Runs the service until its time is over or Ctrl-C.
///
/// # Errors
/// The port is in use.
pub fn service(args: &ServiceArgs, context: &Context) -> Result<Exit, Failure> {
    let port = args.port;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
        Failure::usage(text!(
            ko: "127.0.0.1:{port}을(를) 열 수 없습니다({error}). --port로 다른 포트를 지정하십시오.",
            en: "127.0.0.1:{port} cannot be opened ({error}). Name another with --port."
        ))
    })?;
    let settings =
        Settings { workers: args.workers, pool: args.pool, keepalive: args.keepalive == "on", cpu_us: args.cpu_us };
    let redis = SocketAddr::from((Ipv4Addr::LOCALHOST, args.redis_port));
    let seconds = args.seconds;
    context.say(&text!(
        ko: "http://127.0.0.1:{port}/ 에서 {seconds}초 동안 실행합니다. 먼저 끝내려면 Ctrl-C를 누르십시오.",
        en: "Runs at http://127.0.0.1:{port}/ for {seconds} s; Ctrl-C ends it earlier."
    ));
    let counted = alone(serve(listener, redis, settings, over(seconds))).map_err(|error| wrong(&error))?;
    let (visits, failed, no_port) = (counted.visits, counted.failed, counted.no_port);
    let (accepted, opened) = (counted.accepted, counted.opened);
    let rows = [
        (
            Text::fixed("방문", "visits"),
            text!(ko: "{visits}번, 실패 {failed}번(포트 없음 {no_port}번)", en: "{visits}, {failed} failed ({no_port} for want of a port)"),
        ),
        (Text::fixed("받은 연결", "accepted"), text!(ko: "{accepted}개", en: "{accepted} connections")),
        (Text::fixed("Redis로 연 연결", "to Redis"), text!(ko: "{opened}개", en: "{opened} connections")),
    ];
    print(&rows, context)?;
    Ok(Exit::Pass)
}

fn print(rows: &[(Text, Text)], context: &Context) -> Result<(), Failure> {
    let lines: Vec<_> = rows.iter().map(|(label, value)| (label.get(context.lang), value.get(context.lang))).collect();
    context.print(&labelled(&lines, 0, terminal_width()))
}

/// Visits a service and prints what came of it.
///
/// # Errors
/// Nobody listens.
pub fn visit(args: &VisitArgs, context: &Context) -> Result<Exit, Failure> {
    let to = SocketAddr::from((Ipv4Addr::LOCALHOST, args.port));
    let round = Round {
        clients: args.clients,
        keepalive: args.keepalive == "on",
        think: Duration::from_millis(args.think_ms.into()),
        settle: Duration::from_secs(1),
        length: Duration::from_secs(args.seconds.into()),
    };
    let outcome = alone(interrupted(to, round)).map_err(|error| {
        Failure::usage(text!(
            ko: "{to}: 방문할 수 없습니다({error}). 서비스가 실행 중인지 보십시오.",
            en: "{to} cannot be visited ({error}). See whether the service runs."
        ))
    })?;
    let at = |percentile: f64| outcome.latency.value_at_quantile(percentile / 100.0) as f64 / 1000.0;
    let (rate, failed, visits) = (outcome.per_s(), outcome.failed, outcome.latency.len());
    let [p50, p95, p99, longest] = [at(50.0), at(95.0), at(99.0), at(100.0)];
    if args.format == "json" {
        let line = serde_json::json!({
            "clients": args.clients, "visits": visits, "failed": failed, "per_s": rate,
            "p50_ms": p50, "p95_ms": p95, "p99_ms": p99, "max_ms": longest,
        });
        context.print(&format!("{line}\n"))?;
    } else {
        let rows = [
            (
                Text::fixed("처리량", "throughput"),
                text!(ko: "초당 {rate:.1}번({visits}번, 실패 {failed}번)", en: "{rate:.1} /s ({visits} visits, {failed} failed)"),
            ),
            (
                Text::fixed("지연 시간", "latency"),
                Text::verbatim(format!("p50 {p50:.2} ms, p95 {p95:.2} ms, p99 {p99:.2} ms, max {longest:.2} ms")),
            ),
        ];
        print(&rows, context)?;
    }
    Ok(if failed == 0 { Exit::Pass } else { Exit::Failed })
}

/// The visits, unless somebody presses Ctrl-C.
async fn interrupted(to: SocketAddr, round: Round) -> io::Result<Outcome> {
    drop(tokio::net::TcpStream::connect(to).await?);
    tokio::select! {
        outcome = come(to, round) => outcome,
        _ = tokio::signal::ctrl_c() => Err(io::ErrorKind::Interrupted.into()),
    }
}
