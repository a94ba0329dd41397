//! The service of chapter 12 under load: a Redis, perhaps an nginx, the service, and its clients.
//!
//! All of it is on loopback, in a network namespace of our own where one can be made. Every program is
//! a child of this process and dies with it; their files are in the private directory.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use exercises::Load;
use rustix::net::{AddressFamily, SocketType};
use rustix::process::{Pid, Signal, WaitOptions};
use sim_core::{Text, text};

use super::desk::{Desk, Trouble, cannot, sleep_until};
use super::ports;
use crate::service::{Outcome, Round, Settings, Stats, alone, come, serve, stats};
use crate::workload::sys;

/// How long a program may take until it listens.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest a program may go on by itself.
const CHILD: Duration = Duration::from_secs(600);
/// Visits that begin in the first part of a round are not measured: everybody connects then.
const SETTLE: Duration = Duration::from_millis(500);
/// Connections to Redis that are kept once there is a pool.
const POOL: u32 = 16;
/// Idle connections to the service that nginx keeps.
const UPSTREAM: u32 = 16;
/// Folders where programs are looked for: a workload has no `PATH`.
const FOLDERS: [&str; 6] = ["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"];

/// How the service and what is before and behind it are set.
#[derive(Clone, Copy)]
struct Setting {
    clients: u32,
    service: Settings,
    proxy: u32,
}

/// Runs one round, or two with a change between them.
pub fn run(desk: &mut Desk, load: Load) -> Result<(), Trouble> {
    let Load::VisitService { clients, workers, cpu_us, pool, keepalive, proxy, ports, change } = load else {
        return Ok(());
    };
    let service = Settings { workers, pool, keepalive: keepalive == 1, cpu_us };
    let before = Setting { clients, service, proxy };
    let rounds: Vec<_> = [Some(before), changed(before, change)].into_iter().flatten().collect();
    let redis = program("redis-server")?;
    let nginx = if rounds.iter().any(|round| round.proxy > 0) { Some(program("nginx")?) } else { None };
    namespace(ports)?;
    let redis = Redis::start(&redis, &desk.directory)?;
    desk.place("redis", redis.address);
    if desk.trial {
        if let Some(nginx) = &nginx {
            Nginx::start(nginx, &desk.directory, free_port()?, UPSTREAM)?;
        }
        desk.begin();
        return Ok(());
    }
    let until = desk.begin();
    let length = until.saturating_duration_since(Instant::now()) / rounds.len() as u32;
    for (round, prefix) in rounds.iter().zip(["", "changed_"]) {
        let end = (Instant::now() + length).min(until);
        let (outcome, counted) = one(desk, *round, redis.address, nginx.as_deref(), end)?;
        report(desk, prefix, &outcome, &counted);
        if let Some(waiting) = time_waits() {
            desk.figure(&format!("{prefix}time_wait_count"), waiting);
        }
    }
    sleep_until(until);
    Ok(())
}

/// The setting after a change; nothing if nothing is changed.
fn changed(mut setting: Setting, change: u32) -> Option<Setting> {
    if matches!(change, 1 | 4) {
        setting.service.workers = cpus();
    }
    if matches!(change, 2 | 4) {
        setting.service.pool = POOL;
    }
    if matches!(change, 3 | 4) {
        setting.proxy = 3;
    }
    (change > 0).then_some(setting)
}

fn cpus() -> u32 {
    std::thread::available_parallelism().map_or(1, |n| n.get() as u32)
}

/// Loopback of our own with as many local ports as wanted; without the right to that, the machine's
/// loopback will do unless ports are to be few.
fn namespace(ports: u32) -> Result<(), Trouble> {
    match sys::net::new_namespace() {
        Ok(()) if ports > 0 => {
            let high = ports::LOW + u16::try_from(ports - 1).unwrap_or(u16::MAX - ports::LOW);
            ports::prepare(ports::LOW, high)
        }
        Ok(()) => {
            let control = rustix::net::socket(AddressFamily::INET, SocketType::DGRAM, None)?;
            Ok(sys::net::bring_up("lo", control)?)
        }
        Err(error) if ports > 0 => Err(cannot(Text::fixed(
            "포트를 줄인 네트워크 네임스페이스를 만들 수 없습니다. root로 실행하십시오",
            "No network namespace with few ports can be made; run it as root",
        ))(error)),
        Err(_) => Ok(()),
    }
}

/// Where a program is.
fn program(name: &str) -> Result<PathBuf, Trouble> {
    let runs = |path: &PathBuf| {
        std::fs::metadata(path).is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
    };
    FOLDERS.iter().map(|folder| Path::new(folder).join(name)).find(runs).ok_or_else(|| {
        Trouble::Cannot(text!(
            ko: "{name}이(가) 설치되어 있지 않습니다. 배포판의 패키지를 설치하고 다시 하십시오. 서비스로 켜 둘 필요는 없습니다.",
            en: "{name} is not installed. Install your distribution's package and try again; it need not run as a service."
        ))
    })
}

/// A port that nobody has at the moment.
fn free_port() -> io::Result<SocketAddr> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()
}

/// A program of others; ended when it is dropped.
struct Running(Child);

impl Running {
    fn start(mut command: Command, listens: SocketAddr) -> Result<Running, Trouble> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        sys::bound_program(&mut command, CHILD);
        let mut running = Running(command.spawn()?);
        let patience = Instant::now() + PATIENCE;
        while TcpStream::connect(listens).is_err() {
            if let Some(status) = running.0.try_wait()? {
                let name = command.get_program().display().to_string();
                return Err(Trouble::Cannot(text!(
                    ko: "{name}이(가) 시작하자마자 끝났습니다({status}). 너무 오래된 판이거나 cgroup이나 보안 정책이 막는 것일 수 있습니다.",
                    en: "{name} ended as soon as it was started ({status}). It may be too old a version, or something forbids it here."
                )));
            }
            if Instant::now() > patience {
                return Err(Trouble::Broken(io::ErrorKind::TimedOut.into()));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(running)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A Redis that keeps nothing.
struct Redis {
    address: SocketAddr,
    _running: Running,
}

impl Redis {
    fn start(path: &Path, directory: &Path) -> Result<Redis, Trouble> {
        let address = free_port()?;
        let mut command = Command::new(path);
        let port = address.port().to_string();
        command.args(["--port", &port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        command.args(["--daemonize", "no", "--maxmemory", "16mb", "--maxclients", "600", "--dir"]).arg(directory);
        Ok(Redis { address, _running: Running::start(command, address)? })
    }
}

/// An nginx that passes everything on.
struct Nginx {
    address: SocketAddr,
    _running: Running,
}

impl Nginx {
    fn start(path: &Path, directory: &Path, service: SocketAddr, proxy: u32) -> Result<Nginx, Trouble> {
        let address = free_port()?;
        let file = directory.join("nginx.conf");
        std::fs::write(&file, configuration(&built_with(path)?, directory, address, service, proxy))?;
        let mut command = Command::new(path);
        command.arg("-p").arg(directory).arg("-c").arg(&file).args(["-e", "stderr"]);
        Ok(Nginx { address, _running: Running::start(command, address)? })
    }
}

/// What nginx says of how it was built.
fn built_with(path: &Path) -> Result<String, Trouble> {
    let mut command = Command::new(path);
    sys::bound_program(command.arg("-V"), PATIENCE);
    Ok(String::from_utf8_lossy(&command.output()?.stderr).into_owned())
}

fn configuration(built: &str, directory: &Path, own: SocketAddr, service: SocketAddr, proxy: u32) -> String {
    let directory = directory.display();
    // Without one of its own each of these names a folder of the system.
    let folders: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .filter(|part| !built.contains(&format!("--without-http_{part}_module")))
        .map(|part| format!("    {part}_temp_path \"{directory}/{part}\";\n"))
        .collect();
    let keep = if proxy >= 2 { format!("        keepalive {UPSTREAM};\n") } else { String::new() };
    let again = match proxy {
        3 => "            proxy_http_version 1.1;\n            proxy_set_header Connection \"\";\n",
        // What an old version does by itself, whatever this version does.
        _ => "            proxy_http_version 1.0;\n            proxy_set_header Connection close;\n",
    };
    format!(
        "daemon off;\nmaster_process off;\nworker_processes 1;\npid \"{directory}/nginx.pid\";\nerror_log stderr crit;\n\
         events {{ worker_connections 512; }}\nhttp {{\n    access_log off;\n{folders}    keepalive_requests 1000000;\n\
         \x20   upstream app {{\n        server {service};\n{keep}    }}\n    server {{\n        listen {own};\n\
         \x20       location / {{\n            proxy_pass http://app;\n{again}        }}\n    }}\n}}\n"
    )
}

/// The service as a process of its own.
struct Service {
    address: SocketAddr,
    pid: Pid,
}

impl Service {
    /// To be called while this process has one thread.
    fn start(redis: SocketAddr, settings: Settings) -> Result<Service, Trouble> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let us = rustix::process::getpid();
        match sys::fork()? {
            Some(pid) => Ok(Service { address, pid }),
            None => {
                sys::die_with(us, Signal::KILL);
                sys::end_after(CHILD);
                sys::take_name("probe-service");
                let served = alone(serve(listener, redis, settings, std::future::pending()));
                sys::exit_now(i32::from(served.is_err()))
            }
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = rustix::process::kill_process(self.pid, Signal::KILL);
        let _ = rustix::io::retry_on_intr(|| rustix::process::waitpid(Some(self.pid), WaitOptions::empty()));
    }
}

/// One round until `end`: what the clients saw, and what the service counted meanwhile.
fn one(
    desk: &mut Desk,
    setting: Setting,
    redis: SocketAddr,
    nginx: Option<&Path>,
    end: Instant,
) -> Result<(Outcome, Stats), Trouble> {
    let Setting { clients, service: settings, proxy } = setting;
    let service = Service::start(redis, settings)?;
    let nginx = match nginx {
        Some(path) if proxy > 0 => Some(Nginx::start(path, &desk.directory, service.address, proxy)?),
        _ => None,
    };
    let to = nginx.as_ref().map_or(service.address, |nginx| nginx.address);
    let length = end.saturating_duration_since(Instant::now());
    let settle = SETTLE.min(length / 4);
    let round = Round { clients, keepalive: settings.keepalive, think: Duration::ZERO, settle, length };
    let answered = alone(async {
        let before = stats(service.address).await?;
        let outcome = come(to, round).await?;
        let mut after = stats(service.address).await?;
        // Both questions came on connections of their own; the second is in the count.
        after.accepted = after.accepted.saturating_sub(before.accepted + 1);
        Ok((outcome, after))
    });
    Ok(answered?)
}

fn report(desk: &Desk, prefix: &str, outcome: &Outcome, counted: &Stats) {
    let at = |quantile: f64| outcome.latency.value_at_quantile(quantile);
    let figure = |name: &str, value: u64| desk.figure(&format!("{prefix}{name}"), value);
    figure("visits_count", counted.visits);
    figure("failed_count", outcome.failed);
    figure("visits_per_s", outcome.per_s().round() as u64);
    figure("latency_p50_us", at(0.5));
    figure("latency_p95_us", at(0.95));
    figure("latency_p99_us", at(0.99));
    figure("service_connections_count", counted.accepted);
    figure("redis_connections_count", counted.opened);
    figure("no_port_count", counted.no_port);
    figure("worker_cpu_us", counted.cpu_us);
    if let Some(first) = counted.first_no_port_ms {
        figure("first_no_port_ms", first);
    }
}

/// Sockets in TIME_WAIT in our network namespace.
fn time_waits() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/net/sockstat").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("TCP:"))?;
    let mut words = line.split_whitespace().skip_while(|word| *word != "tw").skip(1);
    words.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_changes_what_it_says() {
        let service = Settings { workers: 1, pool: 0, keepalive: true, cpu_us: 10 };
        let before = Setting { clients: 8, service, proxy: 1 };
        for (change, workers, pool, proxy) in [(1, cpus(), 0, 1), (2, 1, POOL, 1), (3, 1, 0, 3), (4, cpus(), POOL, 3)] {
            let after = changed(before, change).unwrap();
            assert_eq!((after.service.workers, after.service.pool, after.proxy), (workers, pool, proxy));
        }
        assert!(changed(before, 0).is_none());
    }

    #[test]
    fn what_nginx_lacks_is_not_configured() {
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        for (built, proxy, has, lacks) in [
            ("", 1, vec!["scgi_temp_path", "proxy_http_version 1.0"], vec!["keepalive 16"]),
            ("--without-http_scgi_module", 2, vec!["keepalive 16", "proxy_http_version 1.0"], vec!["scgi_temp_path"]),
            ("", 3, vec!["keepalive 16", "proxy_http_version 1.1", "Connection \"\""], vec!["Connection close"]),
        ] {
            let file = configuration(built, Path::new("/d"), at(1), at(2), proxy);
            assert!(has.iter().all(|word| file.contains(word)), "{file}");
            assert!(lacks.iter().all(|word| !file.contains(word)), "{file}");
            assert_eq!(file.matches('{').count(), file.matches('}').count());
        }
    }
}
