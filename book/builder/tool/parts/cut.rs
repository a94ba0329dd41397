//! Writes the files: the main one, which is the module without what belongs to others, and those, which
//! bring their functions and data into the memory and the tables of the main one.
//!
//! Every file keeps the addresses and the places in the tables that the linker gave, so that nothing but
//! the numbers of functions changes.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use wasm_encoder::reencode::{self, Reencode};
use wasm_encoder::{
    CodeSection, ConstExpr, DataSection, ElementSection, Elements, EntityType, ExportKind, ExportSection,
    FunctionSection, GlobalSection, ImportSection, MemorySection, StartSection, TableSection, TypeSection,
};
use wasmparser::{ElementItems, ElementKind, ExternalKind};

use super::Broken;
use super::module::{Module, constant};

/// Which file functions and data belong to; none for the main file.
pub struct Plan {
    /// By the index of the function.
    pub functions: Vec<Option<usize>>,
    /// All of memory that is not zero at the start, by address.
    pub data: Vec<(Range<u32>, Option<usize>)>,
}

/// The name under which a file gives another one a function, a table, the memory or a global.
fn name(kind: char, index: usize) -> String {
    format!("{kind}{index}")
}

/// Module name of all imports of the files beside the main one: whatever was there before them.
const BEFORE: &str = "";

/// A hole of fewer bytes in a file's data is not worth the segment that follows it.
const HOLE: usize = 16;

/// A file while it is written.
struct File<'m, 'a> {
    module: &'m Module<'a>,
    plan: &'m Plan,
    /// None for the main one.
    file: Option<usize>,
    /// The numbers of the functions in this file.
    numbers: HashMap<u32, u32>,
}

/// All files: the main one and the others.
pub fn write(module: &Module<'_>, plan: &Plan, files: usize) -> Result<(Vec<u8>, Vec<Vec<u8>>), Broken> {
    let imported = module.imported();
    // What each file takes from the others.
    let mut takes = vec![BTreeSet::new(); files];
    for (body, function) in module.bodies.iter().zip(imported..) {
        if let Some(file) = plan.functions[function as usize] {
            let others =
                module.calls(body)?.into_iter().filter(|called| plan.functions[*called as usize] != Some(file));
            takes[file].extend(others);
        }
    }
    let lent: BTreeSet<u32> = takes.iter().flatten().copied().collect();
    let main = File::new(module, plan, None, &BTreeSet::new()).write(&BTreeSet::new(), &lent)?;
    let parts =
        takes.iter().enumerate().map(|(file, takes)| File::new(module, plan, Some(file), takes).write(takes, &lent));
    Ok((main, parts.collect::<Result<_, _>>()?))
}

impl<'m, 'a> File<'m, 'a> {
    fn new(module: &'m Module<'a>, plan: &'m Plan, file: Option<usize>, takes: &BTreeSet<u32>) -> File<'m, 'a> {
        let own = (0..plan.functions.len() as u32).filter(|function| plan.functions[*function as usize] == file);
        let numbers = takes.iter().copied().chain(own).zip(0..).collect();
        File { module, plan, file, numbers }
    }

    /// The functions of this file that are not imported, with their bodies.
    fn own(&self) -> impl Iterator<Item = (u32, &'m wasmparser::FunctionBody<'a>)> + use<'m, 'a> {
        let (plan, file) = (self.plan, self.file);
        let bodies = (self.module.imported()..).zip(&self.module.bodies);
        bodies.filter(move |(function, _)| plan.functions[*function as usize] == file)
    }

    fn write(mut self, takes: &BTreeSet<u32>, lent: &BTreeSet<u32>) -> Result<Vec<u8>, Broken> {
        let module = self.module;
        let mut out = wasm_encoder::Module::new();
        let mut types = TypeSection::new();
        self.parse_type_section(&mut types, module.types.clone().ok_or("a module without types")?).map_err(wrong)?;
        let mut functions = FunctionSection::new();
        for (function, _) in self.own() {
            functions.function(module.function_type(function)?);
        }
        let imports = if self.file.is_none() { self.page_imports()? } else { self.imports(takes)? };
        out.section(&types).section(&imports).section(&functions);
        if self.file.is_none() {
            self.stores(&mut out)?;
        }
        out.section(&self.exports(lent));
        if let Some(start) = module.start.filter(|_| self.file.is_none()) {
            out.section(&StartSection { function_index: self.numbers[&start] });
        }
        out.section(&self.elements()?).section(&self.code()?).section(&self.data());
        Ok(out.finish())
    }

    /// What the module takes from the page, which the main file goes on taking.
    fn page_imports(&mut self) -> Result<ImportSection, Broken> {
        let mut imports = ImportSection::new();
        for import in &self.module.imports {
            self.parse_import(&mut imports, *import).map_err(wrong)?;
        }
        Ok(imports)
    }

    /// Tables, memory and globals: the main file has them for all.
    fn stores(&mut self, out: &mut wasm_encoder::Module) -> Result<(), Broken> {
        let module = self.module;
        let (mut tables, mut memories, mut globals) = (TableSection::new(), MemorySection::new(), GlobalSection::new());
        for table in &module.tables {
            self.parse_table(&mut tables, table.clone()).map_err(wrong)?;
        }
        for memory in &module.memories {
            memories.memory(self.memory_type(*memory).map_err(wrong)?);
        }
        for global in &module.globals {
            self.parse_global(&mut globals, global.clone()).map_err(wrong)?;
        }
        out.section(&tables).section(&memories).section(&globals);
        Ok(())
    }

    /// What the module exports from this file, and what other files take from it.
    fn exports(&self, lent: &BTreeSet<u32>) -> ExportSection {
        let (module, main) = (self.module, self.file.is_none());
        let mut exports = ExportSection::new();
        for export in &module.exports {
            match export.kind {
                ExternalKind::Func if self.plan.functions[export.index as usize] == self.file => {
                    exports.export(export.name, ExportKind::Func, self.numbers[&export.index]);
                }
                ExternalKind::Table if main => _ = exports.export(export.name, ExportKind::Table, export.index),
                ExternalKind::Memory if main => _ = exports.export(export.name, ExportKind::Memory, export.index),
                ExternalKind::Global if main => _ = exports.export(export.name, ExportKind::Global, export.index),
                _ => {}
            }
        }
        for function in lent.iter().filter(|function| self.plan.functions[**function as usize] == self.file) {
            exports.export(&name('f', *function as usize), ExportKind::Func, self.numbers[function]);
        }
        let stores = [
            ('t', ExportKind::Table, module.tables.len()),
            ('m', ExportKind::Memory, module.memories.len()),
            ('g', ExportKind::Global, module.globals.len()),
        ];
        for (letter, kind, count) in stores.into_iter().filter(|_| main) {
            (0..count).for_each(|i| _ = exports.export(&name(letter, i), kind, i as u32));
        }
        exports
    }

    /// Functions of others, and every table, memory and global, so that these keep their numbers.
    fn imports(&mut self, takes: &BTreeSet<u32>) -> Result<ImportSection, Broken> {
        let module = self.module;
        let mut imports = ImportSection::new();
        for function in takes {
            imports.import(
                BEFORE,
                &name('f', *function as usize),
                EntityType::Function(module.function_type(*function)?),
            );
        }
        for (i, table) in module.tables.iter().enumerate() {
            imports.import(BEFORE, &name('t', i), self.table_type(table.ty).map_err(wrong)?);
        }
        for (i, memory) in module.memories.iter().enumerate() {
            imports.import(BEFORE, &name('m', i), self.memory_type(*memory).map_err(wrong)?);
        }
        for (i, global) in module.globals.iter().enumerate() {
            imports.import(BEFORE, &name('g', i), self.global_type(global.ty).map_err(wrong)?);
        }
        Ok(imports)
    }

    /// This file's functions at their places in the tables.
    fn elements(&self) -> Result<ElementSection, Broken> {
        let mut out = ElementSection::new();
        for element in &self.module.elements {
            let (ElementKind::Active { table_index, offset_expr }, ElementItems::Functions(functions)) =
                (&element.kind, &element.items)
            else {
                return Err("elements that are no functions at their places".into());
            };
            let from = constant(offset_expr)?;
            let functions = functions.clone().into_iter().collect::<Result<Vec<u32>, _>>()?;
            let owner = |function: &u32| self.plan.functions[*function as usize];
            let mut at = from;
            for run in functions.chunk_by(|a, b| owner(a) == owner(b)) {
                if owner(&run[0]) == self.file {
                    let numbers: Vec<u32> = run.iter().map(|function| self.numbers[function]).collect();
                    out.active(*table_index, &ConstExpr::i32_const(at as i32), Elements::Functions(numbers.into()));
                }
                at += run.len() as u32;
            }
        }
        Ok(out)
    }

    fn code(&mut self) -> Result<CodeSection, Broken> {
        let mut code = CodeSection::new();
        for (_, body) in self.own() {
            self.parse_function_body(&mut code, body.clone()).map_err(wrong)?;
        }
        Ok(code)
    }

    /// This file's data, at their addresses. The main file, which comes first, also has what would leave
    /// small holes in it; no other may, because by then the program has run.
    fn data(&self) -> DataSection {
        let mut out = DataSection::new();
        for segment in &self.module.segments {
            let end = segment.address + segment.bytes.len() as u32;
            let pieces = self.plan.data.iter().map(|(range, owner)| {
                (range.start.clamp(segment.address, end)..range.end.clamp(segment.address, end), *owner)
            });
            let mine = |range: &Range<u32>, owner: Option<usize>| {
                owner == self.file || self.file.is_none() && range.len() < HOLE
            };
            let mut runs: Vec<Range<u32>> = Vec::new();
            for (range, _) in pieces.filter(|(range, owner)| !range.is_empty() && mine(range, *owner)) {
                match runs.last_mut() {
                    Some(last) if last.end == range.start => last.end = range.end,
                    _ => runs.push(range),
                }
            }
            for run in runs {
                let bytes =
                    &segment.bytes[(run.start - segment.address) as usize..(run.end - segment.address) as usize];
                out.active(0, &ConstExpr::i32_const(run.start as i32), bytes.iter().copied());
            }
        }
        out
    }
}

impl Reencode for File<'_, '_> {
    type Error = String;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error<String>> {
        self.numbers.get(&function).copied().ok_or_else(|| {
            let called = self.module.names.get(&function).copied().unwrap_or("a function without a name");
            reencode::Error::UserError(format!("{called} is called where it is not"))
        })
    }
}

fn wrong(error: reencode::Error<String>) -> Broken {
    match error {
        reencode::Error::UserError(what) => what.into(),
        other => other.to_string().into(),
    }
}
