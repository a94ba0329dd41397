//! What the model promises.

use crate::{Contract, Text};

pub(super) fn contract() -> Contract {
    Contract {
        functions: &[
            "net/ipv4/tcp_input.c: tcp_conn_request",
            "include/net/sock.h: sk_acceptq_is_full",
            "net/ipv4/tcp_timer.c: tcp_retransmit_timer",
            "net/ipv4/inet_hashtables.c: __inet_hash_connect",
            "net/ipv4/inet_timewait_sock.c: inet_twsk_schedule",
        ],
        kernels: Text::fixed(
            "2.6.32~7.x. 버전마다 다른 것은 SYN을 다시 보내는 간격, somaxconn, 로컬 포트의 기본 범위입니다.",
            "2.6.32 to 7.x. What differs between them is when a SYN is sent again, somaxconn and the default range of ports.",
        ),
        leaves_out: vec![
            Text::fixed(
                "스케줄러: CPU를 잡은 일은 끝날 때까지 놓지 않고, 짧은 일(프록시, 커널)이 먼저 잡습니다. 컨텍스트 스위치와 캐시 미스의 값은 없습니다.",
                "The scheduler: what has a CPU keeps it until it is done, and what is short (proxy, kernel) goes first. Context switches and cache misses cost nothing.",
            ),
            Text::fixed(
                "네트워크: 지연도 손실도 없습니다. SYN은 accept 큐가 찼을 때만 버려집니다.",
                "The network: no delay and no loss. A SYN is dropped only where the accept queue is full.",
            ),
            Text::fixed(
                "accept 큐 앞의 SYN 큐와 SYN 쿠키는 없습니다. 워커를 기다리는 줄이 곧 accept 큐입니다.",
                "The queue of half-open connections and SYN cookies: the queue for workers is the accept queue.",
            ),
            Text::fixed(
                "tcp_tw_reuse는 꺼져 있고, 백엔드와의 연결은 늘 이쪽이 먼저 닫습니다.",
                "tcp_tw_reuse is off, and connections to the backend are always closed from here first.",
            ),
            Text::fixed(
                "요청과 응답의 크기, 풀에 있는 연결이 끊기는 일은 다루지 않습니다.",
                "Sizes of requests and answers, and connections of the pool that break.",
            ),
        ],
        tolerance: Text::fixed(
            "리틀의 법칙과 응답 시간의 법칙(R = N ÷ X − Z)은 정수 그대로 성립해야 합니다. 지수분포일 때의 평균은 대기행렬 이론의 공식과 표준 오차의 네 배 안에서 같아야 합니다. 실제 서비스로 잰 처리량과 중앙값은 ±15 % 안에 있어야 합니다(워커 밖의 CPU 시간은 클라이언트 하나로 잰 값에서 얻습니다). 백분위수는 버킷의 너비 때문에 ±1.6 %까지 다릅니다.",
            "Little's law and the response-time law (R = N / X - Z) must hold in whole numbers. With exponential times the means must agree with queueing theory within four standard errors. Throughput and median latency measured on the real service must be within 15 % (CPU time outside the workers is taken from the run with one client). Percentiles are off by up to 1.6 % for the width of their buckets.",
        ),
    }
}
