//! How figures are compared.

/// One element a line, so that a change can be read.
pub fn readable(svg: &str) -> String {
    svg.replace("><", ">\n<")
}
