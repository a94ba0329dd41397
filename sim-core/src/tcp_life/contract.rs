//! What the model promises.

use crate::{Contract, Text};

pub(super) fn contract() -> Contract {
    Contract {
        functions: &[
            "net/ipv4/inet_hashtables.c: __inet_hash_connect",
            "net/ipv4/tcp_ipv4.c: tcp_twsk_unique",
            "net/ipv4/tcp_ipv4.c: tcp_v4_conn_request",
            "net/ipv4/tcp.c: tcp_close",
            "net/ipv4/tcp_input.c: tcp_rcv_state_process",
            "net/ipv4/tcp_minisocks.c: tcp_time_wait",
            "net/ipv4/tcp_minisocks.c: tcp_timewait_state_process",
            "net/ipv4/tcp_timer.c: tcp_keepalive_timer",
            "net/ipv4/inet_timewait_sock.c: inet_twsk_schedule",
            "net/ipv4/inet_connection_sock.c: inet_csk_get_port",
            "kernel/time/timer.c: calc_wheel_index",
            "net/ipv4/proc.c: sockstat_seq_show, netstat_seq_show, snmp_seq_show",
        ],
        kernels: Text::fixed(
            "2.6.32~7.x. 6.18에서 녹화한 기록과 맞춰 보았고, 2.6.34와 6.1, 6.12는 소스로 확인했습니다. 그 사이에서 규칙이 바뀐 버전 번호 가운데 일부는 확인하지 못했습니다.",
            "2.6.32 to 7.x. Held against recordings of 6.18; the source was read of 2.6.34, 6.1 and 6.12. Of the versions in between, some numbers at which a rule changed are not confirmed.",
        ),
        leaves_out: vec![
            Text::fixed(
                "유실, 재전송, 혼잡 제어: 세그먼트는 언제나 왕복 시간의 절반 뒤에 도착합니다. 다시 보내는 것은 버려진 SYN뿐입니다.",
                "Loss, retransmission, congestion: a segment always arrives after half a round trip. Only a SYN that was dropped is repeated.",
            ),
            Text::fixed(
                "포트를 고르는 비밀 해시와 난수: 시드가 대신합니다. 어느 포트부터인지는 다르고, 어떤 순서로 찾는지는 같습니다.",
                "The secret hash and random numbers behind the choice of a port: a seed stands in. Where a search begins differs, how it goes on does not.",
            ),
            Text::fixed(
                "SYN 큐와 accept 큐의 길이, SYN 쿠키, 파일 서술자의 한도.",
                "Lengths of SYN and accept queues, SYN cookies, limits of file descriptors.",
            ),
            Text::fixed(
                "sysctl은 모든 호스트에 같습니다. 윈도 배율과 SACK은 협상하지 않습니다.",
                "Sysctls are the same on every host. Window scaling and SACK are not negotiated.",
            ),
            Text::fixed(
                "4.0까지의 커널이 한 칸에 100개 넘는 TIME_WAIT을 나누어 지우는 것. 공유기는 포트를 차례로 내주며 떠난 연결을 기억하지 않습니다.",
                "How kernels up to 4.0 spread more than 100 TIME_WAITs of one slot. The router hands out ports in turn and remembers no connection that has left.",
            ),
            Text::fixed(
                "실제 커널에서는 두 CPU가 겹칠 때 방금 TIME_WAIT이 되는 포트가 한 번 더 나가는 일이 드물게 있었습니다(포트 100개에 연결 101개). 모델에는 없습니다.",
                "On a real kernel with two CPUs at work, a port just going into TIME_WAIT was rarely given out once more (101 connections on 100 ports). The model does not do that.",
            ),
        ],
        tolerance: Text::fixed(
            "고른 포트, 성공한 연결의 수, 세그먼트의 순서와 번호는 하나도 다르지 않아야 합니다. 기록이 사라지는 때는 틱 두 번과 표본 간격(합쳐 20 ms) 안이어야 합니다.",
            "Ports chosen, connections that succeed, and the order and numbers of segments must all be the same. Records must go within two ticks and the interval of the samples: 20 ms.",
        ),
    }
}
