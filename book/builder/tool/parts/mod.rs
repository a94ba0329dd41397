//! Cuts the module of the widgets into files, so that a page fetches only what it shows.
//!
//! The ways into the parts are exports: what only `part_load_average` reaches is the file of the load
//! average, what only `part_exercise` reaches is that of the exercises, and the rest is the main file.
//! The loader fetches the files of a widget one beside the other and links them in order before it mounts
//! the widget.
//!
//! The linker says what reaches what (`graph`). Then comes wasm-bindgen, which changes the module; in what
//! it makes, functions are found again by their names and data by their addresses, and the files are
//! written (`cut`).

mod cut;
mod graph;
mod module;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use wasmparser::ExternalKind;

use cut::Plan;
use graph::{Graph, Owners};
use module::Module;

/// Why a module cannot be cut.
pub type Broken = Box<dyn std::error::Error>;

/// A module in files.
pub struct Parts {
    /// The file that comes first.
    pub main: Vec<u8>,
    /// The others, by the name of a part in each.
    pub files: BTreeMap<String, Vec<u8>>,
    /// The files that a part takes besides the main one, by name, in the order in which they are linked.
    pub needs: BTreeMap<String, Vec<String>>,
}

/// The part that an export is the way into: `load-average` of `part_load_average`.
fn part_of(export: &str) -> Option<String> {
    Some(unhashed(export).strip_prefix("part_")?.replace('_', "-"))
}

/// An exported name as wasm-bindgen leaves it: the compiler puts a hash after it.
fn unhashed(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => name,
        _ => name,
    }
}

/// Cuts `bound`, which wasm-bindgen made out of `linked` and in which names are mangled.
///
/// # Errors
/// The linker left no relocations, or a module has what neither tool is known to make.
pub fn cut(linked: &[u8], bound: &[u8]) -> Result<Parts, Broken> {
    let (before, module) = (Module::read(linked)?, Module::read(bound)?);
    let graph = Graph::of(&before)?;
    let owners = graph.owners(&at_first(&graph, &module)?);
    let plan = Plan { functions: functions(&graph, &owners, &module), data: data(&graph, &owners, &module) };
    let (main, files) = cut::write(&module, &plan, owners.files.len())?;
    for file in files.iter().chain([&main]) {
        wasmparser::validate(file)?;
    }
    let name = |file: usize| owners.files[file][0].clone();
    let mut needs = BTreeMap::new();
    for (file, parts) in owners.files.iter().enumerate() {
        let files: Vec<String> = owners.needs[file].iter().copied().chain([file]).map(name).collect();
        needs.extend(parts.iter().map(|part| (part.clone(), files.clone())));
    }
    Ok(Parts { main, files: files.into_iter().enumerate().map(|(file, bytes)| (name(file), bytes)).collect(), needs })
}

/// `bound` as one file, without what only cutting takes.
///
/// # Errors
/// As [`cut()`].
pub fn whole(bound: &[u8]) -> Result<Vec<u8>, Broken> {
    let module = Module::read(bound)?;
    let functions = vec![None; module.imported() as usize + module.bodies.len()];
    Ok(cut::write(&module, &Plan { functions, data: vec![(0..u32::MAX, None)] }, 0)?.0)
}

/// The functions that must be in the main file whatever reaches them: what the glue calls, and what those
/// functions call that wasm-bindgen wrote.
fn at_first<'a>(graph: &Graph<'_>, module: &Module<'a>) -> Result<HashSet<&'a str>, Broken> {
    let known: HashSet<&str> = graph.functions.iter().copied().collect();
    let exports = module.exports.iter().filter(|export| export.kind == ExternalKind::Func);
    let exported = exports.filter(|export| part_of(export.name).is_none()).map(|export| export.index);
    let mut functions: HashSet<u32> = exported.chain(module.start).collect();
    for (function, body) in (module.imported()..).zip(&module.bodies) {
        if module.names.get(&function).is_none_or(|name| !known.contains(name)) {
            functions.extend(module.calls(body)?);
        }
    }
    Ok(functions.iter().filter_map(|function| module.names.get(function).copied()).collect())
}

fn functions(graph: &Graph<'_>, owners: &Owners, module: &Module<'_>) -> Vec<Option<usize>> {
    let mut by_name = HashMap::new();
    for (function, name) in graph.functions.iter().enumerate() {
        let owner = owners.of[function];
        // Where a name means two functions, they stay where both can be reached.
        by_name.entry(*name).and_modify(|known| *known = if *known == owner { owner } else { None }).or_insert(owner);
    }
    let imported = module.imported();
    let all = 0..imported + module.bodies.len() as u32;
    let owner = |function: u32| by_name.get(module.names.get(&function)?).copied().flatten();
    all.map(|function| if function < imported { None } else { owner(function) }).collect()
}

/// Whose memory is. Data may overlap, as short texts lie within longer ones: what two files claim is in the
/// main one. What nobody claims fills up the space between data, and goes with what it follows.
fn data(graph: &Graph<'_>, owners: &Owners, module: &Module<'_>) -> Vec<(Range<u32>, Option<usize>)> {
    let from = module.segments.iter().map(|segment| segment.address).min().unwrap_or(0);
    let to = module.segments.iter().map(|segment| segment.address + segment.bytes.len() as u32).max().unwrap_or(0);
    let mut bytes: Vec<Option<Option<usize>>> = vec![None; (to - from) as usize];
    for (range, owner) in graph.data.iter().zip(&owners.of[graph.functions.len()..]) {
        // What is zero at the start has a place in memory, not in the file.
        for byte in range.clone().filter(|byte| (from..to).contains(byte)) {
            let claimed = &mut bytes[(byte - from) as usize];
            *claimed = Some(if claimed.is_none_or(|claimed| claimed == *owner) { *owner } else { None });
        }
    }
    let (mut at, mut last) = (from, None);
    let mut runs = Vec::new();
    for run in bytes.chunk_by(|a, b| a == b) {
        let range = at..at + run.len() as u32;
        at = range.end;
        last = run[0].unwrap_or(last);
        runs.push((range, last));
    }
    runs
}
