//! Why things happen, as sentences.

use super::connection::Side;
use super::scenario::Close;
use super::setup::Space;
use crate::{MILLISECOND, Nanos, Text, text};

fn seconds(t: Nanos) -> String {
    let tenths = t / (100 * MILLISECOND);
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// An end as `ss` writes it: its own address and the other one.
fn end(space: &Space, side: Side, port: u16) -> String {
    let (src, dst, server) = (space.src, space.dst, space.port);
    match side {
        Side::Client => format!("{src}:{port} → {dst}:{server}"),
        Side::Server => format!("{dst}:{server} ← {}:{port}", space.public),
    }
}

pub fn connect(space: &Space, port: u16, steps: u32) -> Text {
    let end = end(space, Side::Client, port);
    text!(
        ko: "{end}: connect()가 로컬 포트 {port}을 골랐습니다. 찾기 시작한 곳에서 {steps}만큼 지나서입니다.",
        en: "{end}: connect() takes local port {port}, {steps} beyond where its search began.",
    )
}

pub fn no_port(space: &Space, held: u32) -> Text {
    let (dst, port) = (space.dst, space.port);
    text!(
        ko: "connect()가 EADDRNOTAVAIL(99)로 실패합니다. {dst}:{port}로 쓸 수 있는 로컬 포트 {held}개가 모두 잡혀 있습니다.",
        en: "connect() fails with EADDRNOTAVAIL (99): all {held} local ports are held for {dst}:{port}.",
    )
}

pub fn reuse(space: &Space, port: u16, age: Nanos) -> Text {
    let (end, age) = (end(space, Side::Client, port), seconds(age));
    text!(
        ko: "{end}: {age}초 된 TIME_WAIT을 넘겨받아 새 연결을 엽니다(tcp_tw_reuse).",
        en: "{end}: a TIME_WAIT of {age} s is taken over by a new connection (tcp_tw_reuse).",
    )
}

pub fn time_wait(space: &Space, side: Side, port: u16) -> Text {
    let end = end(space, side, port);
    text!(
        ko: "{end}: 먼저 FIN을 보낸 쪽이라 TIME_WAIT이 됩니다. 네 값을 60초 동안 쥡니다.",
        en: "{end} sent the first FIN and goes into TIME_WAIT: it holds the four values for 60 s.",
    )
}

pub fn overflow(space: &Space, side: Side, port: u16, limit: u64) -> Text {
    let end = end(space, side, port);
    text!(
        ko: "{end}: TIME_WAIT이 이미 {limit}개(tcp_max_tw_buckets)라 만들지 않고 닫습니다. TCPTimeWaitOverflow가 하나 늡니다.",
        en: "{end} closes without a TIME_WAIT: there are {limit} already (tcp_max_tw_buckets). TCPTimeWaitOverflow grows by one.",
    )
}

pub fn fin_wait2(space: &Space, side: Side, port: u16, seconds: u64) -> Text {
    let end = end(space, side, port);
    text!(
        ko: "{end}: FIN은 확인받았지만 상대의 FIN이 오지 않았습니다. FIN_WAIT2 기록으로 {seconds}초를 기다립니다(tcp_fin_timeout).",
        en: "{end}: its FIN is acknowledged but the peer's has not come. It waits {seconds} s as a FIN_WAIT2 record (tcp_fin_timeout).",
    )
}

pub fn expire(host: &str, gone: usize, left: usize) -> Text {
    text!(
        ko: "{host}에서 때가 된 기록 {gone}개가 한꺼번에 사라집니다. {left}개가 남았습니다.",
        en: "On {host} {gone} records are through and go at once; {left} are left.",
    )
}

pub fn reset(space: &Space, port: u16, close: Close) -> Text {
    let end = end(space, Side::Client, port);
    match close {
        Close::Unread => text!(
            ko: "{end}: 읽지 않은 데이터가 있는 채로 닫아 RST가 나갑니다. TIME_WAIT은 없습니다.",
            en: "{end} is closed with unread data: an RST goes out, and there is no TIME_WAIT.",
        ),
        _ => text!(
            ko: "{end}: SO_LINGER가 0이라 닫을 때 RST가 나갑니다. TIME_WAIT은 없습니다.",
            en: "{end} is closed with SO_LINGER of 0 s: an RST goes out, and there is no TIME_WAIT.",
        ),
    }
}

pub fn refused(space: &Space) -> Text {
    let (dst, port) = (space.dst, space.port);
    text!(
        ko: "{dst}:{port}에서 듣는 프로세스가 없어 RST가 돌아왔습니다. connect()는 ECONNREFUSED(111)로 실패합니다.",
        en: "Nobody listens on {dst}:{port}: an RST comes back, and connect() fails with ECONNREFUSED (111).",
    )
}

pub fn syn_in_time_wait(space: &Space, port: u16) -> Text {
    let end = end(space, Side::Server, port);
    text!(
        ko: "{end}: TIME_WAIT이 있는 네 값으로 SYN이 왔습니다. 순서 번호가 앞서므로 TIME_WAIT을 치우고 받아들입니다.",
        en: "{end}: a SYN comes for the four values of a TIME_WAIT. Its sequence number is ahead, so the TIME_WAIT is cleared away and the SYN accepted.",
    )
}

pub fn syn_drop(space: &Space, stamp: u32, known: u32) -> Text {
    let public = space.public;
    text!(
        ko: "{public}에서 온 SYN의 타임스탬프 {stamp}이 기억해 둔 {known}보다 오래되어 말없이 버립니다(tcp_tw_recycle). PAWSPassive가 하나 늡니다.",
        en: "A SYN from {public} has timestamp {stamp}, older than the {known} that is remembered: it is dropped without a word (tcp_tw_recycle). PAWSPassive grows by one.",
    )
}

pub fn timeout(space: &Space, port: u16) -> Text {
    let end = end(space, Side::Client, port);
    text!(
        ko: "{end}: SYN을 여섯 번 다시 보내도 답이 없어 ETIMEDOUT(110)으로 실패합니다.",
        en: "{end}: no answer to a SYN that was repeated six times; it fails with ETIMEDOUT (110).",
    )
}

pub fn close_wait(space: &Space, port: u16) -> Text {
    let end = end(space, Side::Server, port);
    text!(
        ko: "{end}: 상대가 닫았는데 애플리케이션이 닫지 않습니다. CLOSE_WAIT이 남습니다.",
        en: "{end}: the peer has closed and the application does not. A CLOSE_WAIT stays.",
    )
}

pub fn restart(closed: u32) -> Text {
    text!(
        ko: "서버 프로세스가 끝납니다. 열려 있던 연결 {closed}개를 커널이 먼저 닫으니 TIME_WAIT은 서버에 남습니다.",
        en: "The server's process ends. The kernel closes its {closed} open connections first, so their TIME_WAITs stay on the server.",
    )
}

pub fn bind_fail(in_the_way: u32) -> Text {
    text!(
        ko: "bind()가 EADDRINUSE(98)로 실패합니다. 이 포트에 소켓 {in_the_way}개가 남아 있습니다.",
        en: "bind() fails with EADDRINUSE (98): {in_the_way} sockets are left on the port.",
    )
}

pub fn bind(in_the_way: u32) -> Text {
    text!(
        ko: "서버가 다시 듣습니다. 포트에 남은 소켓은 {in_the_way}개입니다.",
        en: "The server listens again, with {in_the_way} sockets left on its port.",
    )
}
