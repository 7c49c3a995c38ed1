//! Text from outside on one line, harmless wherever it is shown.

/// White space is one space, and characters that cannot be seen, or that turn the direction of what follows,
/// are gone.
pub fn one_line(text: &str) -> String {
    let hidden = |c: char| matches!(c, '\u{AD}' | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}');
    let spaced: String = text
        .chars()
        .filter(|c| !hidden(*c))
        .map(|c| if c.is_control() || c.is_whitespace() { ' ' } else { c })
        .collect();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn what_cannot_be_seen_is_gone() {
        assert_eq!(one_line(" Ü, Dr.\r\nBcc: x@y\u{0} \u{202E}txt\u{2028}"), "Ü, Dr. Bcc: x@y txt");
        assert_eq!(one_line("محمد\u{200F} علي"), "محمد علي");
        assert_eq!(one_line("\u{200B}\t"), "");
    }
}
