//! Arithmetic in whole numbers that a processor has no instruction for.

/// `a * b / c`, as if in unlimited width; what does not fit 64 bits in the end is cut off at the top,
/// and division by nothing gives nothing. Where the product fits, which is nearly always, this costs
/// a fraction of what 128 bits cost, above all in WASM.
pub const fn mul_div(a: u64, b: u64, c: u64) -> u64 {
    if c == 0 {
        return 0;
    }
    if a.leading_zeros() + b.leading_zeros() >= u64::BITS { a * b / c } else { wide(a, b, c) }
}

/// [`mul_div`], rounded up; what does not fit 64 bits is the most that does.
pub const fn mul_div_ceil(a: u64, b: u64, c: u64) -> u64 {
    if c == 0 {
        return 0;
    }
    if a.leading_zeros() + b.leading_zeros() >= u64::BITS {
        return (a * b).div_ceil(c);
    }
    let wide = (a as u128 * b as u128).div_ceil(c as u128);
    if wide > u64::MAX as u128 { u64::MAX } else { wide as u64 }
}

#[cold]
const fn wide(a: u64, b: u64, c: u64) -> u64 {
    (a as u128 * b as u128 / c as u128) as u64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{mul_div, mul_div_ceil};

    proptest! {
        #[test]
        fn it_is_the_wide_product_divided(a: u64, b: u64, c in 1_u64.., shift in 0_u32..64) {
            let a = a >> shift;
            for (a, b) in [(a, b), (b >> (63 - shift), a), (a, 1_000_000_000)] {
                let want = (u128::from(a) * u128::from(b) / u128::from(c)) as u64;
                prop_assert_eq!(mul_div(a, b, c), want);
                let up = (u128::from(a) * u128::from(b)).div_ceil(u128::from(c));
                prop_assert_eq!(mul_div_ceil(a, b, c), u64::try_from(up).unwrap_or(u64::MAX));
            }
        }
    }
}
