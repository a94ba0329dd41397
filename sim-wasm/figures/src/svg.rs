//! Writes SVG whose every colour is a class: the page's theme decides, and a change of theme needs
//! no new drawing.

use std::fmt::Write;

use crate::measure::PX;

/// Where a text is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// At its beginning.
    Start,
    /// At its middle.
    Middle,
    /// At its end.
    End,
}

/// An SVG fragment being written. Lengths are in tenths of a pixel ([`PX`]).
#[derive(Debug, Default)]
pub struct Svg {
    out: String,
}

/// A length as it is printed: one decimal at most, none when it is whole.
fn number(out: &mut String, tenths: i32) {
    let (whole, tenth) = (tenths.unsigned_abs() / 10, tenths.unsigned_abs() % 10);
    let sign = if tenths < 0 { "-" } else { "" };
    let _ = if tenth == 0 { write!(out, "{sign}{whole}") } else { write!(out, "{sign}{whole}.{tenth}") };
}

/// A text as it may stand between tags and in attributes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

impl Svg {
    /// An empty fragment.
    pub fn new() -> Svg {
        Svg::default()
    }

    /// Takes in what another fragment has written.
    pub fn raw(&mut self, fragment: &str) {
        self.out.push_str(fragment);
    }

    /// What was written.
    pub fn into_string(self) -> String {
        self.out
    }

    fn attribute(&mut self, name: &str, value: i32) {
        self.out.push(' ');
        self.out.push_str(name);
        self.out.push_str("=\"");
        number(&mut self.out, value);
        self.out.push('"');
    }

    fn element(&mut self, name: &str, class: &str, attributes: &[(&str, i32)]) {
        let _ = write!(self.out, "<{name} class=\"{class}\"");
        for (name, value) in attributes {
            self.attribute(name, *value);
        }
        self.out.push_str("/>");
    }

    /// Opens a group; close it with [`Svg::close`].
    pub fn group(&mut self, class: &str) {
        let _ = write!(self.out, "<g class=\"{class}\">");
    }

    /// Opens a group whose origin lies at a point.
    pub fn group_at(&mut self, class: &str, x: i32, y: i32) {
        let _ = write!(self.out, "<g class=\"{class}\" transform=\"translate(");
        number(&mut self.out, x);
        self.out.push(' ');
        number(&mut self.out, y);
        self.out.push_str(")\">");
    }

    /// Closes the last group.
    pub fn close(&mut self) {
        self.out.push_str("</g>");
    }

    /// A rectangle with corners rounded by `r`.
    pub fn rect(&mut self, class: &str, x: i32, y: i32, w: i32, h: i32, r: i32) {
        if r == 0 {
            self.element("rect", class, &[("x", x), ("y", y), ("width", w), ("height", h)]);
        } else {
            self.element("rect", class, &[("x", x), ("y", y), ("width", w), ("height", h), ("rx", r)]);
        }
    }

    /// A straight line.
    pub fn line(&mut self, class: &str, from: (i32, i32), to: (i32, i32)) {
        self.element("line", class, &[("x1", from.0), ("y1", from.1), ("x2", to.0), ("y2", to.1)]);
    }

    /// A circle.
    pub fn circle(&mut self, class: &str, x: i32, y: i32, r: i32) {
        self.element("circle", class, &[("cx", x), ("cy", y), ("r", r)]);
    }

    /// A path through points, closed or not. Nothing for fewer than two points.
    pub fn path(&mut self, class: &str, points: &[(i32, i32)], closed: bool) {
        if points.len() < 2 {
            return;
        }
        let _ = write!(self.out, "<path class=\"{class}\" d=\"");
        self.path_data(points, closed);
        self.out.push_str("\"/>");
    }

    /// Relative moves: shorter, and equal lines give equal bytes wherever they begin.
    fn path_data(&mut self, points: &[(i32, i32)], closed: bool) {
        self.out.push('M');
        number(&mut self.out, points[0].0);
        self.out.push(' ');
        number(&mut self.out, points[0].1);
        for pair in points.windows(2) {
            let (dx, dy) = (pair[1].0 - pair[0].0, pair[1].1 - pair[0].1);
            match (dx, dy) {
                (0, 0) => {}
                (dx, 0) => {
                    self.out.push('h');
                    number(&mut self.out, dx);
                }
                (0, dy) => {
                    self.out.push('v');
                    number(&mut self.out, dy);
                }
                (dx, dy) => {
                    self.out.push('l');
                    number(&mut self.out, dx);
                    self.out.push(' ');
                    number(&mut self.out, dy);
                }
            }
        }
        if closed {
            self.out.push('z');
        }
    }

    /// A text whose baseline runs through `y`.
    pub fn text(&mut self, class: &str, anchor: Anchor, x: i32, y: i32, text: &str) {
        let _ = write!(self.out, "<text class=\"{class}\"");
        self.attribute("x", x);
        self.attribute("y", y);
        match anchor {
            Anchor::Start => {}
            Anchor::Middle => self.out.push_str(" text-anchor=\"middle\""),
            Anchor::End => self.out.push_str(" text-anchor=\"end\""),
        }
        let _ = write!(self.out, ">{}</text>", escape(text));
    }

    /// The whole picture around this fragment, with what a screen reader says of it.
    pub fn document(self, id: &str, class: &str, size: (i32, i32), lang: &str, title: &str, desc: &str) -> String {
        let (w, h) = (size.0 / PX, size.1 / PX);
        let (id, title, desc) = (escape(id), escape(title), escape(desc));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"{class}\" id=\"{id}\" viewBox=\"0 0 {w} {h}\" \
             width=\"{w}\" height=\"{h}\" lang=\"{lang}\" role=\"img\" aria-labelledby=\"{id}-t {id}-d\">\
             <title id=\"{id}-t\">{title}</title><desc id=\"{id}-d\">{desc}</desc>{}</svg>\n",
            self.out
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_printed_without_floating_point() {
        for (tenths, want) in [(0, "0"), (10, "1"), (-10, "-1"), (3, "0.3"), (-3, "-0.3"), (-1234, "-123.4")] {
            let mut out = String::new();
            number(&mut out, tenths);
            assert_eq!(out, want);
        }
    }

    #[test]
    fn markup_in_texts_stays_text() {
        let mut svg = Svg::new();
        svg.text("a", Anchor::End, 0, 5, "a<b & \"c\"");
        assert_eq!(
            svg.into_string(),
            "<text class=\"a\" x=\"0\" y=\"0.5\" text-anchor=\"end\">a&lt;b &amp; &quot;c&quot;</text>"
        );
    }

    #[test]
    fn a_path_moves_as_little_as_it_can() {
        let mut svg = Svg::new();
        svg.path("p", &[(0, 0), (15, 0), (15, -20), (15, -20), (25, 5)], true);
        svg.path("p", &[(0, 0)], false);
        assert_eq!(svg.into_string(), "<path class=\"p\" d=\"M0 0h1.5v-2l1 2.5z\"/>");
    }
}
