//! Every reader of a file on texts that nobody wrote for it.

use proptest::prelude::*;

use super::*;

/// Reads a text as every kind of file; what comes of it is either understood or a refusal in both
/// languages that names the file.
fn read_as_everything(text: &str) {
    let refused = |error: Unreadable| {
        let said = error.text();
        assert!(said.en.contains("FILE") && said.ko.contains("FILE"), "{said:?}");
    };
    let fields = |read: Result<Fields, Unreadable>| match read {
        Ok(fields) => {
            for (name, _) in fields.iter() {
                if let Err(error) = fields.number(name) {
                    assert!(!error.text().ko.is_empty());
                }
            }
        }
        Err(error) => refused(error),
    };
    for read in [Fields::colon, Fields::words, Fields::equals, Fields::of_node, Fields::pressure] {
        fields(read("FILE", text));
    }
    for read in [sockstat, paired, limits] {
        fields(read("FILE", text));
    }
    if let Err(error) = buddyinfo("FILE", text).map(|zones| {
        for zone in zones {
            let _ = (zone.free_pages(), zone.largest_order());
        }
    }) {
        refused(error);
    }
    let _ = pagetypeinfo("FILE", text).map_err(refused);
    let _ = zoneinfo("FILE", text).map_err(refused);
    let _ = slabinfo("FILE", text).map(|slabs| slabs.iter().map(parse_pages).sum::<f64>()).map_err(refused);
    let _ = swaps("FILE", text).map_err(refused);
    let _ = numa_maps("FILE", text).map_err(refused);
    let _ = DiskStats::parse("FILE", text).map_err(refused);
    let _ = interfaces("FILE", text).map_err(refused);
    let _ = sockets("FILE", text).map_err(refused);
    let _ = packets("FILE", text).map_err(refused);
    let _ = stat_line("FILE", text).map_err(refused);
    let _ = processes("FILE", text).map_err(refused);
    let _ = cpuinfo("FILE", text).map_err(refused);
    let _ = dimms("FILE", text).map_err(refused);
    let _ = strace("FILE", text).map(|_| ()).map_err(refused);
    let _ = list("FILE", text).map_err(refused);
    let _ = mounts("FILE", text).map(|_| ()).map_err(refused);
    let _ = config_value("FILE", text, "CONFIG_HZ").map_err(refused);
    let _ = (bracketed(text), disk_kind(text), is_part_of_disk(text), list_length(text), mountinfo(text).count());
}

fn parse_pages(slab: &Slab) -> f64 {
    slab.pages() as f64
}

/// Words that kernel files are made of.
const WORDS: &[&str] = &[
    "Node",
    "0,",
    "zone",
    "Normal",
    "type",
    "Movable",
    "Number of blocks type",
    "pages free",
    "protection:",
    "(0, 5)",
    "pagesets",
    "Filename",
    "slabinfo",
    "dentry",
    " : ",
    "slabdata",
    "tunables",
    "TcpExt:",
    "TCP:",
    "eth0:",
    "some",
    "avg10=",
    "full",
    "processor",
    ":",
    "=",
    ",",
    "-",
    "(",
    ")",
    "[",
    "]",
    ">",
    "\t",
    "\n",
    "\n\n",
    "kB",
    "pid",
    "comm",
    "state",
    "Memory Device",
    "\tSize:",
    "GB",
    "No Module Installed",
    "Soft Limit",
    "Limit",
    "N0=",
    "default",
    "kernelpagesize_kB=",
    "CONFIG_HZ",
    "CONFIG_",
    "#",
    "é",
    "가",
    "0x",
    "unlimited",
];

fn nearly_a_file() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        6 => proptest::sample::select(WORDS).prop_map(str::to_owned),
        3 => any::<u64>().prop_map(|n| n.to_string()),
        1 => any::<i64>().prop_map(|n| n.to_string()),
        1 => "\\PC{0,6}",
    ];
    (proptest::collection::vec(word, 0..60), prop_oneof![Just(" "), Just("")]).prop_map(|(words, gap)| words.join(gap))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn any_text_is_understood_or_refused(text in prop_oneof![any::<String>(), nearly_a_file()]) {
        read_as_everything(&text);
    }
}

/// Whole files of real kernels, cut and damaged at every place.
#[test]
fn damaged_files_are_understood_or_refused() {
    for text in [
        "Node 0, zone      DMA      0      0      0      0      0      0      0      0      1      1      3 \n",
        "Node    0, zone      DMA, type    Unmovable      0      0 >100000      0 \n\nNumber of blocks type     Unmovable \nNode 0, zone      DMA            1 \n",
        "Node 0, zone Normal\n  pages free     3840\n        min      28\n        protection: (0, 2994, 24109)\n  pagesets\n    cpu: 0\n",
        "dentry 12 21 192 21 1 : tunables    0    0    0 : slabdata      1      1      0\n",
        "42 (a b) c) S 1 42 42 0 -1 4194560 100 0 2 0 7 8 0 0 20 5 3 0 99 8192000 50 1 1 1 0\n",
        "pid ppid state comm\n1 0 S init\n",
        "TcpExt: A B\nTcpExt: 1 2\n",
        "   8       0 sda 1 2 3 4 5 6 7 8 9 10 11\n",
    ] {
        for cut in (0..text.len()).filter(|cut| text.is_char_boundary(*cut)) {
            read_as_everything(&text[..cut]);
            read_as_everything(&text[cut..]);
            for put in ["-", "99999999999999999999", "\n", "가", "="] {
                read_as_everything(&format!("{}{put}{}", &text[..cut], &text[cut..]));
            }
        }
    }
}

#[test]
fn the_allocators_files_are_read_whole() {
    let buddy = buddyinfo("b", "Node 0, zone    DMA      1      0      2 \nNode 1, zone Normal 0 0 0\n").unwrap();
    assert_eq!((buddy[0].free_pages(), buddy[0].largest_order(), buddy[1].largest_order()), (9, Some(2), None));
    let text = "Page block order: 9\nPages per block:  512\n\nFree pages count per migrate type at order 0 1\n\
                Node    0, zone   Normal, type    Unmovable    272 >100000 \nNode    0, zone   Normal, type      Movable      0      1 \n\n\
                Number of blocks type     Unmovable      Movable \nNode 0, zone   Normal           59         2857 \n";
    let types = pagetypeinfo("p", text).unwrap();
    assert_eq!((types[0].free[1], types[1].blocks, types[0].kind.as_str()), (100_000, 2857, "Unmovable"));
    let text = "Node 0, zone   Normal\n  per-node stats\n      nr_dirty 5\n  pages free     3840\n        boost    0\n        min      28\n\
                \x20       low      35\n        managed  100\n        protection: (0, 5)\n      nr_free_pages 3840\n  pagesets\n    cpu: 0\n              count: 3\n\
                \x20             high:  14\n  node_unreclaimable:  0\nNode 1, zone Normal\n  pages free 1\n";
    let zones = zoneinfo("z", text).unwrap();
    let number = |name: &str| zones[0].fields.number(name).unwrap();
    assert_eq!((number("min"), number("nr_free_pages"), number("nr_dirty")), (Some(28.0), Some(3840.0), None));
    assert_eq!((zones[0].protection.as_slice(), zones[1].node, number("high")), (&[0, 5][..], 1, None));
    let slab =
        &slabinfo("s", "slabinfo - version: 2.1\n# name …\ndentry 12 21 192 21 2 : tunables 0 0 0 : slabdata 1 3 0\n")
            .unwrap()[0];
    assert_eq!((slab.name.as_str(), slab.active, slab.pages()), ("dentry", 12, 6));
    let swaps = swaps("w", "Filename\tType\tSize\tUsed\tPriority\n/dev/sda2 partition 100 5 -2\n").unwrap();
    assert_eq!((swaps[0].size_kb, swaps[0].used_kb, swaps[0].priority), (100, 5, -2));
    let (kb, policies) =
        numa_maps("n", "7f00 default anon=2 N0=1 N1=1 kernelpagesize_kB=4\n7f01 bind:1 N1=1 kernelpagesize_kB=2048\n")
            .unwrap();
    assert_eq!((kb[&0], kb[&1], policies["bind"]), (4.0, 2052.0, 1));
}
