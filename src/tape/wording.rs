//! How problems are worded: short quotations, lists of names, the closest known name.

/// The text in backticks: cut after 60 characters, control characters escaped.
pub(super) fn quoted(text: &str) -> String {
    format!("`{}`", shortened(text))
}

fn shortened(text: &str) -> String {
    const LIMIT: usize = 60;
    let mut short = String::new();
    for (count, character) in text.chars().enumerate() {
        if count == LIMIT {
            short.push('…');
            break;
        }
        match character.is_control() {
            true => short.extend(character.escape_default()),
            false => short.push(character),
        }
    }
    short
}

/// "`a`", or "one of `a`, `b`, `c`".
pub(super) fn one_of<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(quoted).collect();
    match names.as_slice() {
        [] => "nothing here".to_owned(),
        [only] => only.clone(),
        several => format!("one of {}", several.join(", ")),
    }
}

/// [`one_of`], and which of them is closest to `name`, if one is close.
pub(super) fn one_of_near(names: &[&str], name: &str) -> String {
    match closest(name, names) {
        Some(near) if names.len() > 1 => {
            format!("{} (closest {})", one_of(names.iter().copied()), quoted(near))
        }
        _ => one_of(names.iter().copied()),
    }
}

/// The candidate that `name` is probably a misspelling of: at most one edit in three characters away.
pub(super) fn closest<'a>(name: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let name: Vec<char> = name.to_lowercase().chars().take(65).collect();
    let allowed = (name.len() / 3).max(1);
    candidates
        .iter()
        .map(|&candidate| (edits(&name, &candidate.to_lowercase().chars().collect::<Vec<_>>()), candidate))
        .filter(|&(distance, _)| distance <= allowed && name.len() <= 64)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// Levenshtein distance, one row at a time; a swap of neighbours counts two.
fn edits(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, &x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, &y) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_name_is_suggested_only_when_close() {
        let names = ["coupon", "id", "original_balance"];
        assert_eq!(closest("copon", &names), Some("coupon"));
        assert_eq!(closest("Original_Balance", &names), Some("original_balance"));
        assert_eq!(closest("maturity", &names), None);
        assert_eq!(closest(&"x".repeat(4_000_000), &names), None);
        assert_eq!(
            one_of_near(&names, "copon"),
            "one of `coupon`, `id`, `original_balance` (closest `coupon`)"
        );
    }

    #[test]
    fn quotations_stay_short_and_printable() {
        assert_eq!(quoted("a\u{0}b"), "`a\\u{0}b`");
        assert_eq!(quoted(&"é".repeat(100)).chars().count(), 63);
    }
}
