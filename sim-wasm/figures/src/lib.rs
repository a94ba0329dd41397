//! The pictures and charts of the simulators, as SVG that takes its colours from the page.
