//! Puts a drawing in the place of the last one and touches only what differs.
//!
//! A browser takes longer to read a picture of a few hundred elements and lay it out than the model
//! takes to compute it. While a reader scrubs, most of a picture stays: here two texts of one drawing
//! are compared element by element, and the page is told of the differences.
//!
//! The texts are those of [`sim_figures`]: no white space between elements, no `>` inside of a tag.

use web_sys::Element;

/// One thing that differs: where, by the places of the elements on the way down, and what.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Edit<'a> {
    path: Vec<u32>,
    what: What<'a>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What<'a> {
    /// An attribute has this value.
    Attribute(&'a str, &'a str),
    /// All that is inside of the element is this.
    Inside(&'a str),
    /// The element itself is this.
    Whole(&'a str),
}

/// Shows a drawing in an element that nobody else writes into; `shown` is what was shown last.
pub fn show(host: &Element, shown: &mut String, drawing: String) {
    if *shown == drawing {
        return;
    }
    let edits = (!shown.is_empty()).then(|| differences(shown, &drawing)).flatten();
    let done = edits.is_some_and(|edits| edits.into_iter().all(|edit| apply(host, edit).is_some()));
    if !done {
        host.set_inner_html(&drawing);
    }
    *shown = drawing;
}

fn apply(host: &Element, Edit { path, what }: Edit<'_>) -> Option<()> {
    let mut element = host.first_element_child()?;
    for place in path {
        element = element.children().item(place)?;
    }
    match what {
        What::Attribute(name, value) => return element.set_attribute(name, value).ok(),
        What::Whole(html) => element.set_outer_html(html),
        // Text is no markup: the browser need not read it.
        What::Inside(text) if !text.contains(['<', '&']) => element.set_text_content(Some(text)),
        What::Inside(html) => element.set_inner_html(html),
    }
    Some(())
}

/// What differs between two drawings; nothing where they are not alike enough to say.
fn differences<'a>(old: &str, new: &'a str) -> Option<Vec<Edit<'a>>> {
    let (old, new) = (first(old.trim_end())?, first(new.trim_end())?);
    let mut edits = Vec::new();
    (old.rest.is_empty() && new.rest.is_empty() && old.tag == new.tag).then_some(())?;
    inside(&mut Vec::new(), old.inner, new.inner, &mut edits);
    Some(edits)
}

fn inside<'a>(path: &mut Vec<u32>, old: &str, new: &'a str, edits: &mut Vec<Edit<'a>>) {
    if old == new {
        return;
    }
    let before = edits.len();
    let (mut old_rest, mut new_rest, mut place) = (old, new, 0);
    while let (Some(a), Some(b)) = (first(old_rest), first(new_rest)) {
        (old_rest, new_rest) = (a.rest, b.rest);
        path.push(place);
        if a.whole != b.whole {
            element(path, &a, &b, edits);
        }
        path.pop();
        place += 1;
    }
    // Elements more or fewer, or nothing but text: all of it anew. The same where nearly everything
    // differs, which the browser reads faster at one go.
    let uneven = !old_rest.is_empty() || !new_rest.is_empty();
    if uneven || edits.len() - before > 3 * place as usize {
        edits.truncate(before);
        edits.push(Edit { path: path.clone(), what: What::Inside(new) });
    }
}

fn element<'a>(path: &mut Vec<u32>, old: &Tag<'_>, new: &Tag<'a>, edits: &mut Vec<Edit<'a>>) {
    let before = edits.len();
    if old.tag != new.tag {
        let mut attributes = attributes(new.tag);
        let same_names = old.name == new.name
            && self::attributes(old.tag).all(|(name, was)| match attributes.next() {
                Some((new_name, value)) if new_name == name && !value.contains('&') => {
                    if value != was {
                        edits.push(Edit { path: path.clone(), what: What::Attribute(new_name, value) });
                    }
                    true
                }
                _ => false,
            });
        if !same_names || attributes.next().is_some() {
            edits.truncate(before);
            edits.push(Edit { path: path.clone(), what: What::Whole(new.whole) });
            return;
        }
    }
    inside(path, old.inner, new.inner, edits);
}

/// An element at the beginning of a text.
struct Tag<'a> {
    /// `rect`
    name: &'a str,
    /// `rect class="f-run" x="4"`, without a slash at its end.
    tag: &'a str,
    /// What lies between its tags.
    inner: &'a str,
    /// From the first `<` to the last `>`.
    whole: &'a str,
    /// What comes after it.
    rest: &'a str,
}

fn first(text: &str) -> Option<Tag<'_>> {
    let opened = text.strip_prefix('<')?;
    let end = opened.find('>')?;
    let tag = opened.get(..end)?;
    let after = opened.get(end + 1..)?;
    let (tag, inner, rest) = match tag.strip_suffix('/') {
        Some(tag) => (tag, "", after),
        None => {
            let (inner, rest) = closed(after)?;
            (tag, inner, rest)
        }
    };
    let name = tag.split(' ').next()?;
    Some(Tag { name, tag, inner, whole: text.get(..text.len() - rest.len())?, rest })
}

/// What lies before the tag that closes the element whose inside begins here, and what after it.
fn closed(text: &str) -> Option<(&str, &str)> {
    let (mut depth, mut at) = (0, 0);
    loop {
        let tag = at + text.get(at..)?.find('<')?;
        let end = tag + text.get(tag..)?.find('>')?;
        at = end + 1;
        if text.get(tag + 1..)?.starts_with('/') {
            if depth == 0 {
                return Some((text.get(..tag)?, text.get(at..)?));
            }
            depth -= 1;
        } else if !text.get(..end)?.ends_with('/') {
            depth += 1;
        }
    }
}

/// Names and values of a tag's attributes.
fn attributes(tag: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = tag;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(' ')?;
        let (name, after) = after.split_once("=\"")?;
        let (value, after) = after.split_once('"')?;
        rest = after;
        Some((name, value))
    })
}

#[cfg(test)]
mod tests {
    use sim_core::Lang;
    use sim_figures::View;

    use super::*;
    use crate::simulators::Kind;

    #[test]
    fn only_what_differs_is_told() {
        let svg = |inside: &str| format!("<svg id=\"a\">{inside}</svg>\n");
        let base = "<title>t</title><g class=\"x\"><rect x=\"1\" y=\"2\"/><text x=\"5\">one</text></g><g class=\"y\"/>";
        for (new, want) in [
            (base, "[]"),
            (&*base.replace("x=\"1\"", "x=\"9\""), "[Edit { path: [1, 0], what: Attribute(\"x\", \"9\") }]"),
            (&*base.replace("one", "two"), "[Edit { path: [1, 1], what: Inside(\"two\") }]"),
            (&*base.replace(">t<", ">a&amp;b<"), "[Edit { path: [0], what: Inside(\"a&amp;b\") }]"),
            (
                &*base.replace("rect", "path"),
                "[Edit { path: [1, 0], what: Whole(\"<path x=\\\"1\\\" y=\\\"2\\\"/>\") }]",
            ),
            (
                &*base.replace("y=\"2\"", "r=\"2\""),
                "[Edit { path: [1, 0], what: Whole(\"<rect x=\\\"1\\\" r=\\\"2\\\"/>\") }]",
            ),
            (
                &*base.replace("<rect x=\"1\" y=\"2\"/>", ""),
                "[Edit { path: [1], what: Inside(\"<text x=\\\"5\\\">one</text>\") }]",
            ),
        ] {
            let (old, new) = (svg(base), svg(new));
            let edits = differences(&old, &new).expect("alike enough");
            assert_eq!(format!("{edits:?}"), want, "{new}");
        }
        let other = svg(base).replace("id=\"a\"", "id=\"b\"");
        assert_eq!(differences(&svg(base), &other), None);
        for broken in ["", "<svg", "<svg>", "text", "<svg></svg><svg></svg>"] {
            assert_eq!(differences(&svg(base), broken), None, "{broken:?}");
        }
    }

    /// Does to a text what a browser does to its elements.
    fn patched(old: &str, edits: &[Edit<'_>]) -> String {
        fn at<'t>(text: &'t str, path: &[u32]) -> Tag<'t> {
            let mut tag = first(text).expect("an element");
            for place in path {
                let mut inner = tag.inner;
                for _ in 0..*place {
                    inner = first(inner).expect("an element").rest;
                }
                tag = first(inner).expect("an element");
            }
            tag
        }
        let mut text = old.trim_end().to_owned();
        for Edit { path, what } in edits {
            let place = at(&text, path);
            let from = place.whole.as_ptr() as usize - text.as_ptr() as usize;
            let new = match what {
                What::Whole(html) => (*html).to_owned(),
                What::Inside(html) => format!("<{}>{html}</{}>", place.tag, place.name),
                What::Attribute(name, value) => {
                    let was = attributes(place.tag).find(|(known, _)| known == name).expect("an attribute").1;
                    let (was, value) = (format!(" {name}=\"{was}\""), format!(" {name}=\"{value}\""));
                    place.whole.replacen(&was, &value, 1)
                }
            };
            let until = from + place.whole.len();
            text.replace_range(from..until, &new);
        }
        text
    }

    /// Every widget's drawings at many moments: patched, each is what it would be drawn anew.
    #[test]
    fn a_patched_drawing_is_the_drawing() {
        for kind in sim_core::catalogue().iter().filter_map(|entry| Kind::find(entry.name)) {
            for preset in (kind.entry.presets)() {
                let made =
                    kind.drawing.making((kind.entry.start)(&preset.scenario).expect("presets can be run")).whole();
                let mut shown = [String::new(), String::new()];
                for part in [0, 50, 7, 33, 33, 20, 49, 1, 60] {
                    let state = made.tape.at(made.tape.ends / 60 * part);
                    let view = View { id: "p", width: 720, lang: Lang::Ko };
                    let new = [made.scene.picture(&*state, &view), made.scene.chart(&*state).svg(&view)];
                    for (shown, new) in shown.iter_mut().zip(new) {
                        if !shown.is_empty() {
                            let edits = differences(shown, &new).expect("alike enough");
                            assert_eq!(patched(shown, &edits), new.trim_end(), "{} {part}", preset.name);
                        }
                        *shown = new;
                    }
                }
            }
        }
    }
}
