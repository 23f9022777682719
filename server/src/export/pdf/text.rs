//! Text as glyphs: the font of each piece, its direction, its width.

use std::iter;

use krilla::text::{GlyphId, KrillaGlyph};
use rustybuzz::{Direction, UnicodeBuffer};
use unicode_bidi::{BidiInfo, Level};
use unicode_normalization::UnicodeNormalization;
use unicode_segmentation::UnicodeSegmentation;

use super::fonts::{Face, Fonts, Region, UNKNOWN};

/// Glyphs of one font, from left to right.
pub struct Run<'a> {
    pub face: &'a Face,
    pub text: String,
    pub glyphs: Vec<KrillaGlyph>,
    /// In units of the font's size.
    pub width: f32,
}

/// A text as it can be drawn, in one line, and whether all of it can be.
pub fn drawable(fonts: &Fonts, text: &str, bold: bool) -> (String, bool) {
    let (region, mut all) = (Region::of(text), true);
    let has = |letter: char| fonts.face(letter, bold, region).is_some();
    let mut out = String::with_capacity(text.len());
    for letter in text.nfc() {
        match letter {
            letter if letter.is_whitespace() => out.push(' '),
            letter if is_unseen(letter) => {}
            // They shape their neighbours, and are nothing beside one that is not drawn.
            letter if is_joining(letter) && out.ends_with(UNKNOWN) => {}
            letter if has(letter) => out.push(letter),
            letter if is_joining(letter) => {}
            letter if iter::once(letter).nfkc().all(has) => out.extend(iter::once(letter).nfkc()),
            _ => {
                all = false;
                out.push(UNKNOWN);
            }
        }
    }
    (out, all)
}

/// Controls, marks of direction, and what is no character. Direction is found from the letters.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{ad}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
        || u32::from(letter) & 0xfffe == 0xfffe
}

/// The direction of a paragraph: that of its first letter that has one.
pub fn level(text: &str) -> Level {
    BidiInfo::new(text, None).paragraphs.first().map_or(Level::ltr(), |paragraph| paragraph.level)
}

/// In units of the font's size.
pub fn width(fonts: &Fonts, text: &str, bold: bool) -> f32 {
    let face = &fonts.text[usize::from(bold)];
    if text.chars().all(is_simple) {
        return text.chars().map(|letter| face.advance(letter)).sum();
    }
    runs(fonts, text, bold, Level::ltr()).iter().map(|run| run.width).sum()
}

/// Latin letters stand beside each other as they are.
fn is_simple(letter: char) -> bool {
    letter < '\u{250}'
}

/// What is not parted at the end of a line.
pub fn graphemes(word: &str) -> impl Iterator<Item = &str> {
    word.graphemes(true)
}

/// A line of a paragraph with this direction, as it is drawn from left to right.
pub fn runs<'a>(fonts: &'a Fonts, text: &str, bold: bool, level: Level) -> Vec<Run<'a>> {
    let region = Region::of(text);
    if level.is_ltr() && text.chars().all(is_simple) {
        return pieces(fonts, text, bold, region).into_iter().map(|(face, piece)| shaped(face, piece, false)).collect();
    }
    let bidi = BidiInfo::new(text, Some(level));
    let mut runs = Vec::new();
    for paragraph in &bidi.paragraphs {
        let (levels, ranges) = bidi.visual_runs(paragraph, paragraph.range.clone());
        for range in ranges {
            let to_left = levels[range.start].is_rtl();
            let mut found: Vec<Run> =
                pieces(fonts, &text[range], bold, region).into_iter().map(|(face, piece)| shaped(face, piece, to_left)).collect();
            if to_left {
                found.reverse();
            }
            runs.extend(found);
        }
    }
    runs
}

/// A text, parted where the font changes. Spaces and marks go with what is before them where its font has them.
fn pieces<'a, 't>(fonts: &'a Fonts, text: &'t str, bold: bool, region: Region) -> Vec<(&'a Face, &'t str)> {
    let mut pieces: Vec<(&Face, usize)> = Vec::new();
    for (at, letter) in text.char_indices() {
        let goes_on = |face: &Face| face.has(letter) && (letter == ' ' || is_mark(letter));
        if pieces.last().is_some_and(|(face, _)| goes_on(face)) {
            continue;
        }
        let Some(face) = fonts.face(letter, bold, region) else { continue };
        if pieces.last().is_none_or(|(before, _)| !std::ptr::eq(*before, face)) {
            pieces.push((face, at));
        }
    }
    let ends = pieces.iter().skip(1).map(|(_, at)| *at).chain([text.len()]);
    pieces.iter().zip(ends).map(|((face, from), to)| (*face, &text[*from..to])).collect()
}

fn is_mark(letter: char) -> bool {
    unicode_normalization::char::is_combining_mark(letter) || is_joining(letter)
}

/// Joiners and selectors of variants.
fn is_joining(letter: char) -> bool {
    matches!(letter, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

fn shaped<'a>(face: &'a Face, text: &str, to_left: bool) -> Run<'a> {
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    buffer.guess_segment_properties();
    buffer.set_direction(if to_left { Direction::RightToLeft } else { Direction::LeftToRight });
    let output = rustybuzz::shape(&face.shaper, &[], buffer);
    // A cluster reaches to the start of the next one.
    let mut starts: Vec<usize> = output.glyph_infos().iter().map(|info| info.cluster as usize).collect();
    starts.sort_unstable();
    let end = |start: usize| starts.get(starts.partition_point(|other| *other <= start)).copied().unwrap_or(text.len());
    #[expect(clippy::cast_precision_loss, reason = "an advance is far smaller than 2^23 units")]
    let scaled = |units: i32| units as f32 / face.font.units_per_em();
    let glyphs: Vec<KrillaGlyph> = output
        .glyph_infos()
        .iter()
        .zip(output.glyph_positions())
        .filter(|(info, _)| info.glyph_id != 0)
        .map(|(info, place)| {
            let start = info.cluster as usize;
            KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                scaled(place.x_advance),
                scaled(place.x_offset),
                scaled(place.y_offset),
                scaled(place.y_advance),
                start..end(start),
                None,
            )
        })
        .collect();
    let width = glyphs.iter().map(|glyph| glyph.x_advance).sum();
    Run { face, text: text.to_owned(), glyphs, width }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn_order(text: &str) -> Vec<String> {
        let fonts = Fonts::get().expect("fonts");
        runs(fonts, text, false, level(text)).into_iter().map(|run| run.text).collect()
    }

    #[test]
    fn each_script_has_a_font_and_no_glyph_is_missing() {
        let fonts = Fonts::get().expect("fonts");
        for text in [
            "Ana Núñez Łukasz Đỗ",
            "Αλέξανδρος",
            "Анна",
            "ليلى الحسيني",
            "נועה לוי",
            "अनन्या शर्मा",
            "অনন্যা",
            "અનન્યા",
            "ਅਨੰਨਿਆ",
            "அனன்யா",
            "అనన్య",
            "ಅನನ್ಯ",
            "അനന്യ",
            "අනන්‍යා",
            "สมชาย",
            "ສົມຊາຍ",
            "សុខា",
            "အောင်",
            "ሰላም ተስፋዬ",
            "Արամ",
            "გიორგი",
            "≥ 37.5 °C → ✓ ½ µg ☐ ♀",
            "㎎",
        ] {
            let (drawable, all) = drawable(fonts, text, false);
            assert!(all && !drawable.contains(UNKNOWN), "{text}: {drawable}");
            let runs = runs(fonts, &drawable, false, level(&drawable));
            assert!(runs.iter().all(|run| run.width > 0.0 && run.glyphs.iter().all(|glyph| glyph.glyph_id.to_u32() != 0)), "{text}");
            let covered: usize = runs.iter().map(|run| run.text.chars().count()).sum();
            assert_eq!(covered, drawable.chars().count(), "{text}");
        }
    }

    #[test]
    fn what_no_font_has_is_known_to_be_missing() {
        let fonts = Fonts::get().expect("fonts");
        assert_eq!(drawable(fonts, "ok 👍\u{fe0f} \u{0}\u{200b}x", false), ("ok □ x".into(), false));
        assert_eq!(drawable(fonts, "Nu\u{301}n\u{303}ez\ttwo", false), ("Núñez two".into(), true));
    }

    #[test]
    fn right_to_left_is_drawn_from_the_right() {
        assert!(level("ليلى (37.5) Asthma").is_rtl() && level("Name: ليلى").is_ltr());
        assert_eq!(drawn_order("ab ליל cd"), ["ab ", "ליל", " cd"]);
        let mixed = drawn_order("ליל ab");
        assert_eq!(mixed.first().map(String::as_str), Some("ab"), "the end of the line is on the left: {mixed:?}");
    }

    #[test]
    fn shared_characters_have_the_shapes_of_their_region() {
        assert_eq!([Region::of("李小雨"), Region::of("山田はな"), Region::of("김 李")], [Region::China, Region::Japan, Region::Korea]);
    }
}
