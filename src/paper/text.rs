//! Lines of text: in which order their letters stand, in which font, and where each glyph goes.
//!
//! A letter that no font of ours has stands as an empty box; text that mixes directions is ordered by the
//! Unicode rules; letters that join, as Arabic ones, are shaped.

use std::ops::Range;

use rustybuzz::{Direction, UnicodeBuffer};
use unicode_bidi::BidiInfo;

use super::PaperError;
use super::fonts::{Font, em};

/// A glyph of a line.
#[derive(Debug, Clone)]
pub(super) struct Glyph {
    pub(super) font: Font,
    /// Its number in the font.
    pub(super) glyph: u16,
    /// What it stands for; empty, when the glyph before stands for all of it.
    pub(super) text: String,
    /// Where it is drawn, from the start of the line, in sizes.
    pub(super) x: f32,
    pub(super) y: f32,
}

/// A line, from left to right.
#[derive(Debug, Clone, Default)]
pub(super) struct Line {
    pub(super) glyphs: Vec<Glyph>,
    /// How wide it is, in sizes.
    pub(super) width: f32,
}

impl Line {
    /// Sets a text on a line.
    ///
    /// # Errors
    /// When a font cannot be read.
    pub(super) fn set(font: Font, text: &str) -> Result<Self, PaperError> {
        let mut line = Line::default();
        let order = BidiInfo::new(text, None);
        // Text on one line is one paragraph, unless it is empty.
        for paragraph in &order.paragraphs {
            let (levels, runs) = order.visual_runs(paragraph, paragraph.range.clone());
            for run in runs {
                let leftwards = levels[run.start].is_rtl();
                let mut parts = fonts(font, text, run)?;
                if leftwards {
                    parts.reverse();
                }
                for (font, part) in parts {
                    line.push(font, &text[part], leftwards)?;
                }
            }
        }
        Ok(line)
    }

    /// Shapes text of one font and direction, and puts it behind what there is.
    fn push(&mut self, font: Font, text: &str, leftwards: bool) -> Result<(), PaperError> {
        let face = font.face()?;
        let em = em(face);
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(text);
        buffer.set_direction(if leftwards { Direction::RightToLeft } else { Direction::LeftToRight });
        buffer.guess_segment_properties();
        let shaped = rustybuzz::shape(face, &[], buffer);
        let clusters: Vec<usize> = shaped.glyph_infos().iter().map(|info| info.cluster as usize).collect();
        let mut starts = clusters.clone();
        starts.sort_unstable();
        starts.dedup();
        for (at, (info, place)) in shaped.glyph_infos().iter().zip(shaped.glyph_positions()).enumerate() {
            let first_of_cluster = at == 0 || clusters[at - 1] != clusters[at];
            let end = starts.iter().copied().find(|start| *start > clusters[at]).unwrap_or(text.len());
            let meant = if first_of_cluster { text.get(clusters[at]..end).unwrap_or_default() } else { "" };
            self.glyphs.push(Glyph {
                font,
                glyph: u16::try_from(info.glyph_id).unwrap_or(0),
                text: meant.to_owned(),
                x: self.width + place.x_offset as f32 / em,
                y: place.y_offset as f32 / em,
            });
            self.width += place.x_advance as f32 / em;
        }
        Ok(())
    }
}

/// The parts of a stretch of text and the font of each: the one that is wished for where it has the letter.
fn fonts(wished: Font, text: &str, stretch: Range<usize>) -> Result<Vec<(Font, Range<usize>)>, PaperError> {
    let mut parts: Vec<(Font, Range<usize>)> = Vec::new();
    for (offset, letter) in text[stretch.clone()].char_indices() {
        let at = stretch.start + offset;
        let end = at + letter.len_utf8();
        // What both have, such as a space, stays with what stands before it.
        let before = parts.last().map(|(font, _)| *font);
        let mut font = wished;
        for candidate in before.into_iter().chain([wished, Font::Arabic]) {
            if candidate.face()?.glyph_index(letter).is_some() {
                font = candidate;
                break;
            }
        }
        match parts.last_mut() {
            Some((same, part)) if *same == font => part.end = end,
            _ => parts.push((font, at..end)),
        }
    }
    Ok(parts)
}

/// Breaks a text into lines that are at most so wide, in sizes: between words, and within a word that is wider.
///
/// # Errors
/// When a font cannot be read.
pub(super) fn wrap(font: Font, text: &str, width: f32) -> Result<Vec<Line>, PaperError> {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for word in text.split_whitespace() {
        let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
        if Line::set(font, &longer)?.width <= width {
            line = longer;
            continue;
        }
        if !line.is_empty() {
            lines.push(Line::set(font, &line)?);
        }
        line = String::new();
        for letter in word.chars() {
            line.push(letter);
            if Line::set(font, &line)?.width > width && line.chars().count() > 1 {
                line.pop();
                lines.push(Line::set(font, &line)?);
                line = letter.to_string();
            }
        }
    }
    if !line.is_empty() {
        lines.push(Line::set(font, &line)?);
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meant(line: &Line) -> String {
        line.glyphs.iter().map(|glyph| glyph.text.as_str()).collect()
    }

    #[test]
    fn letters_stand_in_the_order_in_which_they_are_seen() {
        let line = Line::set(Font::Bold, "Ü, Dr. محمد").unwrap();
        assert!(line.glyphs.iter().all(|glyph| glyph.glyph != 0), "every letter is there");
        assert!(meant(&line).starts_with("Ü, Dr. "));
        assert_eq!(line.glyphs.last().map(|glyph| glyph.text.as_str()), Some("م"), "the first of the Arabic ones");
        assert!(line.glyphs.windows(2).all(|pair| pair[0].x <= pair[1].x));
    }

    #[test]
    fn a_letter_that_no_font_has_is_a_box() {
        let line = Line::set(Font::Regular, "漢A").unwrap();
        assert_eq!(line.glyphs.iter().map(|glyph| glyph.glyph == 0).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn long_text_is_broken_between_words_or_within_them() {
        let lines = wrap(Font::Regular, "satu dua tiga empat", 5.0).unwrap();
        assert_eq!(lines.iter().map(meant).collect::<Vec<_>>(), ["satu dua", "tiga", "empat"]);
        let lines = wrap(Font::Regular, &"W".repeat(150), 10.0).unwrap();
        assert!(lines.len() > 10 && lines.iter().all(|line| line.width <= 10.0));
        assert_eq!(lines.iter().map(|line| line.glyphs.len()).sum::<usize>(), 150);
        assert!(wrap(Font::Regular, "  ", 5.0).unwrap().is_empty());
    }
}
