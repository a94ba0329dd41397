//! What plotters draws on: its colours carry a pen's number, its units are tenths of a pixel, and
//! out comes SVG with classes.

use std::convert::Infallible;

use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    text_anchor::{HPos, VPos},
};

use crate::measure;
use crate::style::{FONT, Pen};
use crate::svg::{Anchor, Svg};

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// A drawing area of plotters over an [`Svg`].
pub struct Backend<'a> {
    svg: &'a mut Svg,
    size: (u32, u32),
}

impl<'a> Backend<'a> {
    /// An area of that many tenths of a pixel.
    pub fn new(svg: &'a mut Svg, size: (i32, i32)) -> Backend<'a> {
        Backend { svg, size: (size.0.max(1) as u32, size.1.max(1) as u32) }
    }
}

fn class(color: BackendColor) -> &'static str {
    Pen::from_code(color.rgb.0).class()
}

fn fill_class(color: BackendColor) -> &'static str {
    Pen::from_code(color.rgb.0).fill_class()
}

impl DrawingBackend for Backend<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        self.svg.rect(fill_class(color), point.0, point.1, 1, 1, 0);
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.svg.line(class(style.color()), from, to);
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S, fill: bool) -> Drawn {
        let class = if fill { fill_class(style.color()) } else { class(style.color()) };
        let (x, y) = (from.0.min(to.0), from.1.min(to.1));
        self.svg.rect(class, x, y, (to.0 - from.0).abs(), (to.1 - from.1).abs(), 0);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, path: I, style: &S) -> Drawn {
        let points: Vec<_> = path.into_iter().collect();
        self.svg.path(class(style.color()), &points, false);
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(&mut self, center: BackendCoord, radius: u32, style: &S, fill: bool) -> Drawn {
        let class = if fill { fill_class(style.color()) } else { class(style.color()) };
        self.svg.circle(class, center.0, center.1, radius as i32);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(&mut self, vert: I, style: &S) -> Drawn {
        let points: Vec<_> = vert.into_iter().collect();
        self.svg.path(fill_class(style.color()), &points, true);
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, pos: BackendCoord) -> Drawn {
        let anchor = match style.anchor().h_pos {
            HPos::Left => Anchor::Start,
            HPos::Center => Anchor::Middle,
            HPos::Right => Anchor::End,
        };
        // A baseline a third of the size below the middle centres digits and Hangul alike.
        let baseline = match style.anchor().v_pos {
            VPos::Top => FONT * 9,
            VPos::Center => FONT * 7 / 2,
            VPos::Bottom => -FONT * 2,
        };
        self.svg.text("f-t", anchor, pos.0, pos.1 + baseline, text);
        Ok(())
    }

    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        text: &str,
        _style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        Ok((measure::width(text, FONT) as u32, (FONT * measure::PX) as u32))
    }
}
