//! A letter as plain text: complete, lines of at most 76 characters.

use super::words::Wording;

/// Longest line; RFC 5322 asks for no more than 78.
const WIDTH: usize = 76;

/// The letter as text.
pub(super) fn text(wording: &Wording) -> String {
    let mut blocks = vec![wording.greeting.clone()];
    blocks.extend(wording.paragraphs.iter().map(|paragraph| wrapped(paragraph)));
    if !wording.details.is_empty() {
        let lines = wording.details.iter().map(|(label, value)| wrapped(&format!("{label}: {value}")));
        blocks.push(lines.collect::<Vec<_>>().join("\n"));
    }
    if let Some((action, link)) = &wording.link {
        // On a line of its own and never broken, so that it can be followed.
        blocks.push(format!("{action}:\n{link}"));
    }
    blocks.extend(wording.further.iter().map(|(words, link)| format!("{words}:\n{link}")));
    let mut foot: Vec<String> = wording.foot.iter().map(|line| wrapped(line)).collect();
    foot.extend(wording.settings.iter().map(|(words, link)| format!("{words}:\n{link}")));
    foot.extend(wording.way_out.iter().map(|(words, link)| format!("{words}:\n{link}")));
    blocks.push(format!("--\n{}\n", foot.join("\n")));
    blocks.join("\n\n")
}

/// Breaks lines between words.
fn wrapped(text: &str) -> String {
    let (mut lines, mut line, mut length) = (Vec::new(), String::new(), 0);
    for word in text.split_whitespace() {
        let more = word.chars().count();
        if length > 0 && length + 1 + more > WIDTH {
            lines.push(std::mem::take(&mut line));
            length = 0;
        }
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        line.push_str(word);
        length += more;
    }
    lines.push(line);
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn lines_are_broken_between_words() {
        let text = "kata ".repeat(40);
        let lines = wrapped(&text);
        assert!(lines.lines().all(|line| line.chars().count() <= 76), "{lines}");
        assert_eq!(lines.replace('\n', " "), text.trim());
        assert_eq!(wrapped(&"x".repeat(90)), "x".repeat(90));
    }
}
