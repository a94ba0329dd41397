//! What the model promises.

use crate::{Contract, Text};

pub(super) fn contract() -> Contract {
    Contract {
        functions: &[
            "kernel/fork.c: copy_process",
            "kernel/fork.c: kernel_clone",
            "kernel/fork.c: dup_mmap",
            "kernel/pid.c: alloc_pid",
            "kernel/exit.c: do_exit",
            "kernel/exit.c: find_new_reaper",
            "kernel/exit.c: forget_original_parent",
            "kernel/exit.c: wait_task_zombie",
            "kernel/signal.c: prepare_signal",
            "kernel/signal.c: complete_signal",
            "kernel/signal.c: do_notify_parent",
            "kernel/sys.c: PR_SET_CHILD_SUBREAPER",
            "kernel/ptrace.c: ptrace_attach",
            "mm/memory.c: do_anonymous_page",
            "mm/memory.c: do_wp_page",
            "fs/exec.c: begin_new_exec",
            "fs/proc/array.c: do_task_stat",
            "fs/proc/array.c: proc_pid_status",
        ],
        kernels: Text::fixed(
            "3.10~7.x. PID가 떨어지면 4.0까지는 ENOMEM, 4.1부터 EAGAIN입니다. subreaper는 4.11부터 이미 있던 자손도 맡습니다. 쉬는 커널 스레드는 4.14부터 I입니다.",
            "3.10 to 7.x. Out of PIDs: ENOMEM up to 4.0, EAGAIN since 4.1. Since 4.11 a subreaper adopts below children it had before. Kernel threads without work are I since 4.14.",
        ),
        leaves_out: vec![
            Text::fixed(
                "스케줄러가 없습니다. R은 모두 CPU를 얻는다고 봅니다. fork와 exec, 페이지 폴트에는 시간이 걸리지 않습니다.",
                "There is no scheduler: every R has a CPU. fork, exec and page faults take no time.",
            ),
            Text::fixed(
                "시그널 핸들러와 시그널 마스크가 없습니다. 시그널은 기본 동작을 하거나 무시됩니다. 프로세스 그룹, 세션, 터미널의 시그널도 없습니다.",
                "No signal handlers and no masks: a signal does what it does by default, or is ignored. No process groups, sessions or signals of terminals.",
            ),
            Text::fixed(
                "어느 프로그램이든 파일 페이지를 한꺼번에 매핑합니다. 실제로는 fork한 자식이 프로그램과 라이브러리의 페이지를 쓰면서 하나씩 다시 매핑하므로 RES가 잠시 작습니다. 자식이 스택에 쓰며 복사하는 몇 페이지도 없습니다.",
                "File pages are mapped at once. In reality a forked child maps pages of program and libraries again as it uses them, so its RES is smaller for a while; nor are there the few pages of stack that it copies.",
            ),
            Text::fixed(
                "공유 메모리, 거대 페이지, 스왑은 없습니다. 페이지는 4 KiB입니다.",
                "No shared memory, huge pages or swap. A page is 4 KiB.",
            ),
            Text::fixed(
                "스레드는 첫 스레드와 함께 끝납니다. 첫 스레드만 먼저 끝나는 경우는 없습니다. ulimit -u와 cgroup의 pids.max도 없습니다.",
                "Threads end with the first one; that it ends before them is left out. So are ulimit -u and pids.max of a cgroup.",
            ),
            Text::fixed(
                "깨울 수 없는 D(커널 안에서 기다리는 I/O)는 기록하지 못했습니다. 죽일 수 있는 D는 vfork 부모로 확인했습니다. 6.18이 아닌 커널의 규칙은 소스로만 확인했습니다.",
                "A D that cannot be killed was not recorded; one that can is the parent of a vfork. Rules of kernels other than 6.18 come from reading the source.",
            ),
        ],
        tolerance: Text::fixed(
            "PID, 부모, 상태, 스레드 수, wait와 fork의 결과, 함께 쓰는 페이지와 혼자 쓰는 페이지, PSS, 페이지 폴트가 모두 같아야 합니다. 허용 오차는 0입니다.",
            "PIDs, parents, states, thread counts, results of wait and fork, shared and private pages, PSS and page faults must be the same. The tolerance is 0.",
        ),
    }
}
