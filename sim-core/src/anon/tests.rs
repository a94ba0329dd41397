//! Blocks of pages under forks and writes.

use super::*;

/// Writes to all of some pages; faults, and pages taken.
fn write(memory: &mut Memory, space: SpaceId, from: u64, pages: u64) -> (u64, u64) {
    let (mut at, end, mut faults, mut taken) = (from, from + pages, 0, 0);
    while let Some(wrote) = memory.write(space, 0, at, end - at, u64::MAX) {
        (at, faults, taken) = (at + wrote.pages, faults + wrote.faults(), taken + wrote.taken());
        memory.check().unwrap();
    }
    (faults, taken)
}

#[test]
fn a_write_copies_what_others_map_and_keeps_what_they_do_not() {
    let mut memory = Memory::default();
    let parent = memory.space();
    memory.map(parent, 100);
    assert_eq!(write(&mut memory, parent, 0, 60), (60, 60));
    assert_eq!(write(&mut memory, parent, 0, 60), (0, 0));
    let child = memory.fork(parent);
    assert_eq!((memory.used(), memory.held(child).shared), ((60, 0), 60));
    assert_eq!(write(&mut memory, child, 10, 10), (10, 10));
    assert_eq!((memory.held(parent).private, memory.held(parent).shared), (10, 50));
    // The other one's copy is left to it: a fault, but no new page.
    assert_eq!(write(&mut memory, parent, 5, 10), (10, 5));
    memory.drop_space(child);
    assert_eq!((memory.held(parent).private, memory.used()), (60, (60, 0)));
    assert_eq!(write(&mut memory, parent, 0, 100), (50 + 40, 40));
    assert_eq!(memory.layout(parent, 0), [(0, 100, 1, false)]);
    memory.drop_space(parent);
    assert_eq!(memory.used(), (0, 0));
}

#[test]
fn a_share_is_rounded_as_the_kernel_does() {
    let mut memory = Memory::default();
    let space = memory.space();
    memory.map(space, 2048);
    write(&mut memory, space, 0, 2048);
    for (maps, want) in [(1, 8192), (2, 4096), (3, 2730), (4, 2048)] {
        assert_eq!(memory.held(space).pss_kb(), want, "{maps}");
        memory.fork(space);
    }
}

#[test]
fn the_oldest_pages_are_swapped_and_come_back() {
    let mut memory = Memory::default();
    let [old, new] = [0, 1].map(|_| {
        let space = memory.space();
        memory.map(space, 50);
        write(&mut memory, space, 0, 50);
        space
    });
    assert_eq!((memory.swap_out(20), memory.swap_out(100)), (20, 30));
    assert_eq!((memory.held(old).swapped, memory.held(new).swapped, memory.used()), (50, 0, (50, 50)));
    let some = memory.write(old, 0, 10, 40, 5);
    assert_eq!(some, Some(Wrote { pages: 5, met: Met::Swapped }));
    assert_eq!(memory.write(old, 0, 15, 40, 0), Some(Wrote { pages: 0, met: Met::Swapped }));
    memory.check().unwrap();
    assert_eq!((memory.used(), memory.tables(old)), ((55, 45), 1));
}
