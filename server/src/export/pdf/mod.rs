//! The record as a PDF that screen readers can read: headings, lists, tables with their heads, a language, an outline.
//! It is checked against PDF/UA-1 as it is written.

mod draw;
mod fonts;
mod layout;
mod parts;
mod tags;
mod text;

use app::record::chapter::Chapter;

use self::{draw::draw, fonts::Fonts, layout::Layout};
use super::Cover;

/// US Letter, in points.
const WIDTH: f32 = 612.0;
const HEIGHT: f32 = 792.0;
const MARGIN: f32 = 54.0;
const BODY: f32 = 10.0;
const INK: (u8, u8, u8) = (29, 39, 51);
const BRAND: (u8, u8, u8) = (0, 84, 95);
const RULE: (u8, u8, u8) = (216, 211, 200);

/// A heading of the outline, its page, and how far down that page it is.
type Place = (String, usize, f32);

/// # Errors
/// A sentence for the log, with nothing of the record in it.
pub fn write(cover: &Cover, chapters: &[Chapter]) -> Result<Vec<u8>, String> {
    let fonts = Fonts::get()?;
    let (mut layout, mut places) = laid_out(fonts, cover, chapters, None);
    if !layout.all_drawn {
        (layout, places) = laid_out(fonts, cover, chapters, Some(&cover.not_drawn));
    }
    draw(cover, layout, places)
}

fn laid_out(fonts: &'static Fonts, cover: &Cover, chapters: &[Chapter], note: Option<&str>) -> (Layout, Vec<Place>) {
    let mut layout = Layout::new(fonts);
    layout.heading(1, &cover.name, 20.0, BRAND);
    for line in cover.lines.iter().map(String::as_str).chain(note) {
        layout.paragraph(line);
    }
    let mut places = Vec::new();
    for chapter in chapters {
        layout.space(16.0);
        layout.keep_together(60.0);
        places.push((chapter.heading.clone(), layout.pages.len() - 1, layout.y));
        layout.heading(2, &chapter.heading, 15.0, BRAND);
        layout.rule(MARGIN, WIDTH - MARGIN);
        layout.space(4.0);
        layout.parts(&chapter.parts, 3);
    }
    (layout, places)
}

#[cfg(test)]
mod tests {
    use app::view::document::Part;

    use super::{
        super::tests::{chapter, cover},
        Cover,
    };

    #[test]
    fn the_pdf_is_tagged_as_the_standard_for_accessible_pdf_demands() {
        let pdf = super::write(&cover(), &[chapter()]).expect("PDF/UA-1 finds nothing");
        let text = String::from_utf8_lossy(&pdf);
        assert!(text.starts_with("%PDF-1.7"));
        for mark in ["/StructTreeRoot", "/Lang", "/MarkInfo"] {
            assert!(text.contains(mark), "{mark}");
        }
    }

    /// How many fonts of a PDF have this in their names.
    fn fonts(pdf: &[u8], name: &str) -> usize {
        String::from_utf8_lossy(pdf).lines().filter(|line| line.contains("/BaseFont") && line.contains(name)).count()
    }

    fn of(name: &str, words: &str) -> Vec<u8> {
        let mut chapter = chapter();
        chapter.heading = name.to_owned();
        chapter.parts.push(Part::Heading(name.into()));
        chapter.parts.push(Part::Text(words.repeat(5)));
        chapter.parts.push(Part::Facts(vec![(name.into(), words.into())]));
        super::write(&Cover { name: name.into(), ..cover() }, &[chapter]).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    #[test]
    fn names_of_every_script_are_written_with_their_own_fonts() {
        for (name, font) in [
            ("ليلى الحسيني", "NotoSansArabic"),
            ("נועה לוי", "NotoSansHebrew"),
            ("अनन्या शर्मा", "NotoSans-Regular"),
            ("ሰላም ተስፋዬ", "NotoSansEthiopic"),
            ("สมชาย ใจดี", "NotoSansThai"),
        ] {
            let pdf = of(name, &format!("{name}: ≥ 37.5 °C, μg, ½ tablet, “ok” → ✓ "));
            assert!(fonts(&pdf, font) > 0 && fonts(&pdf, "DejaVu") > 0, "{name}");
            assert_eq!(fonts(&pdf, "NotoSansCJK"), 0);
        }
    }

    #[test]
    fn east_asian_names_are_written_or_the_file_says_that_they_are_not() {
        for name in ["李小雨", "山田はな", "김민지"] {
            let pdf = of(name, "患者 かな 한글 ");
            let drawn = fonts(&pdf, "CJK") > 0;
            assert_eq!(drawn, super::fonts::Fonts::get().expect("fonts").face('李', false, super::fonts::Region::China).is_some());
        }
    }

    #[test]
    fn what_no_font_has_is_said_and_does_not_stop_a_record() {
        let fonts = super::fonts::Fonts::get().expect("fonts");
        let (cover, mut chapter) = (cover(), chapter());
        let lines = |chapter: &_| {
            let (layout, _) = super::laid_out(fonts, &cover, std::slice::from_ref(chapter), None);
            (layout.all_drawn, layout.leaves)
        };
        assert!(lines(&chapter).0);
        chapter.parts.push(Part::Text("ok 👍 \u{7} \u{0} \u{200b} \u{feff} \u{fffe} \u{e000} \u{1f468}\u{200d}\u{1f469}".repeat(20)));
        assert!(!lines(&chapter).0);
        assert!(super::write(&cover, &[chapter]).is_ok());
    }
}
