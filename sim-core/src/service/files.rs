//! The files the kernel would show.

use super::Service;
use super::rules::FIRST_PORT;
use crate::model::Files;

/// Every file of the model: those of the machine where the service runs.
pub fn all(model: &Service) -> Files {
    let (low, high) = (FIRST_PORT, FIRST_PORT + model.all_ports() as i64 - 1);
    let (inuse, tw) = (model.connections(), model.time_waits());
    let overflows = model.overflows();
    let cpus = model.scenario().cpus;
    let online = if cpus == 1 { "0\n".to_owned() } else { format!("0-{}\n", cpus - 1) };
    let mut files = Files::new();
    for (path, text) in [
        ("/proc/net/sockstat", format!("TCP: inuse {inuse} orphan 0 tw {tw} alloc {inuse} mem 0\n")),
        ("/proc/net/netstat", format!("TcpExt: ListenOverflows ListenDrops\nTcpExt: {overflows} {overflows}\n")),
        ("/proc/sys/kernel/osrelease", format!("{}\n", model.scenario().kernel)),
        ("/proc/sys/net/ipv4/ip_local_port_range", format!("{low}\t{high}\n")),
        ("/proc/sys/net/core/somaxconn", format!("{}\n", model.rules().somaxconn)),
        ("/sys/devices/system/cpu/online", online),
    ] {
        files.insert(path.into(), text);
    }
    files
}
