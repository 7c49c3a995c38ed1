//! The fonts that the program carries, and what of them goes into a document: only the glyphs that occur.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Name, Pdf, Rect, Ref, Str};
use rustybuzz::Face;
use subsetter::GlyphRemapper;

use super::PaperError;

/// A font of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Font {
    /// Latin letters.
    Regular,
    /// Latin letters that stand out.
    Bold,
    /// Arabic letters.
    Arabic,
}

impl Font {
    pub(super) const ALL: [Font; 3] = [Font::Regular, Font::Bold, Font::Arabic];

    /// Its name in files.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Font::Regular => "NotoSans",
            Font::Bold => "NotoSans-Bold",
            Font::Arabic => "NotoNaskhArabic",
        }
    }

    /// Its name within a document.
    pub(super) const fn key(self) -> Name<'static> {
        match self {
            Font::Regular => Name(b"R"),
            Font::Bold => Name(b"B"),
            Font::Arabic => Name(b"A"),
        }
    }

    fn bytes(self) -> &'static [u8] {
        match self {
            Font::Regular => include_bytes!("../../data/fonts/NotoSans-Regular.ttf"),
            Font::Bold => include_bytes!("../../data/fonts/NotoSans-Bold.ttf"),
            Font::Arabic => include_bytes!("../../data/fonts/NotoNaskhArabic-Regular.ttf"),
        }
    }

    /// The font as shaping knows it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn face(self) -> Result<&'static Face<'static>, PaperError> {
        static FACES: LazyLock<[Option<Face<'static>>; 3]> =
            LazyLock::new(|| Font::ALL.map(|font| Face::from_slice(font.bytes(), 0)));
        let at = match self {
            Font::Regular => 0,
            Font::Bold => 1,
            Font::Arabic => 2,
        };
        FACES[at].as_ref().ok_or(PaperError::Font(self.name()))
    }
}

/// The glyphs of a font that a document uses, under the numbers that they have there.
#[derive(Default)]
struct Used {
    remapper: GlyphRemapper,
    /// By the number in the document: the width in thousandths of the size, and what it stands for.
    glyphs: BTreeMap<u16, (f32, String)>,
}

/// What a document uses of the fonts.
#[derive(Default)]
pub(super) struct FontBook(BTreeMap<Font, Used>);

impl FontBook {
    /// The number in the document of a glyph that stands for a text.
    pub(super) fn glyph(&mut self, font: Font, glyph: u16, text: &str) -> Result<u16, PaperError> {
        let face = font.face()?;
        let used = self.0.entry(font).or_default();
        let number = used.remapper.remap(glyph);
        let advance = face.glyph_hor_advance(rustybuzz::ttf_parser::GlyphId(glyph)).unwrap_or(0);
        let width = f32::from(advance) * 1000.0 / em(face);
        used.glyphs.entry(number).or_insert_with(|| (width, text.to_owned()));
        Ok(number)
    }

    /// The fonts that are used.
    pub(super) fn fonts(&self) -> impl Iterator<Item = Font> + '_ {
        self.0.keys().copied()
    }

    /// Writes a font that is used into a document, under an id.
    pub(super) fn write(&self, pdf: &mut Pdf, font: Font, id: Ref, next: &mut Ref) -> Result<(), PaperError> {
        let unusable = PaperError::Font(font.name());
        let Some(used) = self.0.get(&font) else { return Ok(()) };
        let face = font.face()?;
        let file = subsetter::subset(font.bytes(), 0, &used.remapper).map_err(|_| unusable)?;
        let [cid, descriptor, data, cmap] = std::array::from_fn(|_| next.bump());
        // Six letters before the name say that the font is not whole; which ones does not matter.
        let name = format!("COACHN+{}", font.name());
        let name = Name(name.as_bytes());
        let system = SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

        let mut whole = pdf.type0_font(id);
        whole.base_font(name).encoding_predefined(Name(b"Identity-H")).descendant_font(cid).to_unicode(cmap);
        drop(whole);

        let mut glyphs = pdf.cid_font(cid);
        glyphs.subtype(CidFontType::Type2).base_font(name).system_info(system);
        glyphs.font_descriptor(descriptor).default_width(0.0).cid_to_gid_map_predefined(Name(b"Identity"));
        let mut widths = glyphs.widths();
        for (number, (width, _)) in &used.glyphs {
            widths.consecutive(*number, [*width]);
        }
        drop(widths);
        drop(glyphs);

        let scale = 1000.0 / em(face);
        let bounds = face.global_bounding_box();
        let cell = |value: i16| f32::from(value) * scale;
        let mut about = pdf.font_descriptor(descriptor);
        about.name(name).flags(FontFlags::SYMBOLIC).italic_angle(0.0).stem_v(95.0).font_file2(data);
        about.bbox(Rect::new(cell(bounds.x_min), cell(bounds.y_min), cell(bounds.x_max), cell(bounds.y_max)));
        about.ascent(cell(face.ascender())).descent(cell(face.descender()));
        about.cap_height(cell(face.capital_height().unwrap_or(face.ascender())));
        drop(about);

        let mut meaning = UnicodeCmap::new(Name(b"Meaning"), system);
        for (number, (_, text)) in used.glyphs.iter().filter(|(_, (_, text))| !text.is_empty()) {
            meaning.pair_with_multiple(*number, text.chars());
        }
        pdf.cmap(cmap, &meaning.finish());
        let length = i32::try_from(file.len()).map_err(|_| PaperError::Font(font.name()))?;
        pdf.stream(data, &file).pair(Name(b"Length1"), length);
        Ok(())
    }
}

/// Units of the size, never 0.
pub(super) fn em(face: &Face) -> f32 {
    f32::from(u16::try_from(face.units_per_em()).unwrap_or(1_000).max(1))
}
