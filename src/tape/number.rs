//! Numbers and dates as written: exact or refused.

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

const DECIMALS: u32 = 10;
const LIMIT: Decimal = Decimal::from_parts(2_764_472_320, 232_830, 0, false, 0); // 10^15
const NUMBER: &str = "a number such as 1234.56";
const TOO_LONG: &str = "a number with at most 10 decimals";
const TOO_LARGE: &str = "a number of at most 10^15 in size";

/// The number that a text states, exactly: `0.0658` is 658/10,000 and no neighbour of it.
///
/// An optional sign, digits, an optional point with digits, an optional power of ten. The scale is kept:
/// `0.0650` has four decimals.
///
/// ```
/// use leasefall::tape::exact_decimal;
/// assert_eq!(exact_decimal("0.0658").unwrap().to_string(), "0.0658");
/// assert_eq!(exact_decimal("1.5e3").unwrap().to_string(), "1500");
/// assert!(exact_decimal("1,500").is_err());
/// ```
///
/// # Errors
/// What was expected instead, in words: the text is not a number, or it has more than ten decimals, or
/// it exceeds 10^15 in size.
pub fn exact_decimal(text: &str) -> Result<Decimal, &'static str> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        all => (false, all),
    };
    // The common case in one pass: at most 18 digits and no exponent.
    let (mut mantissa, mut point) = (0_i64, None);
    for (index, &byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' if index < 18 => mantissa = mantissa * 10 + i64::from(byte - b'0'),
            b'.' if point.is_none() && index > 0 && index + 1 < digits.len() => point = Some(index),
            _ => return long_decimal(text),
        }
    }
    if digits.is_empty() {
        return Err(NUMBER);
    }
    let scale = point.map_or(0, |index| digits.len() - index - 1) as u32;
    within_limits(Decimal::new(if negative { -mantissa } else { mantissa }, scale))
}

/// Exponents and long digit strings.
fn long_decimal(text: &str) -> Result<Decimal, &'static str> {
    if !is_number(text) {
        return Err(complaint(text));
    }
    let (base, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    // Zeros at either end do not count as digits.
    let (sign, magnitude) = match base.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", base.trim_start_matches('+')),
    };
    let (whole, fraction) = magnitude.split_once('.').unwrap_or((magnitude, ""));
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    if whole.is_empty() && fraction.is_empty() {
        return Ok(Decimal::ZERO);
    }
    let digits = format!("{sign}{whole}{fraction}");
    let mantissa: i128 = match digits.len() {
        0..=38 => digits.parse().map_err(|_| NUMBER)?,
        _ if fraction.len() > DECIMALS as usize => return Err(TOO_LONG),
        _ => return Err(TOO_LARGE),
    };
    let shift = fraction.len() as i128 - exponent.parse::<i32>().map(i128::from).or(Err(TOO_LARGE))?;
    scaled(mantissa, shift)
}

/// mantissa / 10^scale.
fn scaled(mut mantissa: i128, mut scale: i128) -> Result<Decimal, &'static str> {
    while scale > 0 && mantissa % 10 == 0 {
        (mantissa, scale) = (mantissa / 10, scale - 1);
    }
    if scale > i128::from(DECIMALS) {
        return Err(TOO_LONG);
    }
    while scale < 0 {
        mantissa = mantissa.checked_mul(10).ok_or(TOO_LARGE)?;
        scale += 1;
    }
    within_limits(Decimal::try_from_i128_with_scale(mantissa, scale as u32).or(Err(TOO_LARGE))?)
}

fn within_limits(number: Decimal) -> Result<Decimal, &'static str> {
    if number.scale() > DECIMALS && number.normalize().scale() > DECIMALS {
        Err(TOO_LONG)
    } else if number.abs() > LIMIT {
        Err(TOO_LARGE)
    } else {
        Ok(number)
    }
}

/// sign? digits ( "." digits )? ( [eE] sign? digits )?
fn is_number(text: &str) -> bool {
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let unsigned = |part: &str| digits(part.strip_prefix(['+', '-']).unwrap_or(part));
    let (base, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = base.split_once('.').unwrap_or((base, "0"));
    unsigned(whole) && digits(fraction) && unsigned(exponent)
}

/// Why a text is not a number, where the reason is a habit of spreadsheets.
fn complaint(text: &str) -> &'static str {
    let bare = text.trim_start_matches(['+', '-']).to_ascii_lowercase();
    if ["nan", "inf", "infinity"].contains(&bare.as_str()) {
        "a finite number"
    } else if text.contains(',') && text.chars().all(|c| !c.is_alphabetic()) {
        "a number without thousands separators, with a point before its decimals"
    } else if text.ends_with('%') {
        "a fraction (0.05 for 5%)"
    } else if text.starts_with(['$', '€', '£', '¥']) {
        "a number without a currency sign"
    } else {
        NUMBER
    }
}

/// The date that a text states as `YYYY-MM-DD`, in the years 1900 to 2199.
///
/// # Errors
/// What was expected instead, in words.
pub fn exact_date(text: &str) -> Result<NaiveDate, &'static str> {
    const DATE: &str = "a date as YYYY-MM-DD";
    let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else { return Err(DATE) };
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0_u32, |sum, d| d.is_ascii_digit().then(|| sum * 10 + u32::from(d - b'0')))
    };
    let year = number(&[y1, y2, y3, y4]).ok_or(DATE)?;
    let (month, day) = (number(&[m1, m2]).ok_or(DATE)?, number(&[d1, d2]).ok_or(DATE)?);
    let date =
        NaiveDate::from_ymd_opt(year as i32, month, day).ok_or("a day of the calendar, as YYYY-MM-DD")?;
    if (1900..2200).contains(&date.year()) { Ok(date) } else { Err("a date in the years 1900 to 2199") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_limit_is_ten_to_the_fifteenth() {
        assert_eq!(LIMIT, Decimal::from(10_i64.pow(15)));
        assert!(exact_decimal("1000000000000000").is_ok());
        assert_eq!(exact_decimal("-1000000000000000.0000000001"), Err(TOO_LARGE));
    }

    #[test]
    fn exact_or_refused() {
        for (text, plain) in [
            ("0.0650", "0.0650"),
            ("+5", "5"),
            ("007", "7"),
            ("1.5e3", "1500"),
            ("25E-4", "0.0025"),
            ("0.500000000000000000000000000000000000000000000000", "0.5"),
            ("100000000000000000000e-10", "10000000000"),
            ("0e999999999", "0"),
            ("000000000000000000000000000000000000000000000000001", "1"),
        ] {
            assert_eq!(exact_decimal(text).map(|d| d.to_string()).as_deref(), Ok(plain), "{text}");
        }
        let thousands = "a number without thousands separators, with a point before its decimals";
        for (text, expected) in [
            ("0.12345678901", TOO_LONG),
            ("1e-11", TOO_LONG),
            ("0.1000000000000000055511151231257827", TOO_LONG),
            ("1e16", TOO_LARGE),
            ("1e99999999999", TOO_LARGE),
            ("nan", "a finite number"),
            ("-INF", "a finite number"),
            ("1,500", thousands),
            ("5%", "a fraction (0.05 for 5%)"),
            ("$5", "a number without a currency sign"),
            ("1_000", NUMBER),
            ("", NUMBER),
            ("-", NUMBER),
            (".5", NUMBER),
            ("5.", NUMBER),
            ("1.2.3", NUMBER),
            ("1e", NUMBER),
            ("١", NUMBER),
        ] {
            assert_eq!(exact_decimal(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn dates() {
        assert_eq!(exact_date("2024-02-29"), Ok(NaiveDate::from_ymd_opt(2024, 2, 29).unwrap()));
        for text in
            ["2023-02-29", "2024-2-9", "29/02/2024", "9999-01-01", "2024-02-29T00:00:00", "20é4-02-2", ""]
        {
            assert!(exact_date(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_number_keeps_its_text(mantissa in -10_i64.pow(15)..10_i64.pow(15), scale in 0_u32..=10) {
            let text = Decimal::new(mantissa, scale).to_string();
            prop_assert_eq!(exact_decimal(&text).unwrap().to_string(), text.clone());
            // The slow path agrees with the fast one.
            prop_assert_eq!(exact_decimal(&format!("{text}e0")), exact_decimal(&text));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}", numeric in "[-+]?[0-9]{0,45}[.]?[0-9]{0,45}([eE][-+]?[0-9]{0,12})?") {
            let _ = (exact_decimal(&text), exact_decimal(&numeric), exact_date(&text));
        }
    }
}
