//! Where the texts of a drawing stand, by estimate.

/// Left and right edge of every text, tenths of a pixel.
pub fn extents(svg: &str) -> Vec<(i32, i32, String)> {
    let tenths = |text: &str| (text.parse::<f64>().expect("a number") * 10.0) as i32;
    let attribute = |tag: &str, name: &str| {
        let start = tag.find(&format!(" {name}=\""))? + name.len() + 3;
        Some(tag[start..].split('"').next()?.to_owned())
    };
    let mut moved: Vec<i32> = Vec::new();
    let mut texts = Vec::new();
    for piece in svg.split('<') {
        let Some((tag, text)) = piece.split_once('>') else { continue };
        if tag.starts_with("g ") {
            let by =
                tag.split("translate(").nth(1).map_or(0, |rest| tenths(rest.split(' ').next().expect("two numbers")));
            moved.push(moved.last().copied().unwrap_or(0) + by);
        } else if tag == "/g" {
            moved.pop();
        } else if tag.starts_with("text ") {
            let x = tenths(&attribute(tag, "x").expect("an x")) + moved.last().copied().unwrap_or(0);
            let class = attribute(tag, "class").expect("a class");
            let size = if class.contains("f-big") {
                18
            } else if class.contains("f-sm") {
                12
            } else {
                13
            };
            let width = sim_figures::measure::width(text, size);
            let left = match attribute(tag, "text-anchor").as_deref() {
                Some("middle") => x - width / 2,
                Some("end") => x - width,
                _ => x,
            };
            texts.push((left, left + width, text.to_owned()));
        }
    }
    texts
}
