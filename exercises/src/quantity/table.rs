//! The table of quantities for authors.

use std::fmt::Write as _;

use sim_core::Lang;

use super::{FAMILIES, Family, Which};

/// Every family as a Markdown table.
pub fn table(lang: Lang) -> String {
    let mut out = String::from(match lang {
        Lang::Ko => "| 이름 | 값 | 출처 |\n|---|---|---|\n",
        Lang::En => "| name | quantities | from |\n|---|---|---|\n",
    });
    for family in FAMILIES {
        let _ = writeln!(out, "| {} | {} | `{}` |", name(family), fields(family, lang), family.from);
    }
    out
}

fn name(family: &Family) -> String {
    // A bar would end the cell.
    let bars = |which: &str| which.replace('|', "\\|");
    match family.which {
        Which::No => format!("`{}`", family.name),
        Which::Must(which) => format!("`{}[{}]`", family.name, bars(which)),
        Which::May(which) => format!("`{0}`, `{0}[{1}]`", family.name, bars(which)),
    }
}

fn fields(family: &Family, lang: Lang) -> String {
    let mut out = family.about.get(lang).to_owned();
    let mut first = true;
    for field in family.fields.iter().filter(|field| !field.name.is_empty() && field.name != "*") {
        out.push_str(if first { ": " } else { ", " });
        first = false;
        let _ = write!(out, "`{}`", field.name);
        let unit = field.unit.text();
        if !unit.en.is_empty() {
            let _ = write!(out, " ({})", unit.get(lang));
        }
    }
    if family.fields.iter().any(|field| field.name == "*") {
        out.push_str(match lang {
            Lang::Ko => "; 파일에 있는 이름은 무엇이든",
            Lang::En => "; any name the file has",
        });
    }
    out
}
