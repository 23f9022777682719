//! The record as a PDF that screen readers can read: headings, lists, tables with their heads, a language, an outline.
//! It is checked against PDF/UA-1 as it is written.

use std::{num::NonZeroU16, sync::LazyLock};

use app::{
    record::{
        chapter::Chapter,
        note::model::{Format, paragraphs},
    },
    view::document::Part,
};
use krilla::{
    Document, SerializeSettings,
    color::rgb,
    configure::{Accessibility, ConfigurationBuilder},
    destination::XyzDestination,
    geom::{PathBuilder, Point, Rect},
    metadata::Metadata,
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::Fill,
    tagging::{
        Artifact, ArtifactType, ContentTag, Identifier, ListNumbering, Node as Leaf, SpanTag, TableHeaderScope, Tag, TagGroup, TagKind,
        TagTree,
    },
    text::{Font, TextDirection},
};
use ttf_parser::Face;

use super::Cover;

/// US Letter, in points.
const WIDTH: f32 = 612.0;
const HEIGHT: f32 = 792.0;
const MARGIN: f32 = 54.0;
const BODY: f32 = 10.0;
const INK: (u8, u8, u8) = (29, 39, 51);
const BRAND: (u8, u8, u8) = (0, 84, 95);
const RULE: (u8, u8, u8) = (216, 211, 200);

const REGULAR: &[u8] = include_bytes!("../../fonts/NotoSans-Regular.ttf");
const BOLD: &[u8] = include_bytes!("../../fonts/NotoSans-Bold.ttf");

static FACES: LazyLock<Option<[Face<'static>; 2]>> = LazyLock::new(|| Some([Face::parse(REGULAR, 0).ok()?, Face::parse(BOLD, 0).ok()?]));

/// # Errors
/// A sentence for the log.
pub fn write(cover: &Cover, chapters: &[Chapter]) -> Result<Vec<u8>, String> {
    let faces = FACES.as_ref().ok_or("the fonts cannot be read")?;
    let mut layout = Layout { faces, pages: vec![Vec::new()], y: MARGIN, leaves: 0, tree: vec![Vec::new()] };
    layout.heading(1, &cover.name, 20.0, BRAND);
    for line in &cover.lines {
        layout.paragraph(line);
    }
    let mut places: Vec<(String, usize, f32)> = Vec::new();
    for chapter in chapters {
        layout.space(16.0);
        layout.keep_together(60.0);
        places.push((chapter.heading.clone(), layout.pages.len() - 1, layout.y));
        layout.heading(2, &chapter.heading, 15.0, BRAND);
        layout.rule(MARGIN, WIDTH - MARGIN);
        layout.space(4.0);
        layout.parts(&chapter.parts, 3);
    }
    draw(cover, layout, places)
}

/// Something that is tagged: a group, or a line of text.
enum Tagged {
    Group(Kind, Vec<Tagged>),
    Heading(u16, String, Vec<Tagged>),
    Line(usize),
}

#[derive(Clone, Copy)]
enum Kind {
    Paragraph,
    Quote,
    List,
    Item,
    Body,
    Table,
    Head,
    Rows,
    Row,
    ColumnHead,
    RowHead,
    Cell,
}

/// Something that is drawn.
enum Drawn {
    Text { x: f32, y: f32, size: f32, bold: bool, color: (u8, u8, u8), text: String, leaf: usize },
    Rule { from: f32, to: f32, y: f32 },
}

struct Layout<'a> {
    faces: &'a [Face<'static>; 2],
    pages: Vec<Vec<Drawn>>,
    /// The top of what comes next, from the top of the page.
    y: f32,
    leaves: usize,
    /// The groups that are open, the document first.
    tree: Vec<Vec<Tagged>>,
}

impl Layout<'_> {
    fn grouped(&mut self, kind: Kind, inside: impl FnOnce(&mut Self)) {
        self.tree.push(Vec::new());
        inside(self);
        let children = self.tree.pop().unwrap_or_default();
        if let (Some(parent), false) = (self.tree.last_mut(), children.is_empty()) {
            parent.push(Tagged::Group(kind, children));
        }
    }

    fn space(&mut self, points: f32) {
        self.y += points;
    }

    /// A new page when there is less room than that.
    fn keep_together(&mut self, points: f32) {
        if self.y + points > HEIGHT - MARGIN {
            self.pages.push(Vec::new());
            self.y = MARGIN;
        }
    }

    fn rule(&mut self, from: f32, to: f32) {
        let y = self.y + 1.0;
        if let Some(page) = self.pages.last_mut() {
            page.push(Drawn::Rule { from, to, y });
        }
        self.space(3.0);
    }

    fn width_of(&self, text: &str, size: f32, bold: bool) -> f32 {
        let face = &self.faces[usize::from(bold)];
        let units: u32 = text.chars().filter_map(|letter| face.glyph_hor_advance(face.glyph_index(letter)?)).map(u32::from).sum();
        #[expect(clippy::cast_precision_loss, reason = "a line is far shorter than 2^23 units")]
        let units = units as f32;
        units * size / f32::from(face.units_per_em())
    }

    /// Lines no wider than that; a word that is wider alone is cut.
    fn lines(&self, text: &str, size: f32, bold: bool, width: f32) -> Vec<String> {
        let face = &self.faces[usize::from(bold)];
        let mut lines: Vec<String> = Vec::new();
        for piece in text.lines() {
            let clean: String = piece
                .chars()
                .map(|letter| match letter {
                    letter if letter.is_whitespace() => ' ',
                    letter if face.glyph_index(letter).is_some() => letter,
                    _ => '?',
                })
                .collect();
            let mut line = String::new();
            for word in clean.split(' ').filter(|word| !word.is_empty()) {
                let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
                if self.width_of(&longer, size, bold) <= width {
                    line = longer;
                    continue;
                }
                if !line.is_empty() {
                    lines.push(std::mem::take(&mut line));
                }
                for letter in word.chars() {
                    line.push(letter);
                    if self.width_of(&line, size, bold) > width && line.chars().count() > 1 {
                        line.pop();
                        lines.push(std::mem::take(&mut line));
                        line.push(letter);
                    }
                }
            }
            if !line.is_empty() {
                lines.push(line);
            }
        }
        lines
    }

    fn line(&mut self, x: f32, y: f32, size: f32, bold: bool, color: (u8, u8, u8), text: String) {
        let leaf = self.leaves;
        self.leaves += 1;
        // A space at the end of each line keeps words apart for whoever copies or listens.
        let text = format!("{text} ");
        if let Some(page) = self.pages.last_mut() {
            page.push(Drawn::Text { x, y: y + size, size, bold, color, text, leaf });
        }
        if let Some(parent) = self.tree.last_mut() {
            parent.push(Tagged::Line(leaf));
        }
    }

    fn flow(&mut self, text: &str, size: f32, bold: bool, color: (u8, u8, u8), indent: f32) {
        for line in self.lines(text, size, bold, WIDTH - 2.0 * MARGIN - indent) {
            self.keep_together(size * 1.45);
            self.line(MARGIN + indent, self.y, size, bold, color, line);
            self.space(size * 1.45);
        }
    }

    fn heading(&mut self, level: u16, text: &str, size: f32, color: (u8, u8, u8)) {
        self.keep_together(size * 1.45 + 2.0 * BODY * 1.45);
        self.tree.push(Vec::new());
        self.flow(text, size, true, color, 0.0);
        let lines = self.tree.pop().unwrap_or_default();
        if let (Some(parent), false) = (self.tree.last_mut(), lines.is_empty()) {
            parent.push(Tagged::Heading(level, text.to_owned(), lines));
        }
    }

    fn paragraph(&mut self, text: &str) {
        self.grouped(Kind::Paragraph, |layout| layout.flow(text, BODY, false, INK, 0.0));
        self.space(2.0);
    }

    fn parts(&mut self, parts: &[Part], level: u16) {
        for part in parts {
            match part {
                Part::Text(text) | Part::Small(text) => self.paragraph(text),
                Part::Quote(text) => self.grouped(Kind::Quote, |layout| {
                    layout.grouped(Kind::Paragraph, |layout| layout.flow(text, BODY, false, INK, 12.0));
                }),
                Part::Heading(text) => {
                    self.space(8.0);
                    self.heading(level, text, 12.0, INK);
                }
                Part::Lines(lines) => self.list(lines),
                Part::Facts(facts) => {
                    let rows: Vec<Vec<String>> = facts.iter().map(|(label, value)| vec![label.clone(), value.clone()]).collect();
                    self.table(&[], &rows, &[0.3, 0.7], true);
                }
                Part::Table { head, rows, .. } => {
                    #[expect(clippy::cast_precision_loss, reason = "a table has a handful of columns")]
                    let share = vec![1.0 / head.len().max(1) as f32; head.len()];
                    self.table(head, rows, &share, false);
                }
                Part::Entry { title, tag, lines, parts } => {
                    self.space(7.0);
                    let title = tag.as_ref().map_or_else(|| title.clone(), |tag| format!("{title} ({})", tag.text));
                    self.heading(level.min(5), &title, 10.5, INK);
                    lines.iter().for_each(|line| self.paragraph(line));
                    self.parts(parts, level + 1);
                }
                Part::Html(html) => paragraphs(Format::Html, html).iter().for_each(|words| self.paragraph(words)),
                Part::Aside(_) | Part::Buttons(_) | Part::Chart { .. } | Part::Legend(_) | Part::More { .. } => {}
            }
        }
    }

    fn list(&mut self, lines: &[String]) {
        self.grouped(Kind::List, |layout| {
            for line in lines {
                layout.grouped(Kind::Item, |layout| {
                    layout.grouped(Kind::Body, |layout| layout.flow(&format!("– {line}"), BODY, false, INK, 8.0));
                });
            }
        });
        self.space(2.0);
    }

    /// `heads`: the first cell of each row is its head.
    fn table(&mut self, head: &[String], rows: &[Vec<String>], share: &[f32], heads: bool) {
        let full = WIDTH - 2.0 * MARGIN;
        self.space(3.0);
        self.grouped(Kind::Table, |layout| {
            if !head.is_empty() {
                layout.grouped(Kind::Head, |layout| layout.row(head, share, full, |_| Kind::ColumnHead));
            }
            layout.grouped(Kind::Rows, |layout| {
                for row in rows {
                    layout.row(row, share, full, |column| if heads && column == 0 { Kind::RowHead } else { Kind::Cell });
                }
            });
        });
        self.space(4.0);
    }

    fn row(&mut self, cells: &[String], share: &[f32], full: f32, kind: impl Fn(usize) -> Kind) {
        const SIZE: f32 = 9.0;
        let (step, gap) = (SIZE * 1.4, 6.0);
        let wrapped: Vec<(Kind, Vec<String>)> = cells
            .iter()
            .zip(share)
            .enumerate()
            .map(|(column, (cell, share))| {
                let kind = kind(column);
                (kind, self.lines(cell, SIZE, !matches!(kind, Kind::Cell), full * share - gap))
            })
            .collect();
        let most = wrapped.iter().map(|(_, lines)| lines.len()).max().unwrap_or(0);
        // A row that is higher than a page goes on, line by line, on the next one.
        let mut done = 0;
        let mut cells: Vec<Vec<Tagged>> = wrapped.iter().map(|_| Vec::new()).collect();
        while done < most {
            let wanted = step * f32::from(u16::try_from(most - done).unwrap_or(u16::MAX));
            self.keep_together(wanted.min(step * 3.0) + 4.0);
            let mut fits = 0;
            while done + fits < most && self.y + step * f32::from(u16::try_from(fits + 1).unwrap_or(u16::MAX)) + 4.0 <= HEIGHT - MARGIN {
                fits += 1;
            }
            let fits = fits.max(1);
            let mut x = MARGIN;
            for (((kind, lines), share), cell) in wrapped.iter().zip(share).zip(&mut cells) {
                let mut y = self.y + 2.0;
                for line in lines.iter().skip(done).take(fits) {
                    self.tree.push(Vec::new());
                    self.line(x, y, SIZE, !matches!(kind, Kind::Cell), INK, line.clone());
                    cell.extend(self.tree.pop().unwrap_or_default());
                    y += step;
                }
                x += full * share;
            }
            self.space(step * f32::from(u16::try_from(fits).unwrap_or(u16::MAX)) + 4.0);
            done += fits;
        }
        if most > 0 {
            self.rule(MARGIN, WIDTH - MARGIN);
        }
        let cells: Vec<Tagged> = wrapped.iter().zip(cells).map(|((kind, _), lines)| Tagged::Group(*kind, lines)).collect();
        if let Some(parent) = self.tree.last_mut() {
            parent.push(Tagged::Group(Kind::Row, cells));
        }
    }
}

fn draw(cover: &Cover, mut layout: Layout<'_>, places: Vec<(String, usize, f32)>) -> Result<Vec<u8>, String> {
    let configuration = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    let configuration = configuration.map_err(|error| format!("{error:?}"))?;
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let font = |data: &'static [u8]| Font::new(data.to_vec().into(), 0).ok_or("a font cannot be read");
    let fonts = [font(REGULAR)?, font(BOLD)?];
    let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or("no page of this size")?;
    let mut identifiers: Vec<Option<Identifier>> = (0..layout.leaves).map(|_| None).collect();
    let pages = layout.pages.len();
    for (number, drawn) in layout.pages.iter().enumerate() {
        let mut page = document.start_page_with(settings.clone());
        let mut surface = page.surface();
        let fill = |(red, green, blue): (u8, u8, u8)| Some(Fill { paint: rgb::Color::new(red, green, blue).into(), ..Fill::default() });
        for found in drawn {
            match found {
                Drawn::Text { x, y, size, bold, color, text, leaf } => {
                    surface.set_fill(fill(*color));
                    identifiers[*leaf] = Some(surface.start_tagged(ContentTag::Span(SpanTag::empty())));
                    surface.draw_text(Point::from_xy(*x, *y), fonts[usize::from(*bold)].clone(), *size, text, false, TextDirection::Auto);
                    surface.end_tagged();
                }
                Drawn::Rule { from, to, y } => {
                    let mut path = PathBuilder::new();
                    path.push_rect(Rect::from_xywh(*from, *y, to - from, 0.6).ok_or("a rule of no size")?);
                    if let Some(path) = path.finish() {
                        surface.set_fill(fill(RULE));
                        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)));
                        surface.draw_path(&path);
                        surface.end_tagged();
                    }
                }
            }
        }
        let foot = format!("{} · {}", cover.name, (cover.page)(cover.texts, &(number + 1).to_string(), &pages.to_string()));
        surface.set_fill(fill(INK));
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
        surface.draw_text(Point::from_xy(MARGIN, HEIGHT - 28.0), fonts[0].clone(), 8.0, &foot, false, TextDirection::Auto);
        surface.end_tagged();
        surface.finish();
        page.finish();
    }
    let mut tree = TagTree::new().with_lang(Some(cover.language.to_owned()));
    for found in layout.tree.pop().unwrap_or_default() {
        if let Some(leaf) = node(found, &mut identifiers) {
            tree.push(leaf);
        }
    }
    document.set_tag_tree(tree);
    let mut outline = Outline::new();
    for (heading, page, y) in places {
        outline.push_child(OutlineNode::new(heading, XyzDestination::new(page, Point::from_xy(0.0, y))));
    }
    document.set_outline(outline);
    let metadata = Metadata::new().title(cover.name.clone()).language(cover.language.to_owned());
    document.set_metadata(metadata);
    document.finish().map_err(|error| format!("the PDF was refused: {error:?}"))
}

fn node(tagged: Tagged, identifiers: &mut [Option<Identifier>]) -> Option<Leaf> {
    match tagged {
        Tagged::Line(leaf) => identifiers[leaf].take().map(Leaf::from),
        Tagged::Heading(level, title, lines) => {
            let level = NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
            Some(filled(TagGroup::new(Tag::Hn(level, Some(title))), lines, identifiers))
        }
        Tagged::Group(kind, children) => Some(filled(TagGroup::new(tag(kind)), children, identifiers)),
    }
}

fn filled(mut group: TagGroup, children: Vec<Tagged>, identifiers: &mut [Option<Identifier>]) -> Leaf {
    for child in children {
        if let Some(child) = node(child, identifiers) {
            group.push(child);
        }
    }
    group.into()
}

fn tag(kind: Kind) -> TagKind {
    match kind {
        Kind::Paragraph => Tag::P.into(),
        Kind::Quote => Tag::BlockQuote.into(),
        Kind::List => Tag::L(ListNumbering::None).into(),
        Kind::Item => Tag::LI.into(),
        Kind::Body => Tag::LBody.into(),
        Kind::Table => Tag::Table.into(),
        Kind::Head => Tag::THead.into(),
        Kind::Rows => Tag::TBody.into(),
        Kind::Row => Tag::TR.into(),
        Kind::ColumnHead => Tag::TH(TableHeaderScope::Column).into(),
        Kind::RowHead => Tag::TH(TableHeaderScope::Row).into(),
        Kind::Cell => Tag::TD.into(),
    }
}

#[cfg(test)]
mod tests {
    use app::view::document::Part;

    use super::super::tests::{chapter, cover};

    #[test]
    fn the_pdf_is_tagged_as_the_standard_for_accessible_pdf_demands() {
        let pdf = super::write(&cover(), &[chapter()]).expect("PDF/UA-1 finds nothing");
        let text = String::from_utf8_lossy(&pdf);
        assert!(text.starts_with("%PDF-1.7"));
        for mark in ["/StructTreeRoot", "/Lang", "/MarkInfo"] {
            assert!(text.contains(mark), "{mark}");
        }
    }

    #[test]
    fn letters_that_no_font_has_do_not_stop_a_record() {
        let mut chapter = chapter();
        chapter.parts.push(Part::Text("漢字 \u{7} \u{200b} ﷽".repeat(500)));
        assert!(super::write(&cover(), &[chapter]).is_ok());
    }
}
