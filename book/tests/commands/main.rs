//! What the text prints is what a machine prints: every command that a page marks with `run` is typed
//! in, and the shape of its output compared; every kernel name in the text exists. Run by
//! `cargo book test`, on Linux.

mod names;
mod shape;
mod shell;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command as Process;
use std::sync::OnceLock;

use serde_json::Value;
use shell::Typed;

/// What `cargo book commands` says of the text.
fn listing() -> &'static Value {
    static LISTING: OnceLock<Value> = OnceLock::new();
    LISTING.get_or_init(|| {
        let output = Process::new(env!("CARGO_BIN_EXE_book")).arg("commands").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).unwrap()
    })
}

/// The pages of a language, each with its blocks.
fn pages(lang: &str) -> impl Iterator<Item = (&'static str, &'static Vec<Value>)> {
    let pages = listing()["pages"][lang].as_object().unwrap();
    pages.iter().map(|(page, blocks)| (page.as_str(), blocks.as_array().unwrap()))
}

/// A command that is typed in, with what the page says it prints.
struct Asked {
    place: String,
    output: &'static str,
    wanted: Vec<&'static str>,
    typed: Typed,
}

/// The commands of a page by the shell they are typed into: the room, and whether root types.
fn asked(page: &str, blocks: &'static [Value]) -> BTreeMap<(Option<&'static str>, bool), Vec<Asked>> {
    let mut shells: BTreeMap<_, Vec<Asked>> = BTreeMap::new();
    for block in blocks {
        let run = &block["fence"]["mark"]["run"];
        if !run.is_object() {
            continue;
        }
        let room = run["room"].as_str();
        for command in block["commands"].as_array().unwrap() {
            let mut text = command["text"].as_str().unwrap().to_owned();
            if let Some([from, to]) = run["with"].as_array().map(Vec::as_slice) {
                text = text.replace(from.as_str().unwrap(), to.as_str().unwrap());
            }
            let place = format!("book/ko/{page}:{}: {}", block["line"], command["text"].as_str().unwrap());
            let root = room.is_some() || command["root"] == true;
            let wanted = command["output"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
            let typed = Typed::on_this_machine(text);
            shells.entry((room, root)).or_default().push(Asked {
                place,
                output: run["output"].as_str().unwrap(),
                wanted,
                typed,
            });
        }
    }
    shells
}

#[test]
fn the_text_prints_what_a_machine_prints() {
    let (mut wrong, mut ran, mut left) = (Vec::new(), 0, Vec::new());
    let pages: Vec<_> = pages("ko").collect();
    // A page's shells are typed into one after the other, so that a file of one is there for the next;
    // the pages have nothing to do with each other.
    let outcomes: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = pages.iter().map(|(page, blocks)| scope.spawn(|| of_page(page, blocks))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    for outcome in outcomes {
        wrong.extend(outcome.wrong);
        left.extend(outcome.left);
        ran += outcome.ran;
    }
    println!("{ran} commands typed in");
    for (place, why) in &left {
        println!("not typed in: {place} ({why})");
    }
    let ci = std::env::var("CI").is_ok_and(|value| !matches!(value.as_str(), "" | "0" | "false"));
    assert!(!ci || left.is_empty(), "with CI set nothing is left out: {left:#?}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(ran + left.len() > 60, "the text has more commands than {ran}");
}

/// What came of a page's commands.
#[derive(Default)]
struct Outcome {
    wrong: Vec<String>,
    left: Vec<(String, String)>,
    ran: usize,
}

fn of_page(page: &str, blocks: &'static [Value]) -> Outcome {
    let mut outcome = Outcome::default();
    let folder = shell::folder();
    for block in blocks {
        if let Some(file) = block["fence"]["file"].as_str() {
            shell::put(folder.path(), file, block["text"].as_str().unwrap());
        }
    }
    for ((room, root), all) in asked(page, blocks) {
        let (ready, unready): (Vec<_>, Vec<_>) = all.into_iter().partition(|asked| asked.typed.lacks.is_none());
        outcome.left.extend(unready.into_iter().map(|asked| (asked.place, asked.typed.lacks.unwrap_or_default())));
        let texts: Vec<_> = ready.iter().map(|asked| asked.typed.text.as_str()).collect();
        match shell::type_in(folder.path(), room, root, &texts) {
            Err(why) => outcome.left.extend(ready.into_iter().map(|asked| (asked.place, why.clone()))),
            Ok(printed) => {
                for (asked, printed) in ready.iter().zip(printed) {
                    outcome.ran += 1;
                    if let Err(why) = fits(asked, &printed) {
                        outcome.wrong.push(format!(
                            "{}\n{why}\nit printed:\n{}",
                            asked.place,
                            shape::first(&printed.text, 40)
                        ));
                    }
                }
            }
        }
    }
    outcome
}

fn fits(asked: &Asked, printed: &shell::Printed) -> Result<(), String> {
    if printed.status == Some(127) || printed.status.is_none() {
        return Err(format!("ended with {:?}", printed.status));
    }
    match asked.output {
        "any" if printed.status == Some(0) && !printed.text.trim().is_empty() => Ok(()),
        "any" => Err(format!("ended with {:?} or printed nothing", printed.status)),
        "exact" if printed.text.lines().eq(asked.wanted.iter().copied()) => Ok(()),
        "exact" => Err("is not to the letter what the page prints".into()),
        _ => shape::compare(&asked.wanted, &printed.text),
    }
}

#[test]
fn both_languages_type_the_same() {
    let en: BTreeMap<_, _> = pages("en").collect();
    for (page, blocks) in pages("ko") {
        let twins = en.get(page).unwrap_or_else(|| panic!("{page} has no English twin"));
        let typed = |blocks: &[Value]| -> Vec<Value> {
            blocks.iter().flat_map(|block| block["commands"].as_array().unwrap()).map(|c| c["root"].clone()).collect()
        };
        let marks = |blocks: &[Value]| -> Vec<Value> {
            blocks.iter().map(|block| block["fence"]["mark"]["run"].clone()).collect()
        };
        assert_eq!(typed(blocks), typed(twins), "{page}");
        assert_eq!(marks(blocks), marks(twins), "{page}");
    }
}

#[test]
fn every_room_is_needed() {
    let blocks = pages("ko").flat_map(|(_, blocks)| blocks);
    let used: BTreeSet<_> =
        blocks.filter_map(|block| block["fence"]["mark"]["run"]["room"].as_str()).map(str::to_owned).collect();
    let there: BTreeSet<_> = shell::rooms().into_iter().collect();
    assert_eq!(used, there);
}
