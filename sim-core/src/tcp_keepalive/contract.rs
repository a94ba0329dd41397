//! What the model promises.

use crate::{Contract, Text};

pub(super) fn contract() -> Contract {
    Contract {
        functions: &[
            "net/ipv4/tcp_timer.c: tcp_keepalive_timer",
            "include/net/tcp.h: keepalive_time_elapsed",
            "net/ipv4/tcp_output.c: tcp_xmit_probe_skb",
            "net/ipv4/tcp_timer.c: tcp_retransmit_timer",
            "net/ipv4/tcp_ipv4.c: get_tcp4_sock",
            "kernel/time/timer.c: calc_index",
        ],
        kernels: Text::fixed(
            "2.6.32~7.x. 맞춰 본 것은 6.18이고, 나머지는 소스(2.6.34, 6.12)를 읽었습니다.",
            "2.6.32 to 7.x. Replayed against 6.18; the rest comes from reading source (2.6.34, 6.12).",
        ),
        leaves_out: vec![
            Text::fixed(
                "중간 장비는 양쪽의 패킷을 모두 보고, 마지막 패킷에서 정한 시간이 지나면 잊습니다. 한쪽만 보는 장비(DSR)는 없습니다. RST는 실제로는 다른 서버가 보내기도 합니다.",
                "The box on the way sees the packets of both sides and forgets a fixed time after the last. One that sees a single side (DSR) is not modelled; its RST may in truth come from another server.",
            ),
            Text::fixed(
                "자료가 확인되지 않은 동안의 재전송은 작은 메시지 하나와 변하지 않는 RTT로 셈합니다. 자세한 것은 tcp-rto 모델에 있습니다.",
                "Retransmission while data is unacknowledged is that of one small message and a steady round trip; the model tcp-rto has it in full.",
            ),
            Text::fixed(
                "애플리케이션이 소켓을 잡고 있어 50 ms 뒤로 미루는 경우, ICMP 오류, FIN_WAIT2는 없습니다.",
                "A socket locked by its application (retried in 50 ms), ICMP errors, FIN_WAIT2.",
            ),
            Text::fixed(
                "/proc/net/tcp의 uid, inode, 주소 칸과 끝의 값들은 만들어 넣은 것입니다.",
                "In /proc/net/tcp uid, inode, pointer and the last columns are made up.",
            ),
        ],
        tolerance: Text::fixed(
            "녹화할 때의 jiffies를 알므로 타이머가 울려야 하는 틱을 셈할 수 있습니다. 패킷은 그 틱이 시작하고 두 틱 안에 나가야 합니다(쉬는 CPU의 타이머는 다른 CPU가 한 틱 늦게 돌립니다).",
            "Jiffies are known from the recording, so the tick in which a timer is due can be computed; the packet has to leave within two ticks of its beginning (a timer of an idle CPU is run by another, a tick later).",
        ),
    }
}
