//! What in a linked module reaches what, from the relocations the linker leaves when it is asked to.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use wasmparser::{ExternalKind, RelocationEntry, RelocationType, SymbolInfo};

use super::Broken;
use super::module::Module;

/// Functions and data as nodes: the functions first, by their index, then the data.
pub struct Graph<'a> {
    /// Names of the functions, as they are after wasm-bindgen.
    pub functions: Vec<&'a str>,
    /// Where the data lie in memory.
    pub data: Vec<Range<u32>>,
    /// The ways into the parts, in the order of their names: `load-average` for the export
    /// `part_load_average`.
    pub parts: Vec<(String, usize)>,
    /// How many of the functions are imported: the first ones.
    pub imported: usize,
    /// Bytes of each node.
    pub bytes: Vec<u32>,
    /// What each node refers to.
    pub edges: Vec<Vec<usize>>,
}

/// What two models have in common is one file with both if it is more than this share of the smaller.
const MOSTLY: f64 = 0.5;

/// Below so many bytes in common, exercises and a model have what anything has in common.
const LITTLE: u32 = 4096;

/// The part that stands on models: it may need the files of others, and none needs its.
pub const ON_TOP: &str = "exercise";

/// To whom the nodes belong.
pub struct Owners {
    /// The files beside the main one: which parts are in it. [`ON_TOP`] is the last.
    pub files: Vec<Vec<String>>,
    /// The file of each node; none for the main one.
    pub of: Vec<Option<usize>>,
    /// Files that must be there before a file, by their numbers.
    pub needs: Vec<Vec<usize>>,
}

impl<'a> Graph<'a> {
    /// Reads a module that was linked with `--emit-relocs`.
    pub fn of(module: &Module<'a>) -> Result<Graph<'a>, Broken> {
        if module.code_relocations.is_empty() {
            return Err("the linker left no relocations".into());
        }
        let imported = module.imported() as usize;
        let count = imported + module.bodies.len();
        let name = |index: u32| module.names.get(&index).copied().unwrap_or("");
        let mut functions: Vec<&str> = (0..count as u32).map(name).collect();
        let exports = module.exports.iter().filter(|export| export.kind == ExternalKind::Func);
        exports.clone().for_each(|export| functions[export.index as usize] = super::unhashed(name(export.index)));
        let mut bytes = vec![0; imported];
        bytes.extend(module.bodies.iter().map(|body| body.range().len() as u32));

        // Symbols that lie at the same place are one datum.
        let place = |symbol: &SymbolInfo<'_>| match symbol {
            SymbolInfo::Data { symbol: Some(datum), .. } => {
                let from = module.segments.get(datum.index as usize)?.address + datum.offset;
                Some((from, from + datum.size))
            }
            _ => None,
        };
        let mut places: Vec<_> = module.symbols.iter().filter_map(place).collect();
        places.sort_unstable();
        places.dedup();
        let node_of: HashMap<_, _> = places.iter().enumerate().map(|(i, place)| (*place, count + i)).collect();
        bytes.extend(places.iter().map(|(from, to)| to - from));

        let target = |relocation: &RelocationEntry| -> Result<Option<usize>, Broken> {
            use RelocationType as R;
            let symbol = module.symbols.get(relocation.index as usize);
            match (relocation.ty, symbol) {
                (R::TypeIndexLeb | R::GlobalIndexLeb | R::TableNumberLeb, _) => Ok(None),
                (R::FunctionIndexLeb | R::TableIndexSleb | R::TableIndexI32, Some(SymbolInfo::Func { index, .. })) => {
                    Ok(Some(*index as usize))
                }
                (R::MemoryAddrLeb | R::MemoryAddrSleb | R::MemoryAddrI32, Some(symbol)) => {
                    // What the linker itself defines, such as the end of the data, is no datum.
                    Ok(place(symbol).and_then(|place| node_of.get(&place).copied()))
                }
                (kind, symbol) => Err(format!("a relocation {kind:?} of {symbol:?}").into()),
            }
        };
        let mut edges = vec![Vec::new(); bytes.len()];
        for relocation in &module.code_relocations {
            let at = module.code_from + relocation.offset as usize;
            let body = module.bodies.partition_point(|body| body.range().end <= at);
            edges[imported + body].extend(target(relocation)?);
        }
        for relocation in &module.data_relocations {
            let offset = relocation.offset as usize;
            let segment = module.segments.partition_point(|segment| segment.offset + segment.bytes.len() <= offset);
            let segment = module.segments.get(segment).ok_or("a relocation behind the data")?;
            let at = segment.address + (offset - segment.offset) as u32;
            // Data that overlap are short strings, which refer to nothing.
            let datum = places.partition_point(|(from, _)| *from <= at).checked_sub(1);
            let datum = datum.filter(|datum| at < places[*datum].1).ok_or("a relocation beside all data")?;
            edges[count + datum].extend(target(relocation)?);
        }
        let mut parts = Vec::new();
        for export in exports {
            parts.extend(super::part_of(export.name).map(|part| (part, export.index as usize)));
        }
        parts.sort_unstable();
        let data = places.into_iter().map(|(from, to)| from..to).collect();
        Ok(Graph { functions, data, parts, imported, bytes, edges })
    }

    fn reached(&self, from: impl IntoIterator<Item = usize>) -> HashSet<usize> {
        let mut waiting: Vec<usize> = from.into_iter().collect();
        let mut reached: HashSet<usize> = waiting.iter().copied().collect();
        while let Some(node) = waiting.pop() {
            waiting.extend(self.edges[node].iter().copied().filter(|next| reached.insert(*next)));
        }
        reached
    }

    fn size(&self, nodes: impl Iterator<Item = usize>) -> u32 {
        nodes.map(|node| self.bytes[node]).sum()
    }

    /// Shares the nodes out. The main file has what the functions called `at_first` reach, and what several
    /// models have in common; a model's file what else that model reaches; the file of [`ON_TOP`] the rest.
    pub fn owners(&self, at_first: &HashSet<&str>) -> Owners {
        let roots = (0..self.functions.len()).filter(|function| at_first.contains(self.functions[*function]));
        // What is imported comes from the glue, which knows the main file alone.
        let mut main = self.reached(roots);
        main.extend(0..self.imported);
        let mut files: Vec<(Vec<String>, HashSet<usize>)> = Vec::new();
        let mut top = HashSet::new();
        for (part, way_in) in &self.parts {
            let nodes: HashSet<usize> = self.reached([*way_in]).difference(&main).copied().collect();
            if part == ON_TOP {
                top = nodes;
                continue;
            }
            let same = files.iter_mut().find(|(_, other)| {
                let smaller = self.size(nodes.iter().copied()).min(self.size(other.iter().copied()));
                f64::from(self.size(nodes.intersection(other).copied())) > MOSTLY * f64::from(smaller)
            });
            match same {
                Some((parts, other)) => {
                    parts.push(part.clone());
                    other.extend(nodes);
                }
                None => files.push((vec![part.clone()], nodes)),
            }
        }
        let mut times = vec![0; self.bytes.len()];
        files.iter().flat_map(|(_, nodes)| nodes).for_each(|node| times[*node] += 1);
        main.extend((0..times.len()).filter(|node| times[*node] > 1));
        for (_, nodes) in &mut files {
            let both = nodes.intersection(&top).copied().filter(|node| !main.contains(node)).collect::<Vec<_>>();
            if self.size(both.iter().copied()) < LITTLE {
                main.extend(both);
            }
        }
        files.push((vec![ON_TOP.to_owned()], top));
        let mut of = vec![None; self.bytes.len()];
        for (file, (_, nodes)) in files.iter().enumerate().rev() {
            nodes.iter().filter(|node| !main.contains(node)).for_each(|node| of[*node] = Some(file));
        }
        let needs = (0..files.len()).map(|file| self.needs(file, &of)).collect();
        Owners { files: files.into_iter().map(|(parts, _)| parts).collect(), of, needs }
    }

    fn needs(&self, file: usize, of: &[Option<usize>]) -> Vec<usize> {
        let nodes = (0..of.len()).filter(|node| of[*node] == Some(file));
        let mut needs: Vec<usize> = nodes.flat_map(|node| &self.edges[node]).filter_map(|next| of[*next]).collect();
        needs.sort_unstable();
        needs.dedup();
        needs.retain(|other| *other != file);
        needs
    }
}
