use std::collections::HashSet;

use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, ExportKind, ExportSection, Function,
    FunctionSection, Instruction as I, MemorySection, MemoryType, RefType, TableSection, TableType, TypeSection,
};

use super::cut::{self, Plan};
use super::graph::Graph;
use super::module::Module;
use super::{part_of, unhashed};

#[test]
fn exports_lead_into_parts() {
    for (export, part) in [
        ("part_load_average", Some("load-average")),
        ("part_load_average_a4c7f4571a2679be", Some("load-average")),
        ("part_exercise", Some("exercise")),
        ("mount_exercise_a4c7f4571a2679be", None),
        ("memory", None),
    ] {
        assert_eq!(part_of(export).as_deref(), part, "{export}");
    }
    assert_eq!(unhashed("run_json_a4c7f4571a2679be"), "run_json");
    assert_eq!(unhashed("run_json_of_sixteen_signs__"), "run_json_of_sixteen_signs__");
}

/// Nodes 0 to 9 are functions of ten bytes each, "0" to "9"; the rest are data.
fn graph<'a>(parts: &[(&str, usize)], edges: &[(usize, usize)], sizes: &[(usize, u32)]) -> Graph<'a> {
    const NAMES: [&str; 10] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
    let mut graph = Graph {
        functions: NAMES.to_vec(),
        data: Vec::new(),
        parts: parts.iter().map(|(part, node)| ((*part).to_owned(), *node)).collect(),
        imported: 0,
        bytes: vec![10; NAMES.len()],
        edges: vec![Vec::new(); NAMES.len()],
    };
    edges.iter().for_each(|(from, to)| graph.edges[*from].push(*to));
    sizes.iter().for_each(|(node, size)| graph.bytes[*node] = *size);
    graph
}

#[test]
fn what_one_part_reaches_is_its_own_and_what_several_reach_is_everybodys() {
    // 0 is the glue's; a begins at 1, b at 2, the exercises at 3.
    let parts = [("a", 1), ("b", 2), ("exercise", 3)];
    let edges = [(0, 4), (1, 4), (1, 5), (2, 5), (1, 6), (2, 7), (3, 8), (3, 7), (3, 6)];
    let owners = graph(&parts, &edges, &[(6, 5000)]).owners(&HashSet::from(["0"]));
    assert_eq!(owners.files, [["a"], ["b"], ["exercise"]]);
    let want = [
        (0, None),
        // Reached at first, by way of 0 as well.
        (4, None),
        (1, Some(0)),
        (2, Some(1)),
        // Of two models.
        (5, None),
        // Much of a, which the exercises have to load.
        (6, Some(0)),
        // Little of b: not worth loading it.
        (7, None),
        (8, Some(2)),
        // Nobody's.
        (9, None),
    ];
    for (node, owner) in want {
        assert_eq!(owners.of[node], owner, "{node}");
    }
    assert_eq!(owners.needs, [vec![], vec![], vec![0]]);
}

#[test]
fn models_that_are_mostly_the_same_share_a_file() {
    let edges = [(1, 3), (2, 3), (1, 4)];
    let owners = graph(&[("a", 1), ("b", 2)], &edges, &[(3, 500)]).owners(&HashSet::from(["0"]));
    assert_eq!(owners.files, [vec!["a", "b"], vec!["exercise"]]);
    assert_eq!([1, 2, 3, 4].map(|node| owners.of[node]), [Some(0); 4]);
}

/// A module of four functions: "main" calls "both", "part" calls "both" and reads 16 bytes of memory, and
/// "far" stands in the table between the two.
fn module() -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([], [wasm_encoder::ValType::I32]);
    let mut functions = FunctionSection::new();
    (0..4).for_each(|_| _ = functions.function(0));
    let mut tables = TableSection::new();
    let table = TableType { element_type: RefType::FUNCREF, table64: false, minimum: 4, maximum: None, shared: false };
    tables.table(table);
    let mut memories = MemorySection::new();
    memories.memory(MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None });
    let mut exports = ExportSection::new();
    exports.export("memory", ExportKind::Memory, 0).export("main", ExportKind::Func, 0);
    exports.export("part_far", ExportKind::Func, 2);
    let mut elements = ElementSection::new();
    elements.active(None, &ConstExpr::i32_const(1), Elements::Functions([0, 3, 1].as_slice().into()));
    let mut code = CodeSection::new();
    let read = wasm_encoder::MemArg { offset: 1040, align: 2, memory_index: 0 };
    for body in [
        [I::Call(1), I::End].as_slice(),
        &[I::I32Const(7), I::End],
        &[I::Call(1), I::Drop, I::I32Const(0), I::I32Load(read), I::End],
        &[I::Call(2), I::End],
    ] {
        let mut function = Function::new([]);
        body.iter().for_each(|instruction| _ = function.instruction(instruction));
        code.function(&function);
    }
    let mut data = DataSection::new();
    data.active(0, &ConstExpr::i32_const(1024), (0..64).map(|byte| byte + 1));
    let mut module = wasm_encoder::Module::new();
    module.section(&types).section(&functions).section(&tables).section(&memories).section(&exports);
    module.section(&elements).section(&code).section(&data);
    module.finish()
}

#[test]
fn files_bring_their_functions_and_data_to_where_the_linker_put_them() {
    let bytes = module();
    let whole = Module::read(&bytes).unwrap();
    let plan = Plan {
        functions: vec![None, None, Some(0), Some(0)],
        data: vec![(1024..1040, None), (1040..1064, Some(0)), (1064..1088, None)],
    };
    let (main, files) = cut::write(&whole, &plan, 1).unwrap();
    let (main, part) = (Module::read(&main).unwrap(), Module::read(&files[0]).unwrap());
    let names = |module: &Module<'_>| module.exports.iter().map(|export| export.name.to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&main), ["memory", "main", "f1", "t0", "m0"]);
    assert_eq!(names(&part), ["part_far"]);
    let taken: Vec<_> = part.imports.iter().map(|import| import.name).collect();
    assert_eq!(taken, ["f1", "t0", "m0"]);
    assert_eq!((main.bodies.len(), part.bodies.len()), (2, 2));
    let calls = |module: &Module<'_>| module.bodies.iter().map(|body| module.calls(body).unwrap()).collect::<Vec<_>>();
    assert_eq!(calls(&main), [vec![1], vec![]]);
    assert_eq!(calls(&part), [vec![0], vec![1]], "the imported function comes first");
    let pieces = |module: &Module<'_>| {
        let mut pieces = vec![0; 64];
        for segment in &module.segments {
            let at = (segment.address - 1024) as usize;
            pieces[at..at + segment.bytes.len()].copy_from_slice(segment.bytes);
        }
        pieces
    };
    let (ours, theirs) = (pieces(&main), pieces(&part));
    let together: Vec<u8> = ours.iter().zip(&theirs).map(|(a, b)| a | b).collect();
    assert_eq!(together, pieces(&whole));
    assert_eq!(theirs[16..40], pieces(&whole)[16..40]);
    assert!(ours[16..40].iter().all(|byte| *byte == 0) && theirs[..16].iter().all(|byte| *byte == 0));
    for file in [cut::write(&whole, &plan, 1).unwrap().0, files[0].clone()] {
        wasmparser::validate(&file).unwrap();
    }
}

#[test]
fn a_call_out_of_the_main_file_is_refused() {
    let bytes = module();
    let whole = Module::read(&bytes).unwrap();
    let plan = Plan { functions: vec![None, Some(0), Some(0), Some(0)], data: Vec::new() };
    let error = cut::write(&whole, &plan, 1).unwrap_err().to_string();
    assert!(error.contains("is called where it is not"), "{error}");
}

#[test]
fn a_module_without_relocations_is_refused() {
    let bytes = module();
    let error = super::cut(&bytes, &bytes).map(|_| ()).unwrap_err().to_string();
    assert_eq!(error, "the linker left no relocations");
}
