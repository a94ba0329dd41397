//! What the model promises.

use crate::{Contract, Text};

pub(super) fn contract() -> Contract {
    Contract {
        functions: &[
            "net/ipv4/tcp_input.c: tcp_rtt_estimator",
            "net/ipv4/tcp_input.c: tcp_ack_update_rtt",
            "net/ipv4/tcp_input.c: tcp_rearm_rto",
            "net/ipv4/tcp_input.c: tcp_enter_loss",
            "net/ipv4/tcp_input.c: tcp_process_tlp_ack",
            "net/ipv4/tcp_output.c: tcp_schedule_loss_probe",
            "net/ipv4/tcp_output.c: tcp_send_loss_probe",
            "net/ipv4/tcp_recovery.c: tcp_rack_detect_loss",
            "net/ipv4/tcp_timer.c: tcp_retransmit_timer",
            "net/ipv4/tcp_timer.c: tcp_write_timeout",
            "net/ipv4/tcp_timer.c: tcp_model_timeout",
            "net/ipv4/tcp_timer.c: tcp_clamp_rto_to_user_timeout",
            "net/ipv4/inet_connection_sock.c: reqsk_timer_handler",
            "kernel/time/timer.c: calc_index",
        ],
        kernels: Text::fixed(
            "2.6.32~7.x. 맞춰 본 것은 6.18이고, 나머지는 소스(2.6.34, 6.1, 6.12)를 읽거나 바뀐 판을 기억해 옮겼습니다. 3.10~4.13의 TLP는 오늘의 식으로 셈합니다.",
            "2.6.32 to 7.x. Replayed against 6.18; the rest comes from reading source (2.6.34, 6.1, 6.12) or from memory of which release changed it. Loss probes of 3.10 to 4.13 use today's formula.",
        ),
        leaves_out: vec![
            Text::fixed(
                "망: 패킷마다의 RTT와 어느 것이 없어지는지는 시나리오가 정합니다. ACK는 없어지지 않고, 상대는 패킷마다 곧바로 답합니다(지연 ACK 없음). 응답의 자료는 따로 없습니다.",
                "The network: the scenario says how long each packet takes and which are lost. ACKs are not lost, and the peer acknowledges each packet at once (no delayed ACKs). An answer has no data of its own.",
            ),
            Text::fixed(
                "혼잡 제어는 시작 창 10과 느린 시작뿐입니다. 회복하는 동안 한 번에 몇 개씩 다시 보내는지(PRR)는 대략이고, F-RTO, 손실의 취소(undo), DSACK는 없습니다.",
                "Of congestion control there is an initial window of 10 and slow start. How many packets recovery sends at a time (PRR) is approximate; there is no F-RTO, no undo and no DSACK.",
            ),
            Text::fixed(
                "RACK가 없던 커널(4.4 이전)도 RACK로 셈합니다. 4.8 이전 타이머의 느슨함(slack)은 없습니다.",
                "Kernels from before RACK (4.4) are modelled with it. The slack of timers before 4.8 is left out.",
            ),
            Text::fixed(
                "한 왕복에 표본이 여럿인 경우의 추정은 소스로만 확인했습니다. 녹화한 연결은 왕복마다 표본이 하나입니다.",
                "Several samples a round trip were checked against the source alone: the recorded connections have one.",
            ),
            Text::fixed(
                "tcp_retries1(경로를 다시 찾는 때), 창이 0일 때의 탐색, ICMP 오류, BPF는 없습니다.",
                "tcp_retries1 (when the route is looked up again), probes of a closed window, ICMP errors and BPF.",
            ),
        ],
        tolerance: Text::fixed(
            "추정: srtt, mdev, RTO의 정수가 모두 같아야 합니다(허용 오차 0). 시각: 녹화할 때의 jiffies를 알므로 타이머가 울려야 하는 틱을 셈할 수 있습니다. 보낸 때는 그 틱이 시작하고 두 틱 안이어야 합니다(쉬는 CPU의 타이머는 다른 CPU가 한 틱 늦게 돌립니다).",
            "The estimate: every integer of srtt, mdev and RTO the same (tolerance 0). Times: jiffies are known from the recording, so the tick in which a timer is due can be computed; the packet has to leave within two ticks of its beginning (a timer of an idle CPU is run by another, a tick later).",
        ),
    }
}
