//! Decimal figures in and out of floating point.
//!
//! The standard library does this for any number there is, with tables and code that weigh more in
//! a page than a model. The figures of the workbook have a few digits, and for those this gives
//! the same.

/// Reads `12`, `-0.63` or `1e3`; nothing else, and no infinities. Exact up to 15 digits with an
/// exponent of at most 22.
pub fn parse(text: &str) -> Option<f64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1.0, digits),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    let (digits, exponent) = match digits.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, exponent.parse::<i16>().ok()?),
        None => (digits, 0),
    };
    let mut exponent = i32::from(exponent);
    let (mut mantissa, mut any, mut point) = (0_u64, false, false);
    for byte in digits.bytes() {
        match byte {
            b'.' if !point => point = true,
            b'0'..=b'9' => {
                any = true;
                // Digits that no longer fit only count.
                if mantissa < u64::MAX / 10 - 1 {
                    mantissa = mantissa * 10 + u64::from(byte - b'0');
                    exponent -= i32::from(point);
                } else {
                    exponent += i32::from(!point);
                }
            }
            _ => return None,
        }
    }
    let mut value = mantissa as f64;
    // More places than a number has: nothing is left, or too much.
    for _ in 0..exponent.unsigned_abs().min(700) / 22 {
        value = if exponent < 0 { value / 1e22 } else { value * 1e22 };
    }
    let rest = power_of_ten(exponent.unsigned_abs().min(700) % 22);
    value = if exponent < 0 { value / rest } else { value * rest };
    (any && value.is_finite()).then_some(sign * value)
}

/// Exact up to 22.
fn power_of_ten(n: u32) -> f64 {
    (0..n).fold(1.0, |power, _| power * 10.0)
}

/// A number with a fixed number of decimals, `fixed(0.625, 2)` is `0.63`; half is rounded away
/// from zero. What does not fit 128 bits is shown as the largest that does.
pub fn fixed(value: f64, places: u32) -> String {
    let scale = 10_u128.pow(places);
    let scaled = (value.abs() * scale as f64).round() as u128;
    let sign = if value < 0.0 && scaled > 0 { "-" } else { "" };
    let whole = scaled / scale;
    if places == 0 {
        return format!("{sign}{whole}");
    }
    let mut text = format!("{sign}{whole}.");
    let part = (scaled % scale).to_string();
    text.extend(std::iter::repeat_n('0', places as usize - part.len()));
    text + &part
}

/// A number with as many decimals as it needs, at most six.
pub fn plain(value: f64) -> String {
    let text = fixed(value, 6);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_figures_are_read() {
        for text in
            ["", "-", ".", "1.2.3", "nan", "inf", "1e", "1e999", "0x1", " 1", "1 ", "1,5", "e5", "--1", "1e99999"]
        {
            assert_eq!(parse(text), None, "{text:?}");
        }
        for (text, want) in
            [("12", 12.0), ("-0.63", -0.63), ("+.5", 0.5), ("5.", 5.0), ("1e3", 1000.0), ("25E-2", 0.25)]
        {
            assert_eq!(parse(text), Some(want), "{text:?}");
        }
        assert_eq!(parse("1e-999"), Some(0.0));
        assert_eq!(parse("18446744073709551615"), Some(18_446_744_073_709_551_615.0));
    }

    #[test]
    fn figures_have_the_decimals_asked_for() {
        for (value, places, want) in [
            (0.0, 0, "0"),
            (2.5, 0, "3"),
            (-2.4, 0, "-2"),
            (-0.001, 2, "0.00"),
            (0.05, 1, "0.1"),
            (12.0, 3, "12.000"),
            (0.067, 2, "0.07"),
            (f64::NAN, 2, "0.00"),
        ] {
            assert_eq!(fixed(value, places), want, "{value} {places}");
        }
        for (value, want) in
            [(0.0, "0"), (600.0, "600"), (0.01, "0.01"), (-1.5, "-1.5"), (0.1 + 0.2, "0.3"), (1e15, "1000000000000000")]
        {
            assert_eq!(plain(value), want);
        }
    }

    proptest! {
        #[test]
        fn short_figures_are_read_as_the_standard_library_reads_them(whole in 0_u64..1_000_000_000, part in "[0-9]{1,6}") {
            let text = format!("{whole}.{part}");
            prop_assert_eq!(parse(&text), text.parse().ok());
        }

        #[test]
        fn what_is_printed_is_the_nearest(hundredths in -1_000_000_i64..1_000_000) {
            let value = hundredths as f64 / 100.0;
            prop_assert_eq!(parse(&fixed(value, 2)), Some(value));
            prop_assert_eq!(plain(value), value.to_string());
        }
    }
}
