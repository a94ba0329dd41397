//! A module as this folder needs it: its pieces, borrowed from its bytes.

use std::collections::HashMap;

use wasmparser::{
    ConstExpr, Data, DataKind, DataSectionReader, Element, Export, FunctionBody, Global, Import, KnownCustom, Linking,
    MemoryType, Name, NameSectionReader, Operator, Parser, Payload, RelocationEntry, SymbolInfo, Table, TypeRef,
    TypeSectionReader,
};

use super::Broken;

/// The sections of a module.
#[derive(Default)]
pub struct Module<'a> {
    pub types: Option<TypeSectionReader<'a>>,
    pub imports: Vec<Import<'a>>,
    /// Types of the functions that are not imported.
    pub functions: Vec<u32>,
    pub tables: Vec<Table<'a>>,
    pub memories: Vec<MemoryType>,
    pub globals: Vec<Global<'a>>,
    pub exports: Vec<Export<'a>>,
    pub start: Option<u32>,
    pub elements: Vec<Element<'a>>,
    /// Where the code section begins: what its relocations count from.
    pub code_from: usize,
    pub bodies: Vec<FunctionBody<'a>>,
    pub segments: Vec<Segment<'a>>,
    /// Names of functions, mangled, by their index.
    pub names: HashMap<u32, &'a str>,
    pub symbols: Vec<SymbolInfo<'a>>,
    pub code_relocations: Vec<RelocationEntry>,
    pub data_relocations: Vec<RelocationEntry>,
}

/// A piece of memory as it is at the start.
pub struct Segment<'a> {
    /// Its address.
    pub address: u32,
    /// Where it lies in the data section: what its relocations count from.
    pub offset: usize,
    pub bytes: &'a [u8],
}

impl<'a> Module<'a> {
    /// Takes a module apart.
    pub fn read(bytes: &'a [u8]) -> Result<Module<'a>, Broken> {
        let mut module = Module::default();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::TypeSection(section) => module.types = Some(section),
                Payload::ImportSection(section) => {
                    module.imports = section.into_imports().collect::<Result<_, _>>()?;
                }
                Payload::FunctionSection(section) => module.functions = all(section)?,
                Payload::TableSection(section) => module.tables = all(section)?,
                Payload::MemorySection(section) => module.memories = all(section)?,
                Payload::GlobalSection(section) => module.globals = all(section)?,
                Payload::ExportSection(section) => module.exports = all(section)?,
                Payload::StartSection { func, .. } => module.start = Some(func),
                Payload::ElementSection(section) => module.elements = all(section)?,
                Payload::CodeSectionStart { range, .. } => module.code_from = range.start,
                Payload::CodeSectionEntry(body) => module.bodies.push(body),
                Payload::DataSection(section) => module.segments = segments(section)?,
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::Name(names) => module.names = function_names(names)?,
                    KnownCustom::Linking(linking) => {
                        for part in linking.subsections() {
                            if let Linking::SymbolTable(table) = part? {
                                module.symbols = all(table)?;
                            }
                        }
                    }
                    KnownCustom::Reloc(relocations) if section.name() == "reloc.CODE" => {
                        module.code_relocations = all(relocations.entries())?;
                    }
                    KnownCustom::Reloc(relocations) if section.name() == "reloc.DATA" => {
                        module.data_relocations = all(relocations.entries())?;
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        Ok(module)
    }

    /// Functions that are imported: the first ones.
    pub fn imported(&self) -> u32 {
        self.imports.iter().filter(|import| matches!(import.ty, TypeRef::Func(_))).count() as u32
    }

    /// The type of a function, by its index.
    pub fn function_type(&self, function: u32) -> Result<u32, Broken> {
        let imported = self.imports.iter().filter_map(|import| match import.ty {
            TypeRef::Func(kind) => Some(kind),
            _ => None,
        });
        let mut types = imported.chain(self.functions.iter().copied());
        types.nth(function as usize).ok_or_else(|| format!("there is no function {function}").into())
    }

    /// The functions that a body calls by their index.
    pub fn calls(&self, body: &FunctionBody<'_>) -> Result<Vec<u32>, Broken> {
        let mut called = Vec::new();
        for operator in body.get_operators_reader()? {
            match operator? {
                Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                    called.push(function_index);
                }
                // Never made by the compiler here; it would need a place in a table.
                Operator::RefFunc { .. } => return Err("ref.func in code".into()),
                _ => {}
            }
        }
        Ok(called)
    }
}

fn all<'a, T: wasmparser::FromReader<'a>>(section: wasmparser::SectionLimited<'a, T>) -> Result<Vec<T>, Broken> {
    Ok(section.into_iter().collect::<Result<_, _>>()?)
}

fn segments(section: DataSectionReader<'_>) -> Result<Vec<Segment<'_>>, Broken> {
    let from = section.range().start;
    all(section)?
        .into_iter()
        .map(|Data { kind, data, range }| match kind {
            DataKind::Active { memory_index: 0, offset_expr } => {
                Ok(Segment { address: constant(&offset_expr)?, offset: range.end - data.len() - from, bytes: data })
            }
            _ => Err("a segment of data that is not where it is at the start".into()),
        })
        .collect()
}

/// The value of an expression that gives an address or a place in a table.
pub fn constant(expression: &ConstExpr<'_>) -> Result<u32, Broken> {
    match expression.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(value as u32),
        other => Err(format!("{other:?} where a constant was expected").into()),
    }
}

fn function_names(section: NameSectionReader<'_>) -> Result<HashMap<u32, &str>, Broken> {
    for part in section {
        if let Name::Function(names) = part? {
            return Ok(names.into_iter().map(|name| name.map(|n| (n.index, n.name))).collect::<Result<_, _>>()?);
        }
    }
    Ok(HashMap::new())
}
