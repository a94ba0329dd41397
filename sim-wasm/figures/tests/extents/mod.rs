//! Where the texts of a picture lie.

/// Left and right edge of every text, tenths of a pixel.
pub fn extents(svg: &str) -> Vec<(i32, i32, String)> {
    let attribute = |tag: &str, name: &str| {
        let rest = tag.split(&format!(" {name}=\"")).nth(1)?;
        Some(rest.split('"').next()?.to_owned())
    };
    let mut texts = Vec::new();
    for part in svg.split("<text").skip(1) {
        let (tag, rest) = part.split_once('>').expect("a tag");
        let text = rest.split("</text>").next().expect("a text");
        let x = (attribute(tag, "x").expect("an x").parse::<f64>().expect("a number") * 10.0) as i32;
        let class = attribute(tag, "class").unwrap_or_default();
        let size = if class.contains("f-xs") { 10 } else { 13 - i32::from(class.contains("f-sm")) };
        let width = sim_figures::measure::width(text, size);
        let left = match attribute(tag, "text-anchor").as_deref() {
            Some("middle") => x - width / 2,
            Some("end") => x - width,
            _ => x,
        };
        texts.push((left, left + width, text.to_owned()));
    }
    texts
}
