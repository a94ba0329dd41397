//! Allocating and freeing against the `buddy_system_allocator` crate on one sequence, the model's
//! scenarios, and whole recordings.

use buddy_system_allocator::FrameAllocator;
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use sim_core::buddy_allocator::{Request, Rules, Zone};
use sim_core::fidelity::{GoldenFiles, embedded, replay_all};
use sim_core::find;

/// Pages of the memory both start with: 64 MiB.
const PAGES: u32 = 16_384;

/// Requests and frees as a machine under load mixes them: mostly single pages, held for a while.
/// A free names the request whose block it gives back.
enum Act {
    Alloc(u32),
    Free(usize),
}

fn sequence() -> (Vec<Act>, u64) {
    let (mut acts, mut held, mut made) = (Vec::new(), Vec::new(), 0);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % below
    };
    while acts.len() < 40_000 {
        if held.len() < 4000 && random(100) < 55 {
            let order = [0, 0, 0, 0, 0, 1, 1, 2, 3, 4][random(10) as usize];
            held.push(made);
            made += 1;
            acts.push(Act::Alloc(order));
        } else if !held.is_empty() {
            let at = random(held.len() as u64) as usize;
            acts.push(Act::Free(held.swap_remove(at)));
        }
    }
    let pairs = acts.len() as u64 / 2;
    (acts, pairs)
}

fn zone() -> Zone {
    let rules = Rules::of("6.12".parse().expect("a release")).expect("modelled");
    let mut zone = Zone::new("Normal", 0, PAGES, u64::from(PAGES), rules);
    for pfn in (0..PAGES).step_by(1024) {
        zone.free_one_page(pfn, 10, 1, true);
    }
    zone
}

fn against_the_crate(c: &mut Criterion) {
    let (acts, pairs) = sequence();
    let mut group = c.benchmark_group("buddy: allocate and free");
    group.throughput(Throughput::Elements(pairs));
    group.bench_function("model", |b| {
        b.iter_batched(
            || (zone(), Vec::with_capacity(acts.len())),
            |(mut zone, mut blocks)| {
                for act in &acts {
                    match act {
                        Act::Alloc(order) => {
                            let pfn = zone.rmqueue_smallest(*order, 1).expect("memory").0;
                            blocks.push((pfn, *order));
                        }
                        Act::Free(which) => {
                            let (pfn, order) = blocks[*which];
                            zone.free_one_page(pfn, order, 1, false);
                        }
                    }
                }
                zone
            },
            BatchSize::LargeInput,
        );
    });
    group.bench_function("model with fallbacks", |b| {
        b.iter_batched(
            || (zone(), Vec::with_capacity(acts.len())),
            |(mut zone, mut blocks)| {
                for act in &acts {
                    match act {
                        Act::Alloc(order) => {
                            let mt = (blocks.len() % 3) as u8;
                            let request = Request { order: *order, mt, nofragment: false };
                            blocks.push((zone.rmqueue_counting(request).expect("memory"), *order));
                        }
                        Act::Free(which) => {
                            let (pfn, order) = blocks[*which];
                            let mt = zone.block_type(pfn);
                            zone.free_one_page(pfn, order, mt, false);
                        }
                    }
                }
                zone
            },
            BatchSize::LargeInput,
        );
    });
    group.bench_function("buddy_system_allocator", |b| {
        b.iter_batched(
            || {
                let mut frames = FrameAllocator::<11>::new();
                frames.add_frame(0, PAGES as usize);
                (frames, Vec::with_capacity(acts.len()))
            },
            |(mut frames, mut blocks)| {
                for act in &acts {
                    match act {
                        Act::Alloc(order) => {
                            blocks.push((frames.alloc(1 << order).expect("memory"), 1 << order));
                        }
                        Act::Free(which) => {
                            let (frame, count) = blocks[*which];
                            frames.dealloc(frame, count);
                        }
                    }
                }
                frames
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

fn scenarios(c: &mut Criterion) {
    let model = find("buddy-allocator").expect("the model");
    let mut group = c.benchmark_group("buddy-allocator");
    for name in ["no-huge-page-with-half-free", "movable-borrows", "per-cpu-lists"] {
        let token = model.run_preset(name).expect("a preset").token;
        let count = || model.count_events(std::hint::black_box(&token), "alloc").expect("a token that runs");
        group.throughput(Throughput::Elements(count()));
        group.bench_function(name, |b| b.iter(count));
    }
    group.finish();
}

fn recordings(c: &mut Criterion) {
    let mut group = c.benchmark_group("buddy: whole recordings");
    group.sample_size(10);
    let all = embedded();
    for name in ["pcp612.full", "fallback61", "mixed510"] {
        let one: GoldenFiles = all.only("buddy", name);
        let compared = replay_all(&one).0.iter().map(|report| report.compared).sum();
        group.throughput(Throughput::Elements(compared));
        group.bench_function(name, |b| b.iter(|| replay_all(std::hint::black_box(&one))));
    }
    group.finish();
}

criterion_group!(benches, against_the_crate, scenarios, recordings);
criterion_main!(benches);
