//! Pages, drawn, with their tags and their outline.

use krilla::{
    Document, SerializeSettings,
    color::rgb,
    configure::{Accessibility, ConfigurationBuilder},
    destination::XyzDestination,
    error::KrillaError,
    geom::{PathBuilder, Point, Rect},
    metadata::Metadata,
    outline::{Outline, OutlineNode},
    page::PageSettings,
    paint::Fill,
    surface::Surface,
    tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag, TagTree},
};
use unicode_bidi::Level;

use super::{
    HEIGHT, INK, MARGIN, Place, RULE, WIDTH,
    layout::{Drawn, Layout},
    tags::node,
    text::{self, Run},
};
use crate::export::Cover;

/// # Errors
/// A sentence for the log, with nothing of the record in it.
pub fn draw(cover: &Cover, mut layout: Layout, places: Vec<Place>) -> Result<Vec<u8>, String> {
    let configuration = ConfigurationBuilder::new().with_accessibility_validator(Accessibility::UA1).finish();
    let configuration = configuration.map_err(|error| format!("{error:?}"))?;
    let mut document = Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or("no page of this size")?;
    let mut identifiers: Vec<Option<Identifier>> = (0..layout.leaves).map(|_| None).collect();
    let pages = layout.pages.len();
    for (number, drawn) in layout.pages.iter().enumerate() {
        let mut page = document.start_page_with(settings.clone());
        let mut surface = page.surface();
        let fill = |(red, green, blue): (u8, u8, u8)| Some(Fill { paint: rgb::Color::new(red, green, blue).into(), ..Fill::default() });
        for found in drawn {
            match found {
                Drawn::Text { x, y, room, style, text, level, leaf } => {
                    surface.set_fill(fill(style.color));
                    identifiers[*leaf] = Some(surface.start_tagged(ContentTag::Span(SpanTag::empty())));
                    let runs = text::runs(layout.fonts, text, style.bold, *level);
                    let width: f32 = runs.iter().map(|run| run.width * style.size).sum();
                    draw_runs(&mut surface, &runs, if level.is_rtl() { x + room - width } else { *x }, *y, style.size);
                    surface.end_tagged();
                }
                Drawn::Code { x, y, module, width, modules, leaf } => {
                    let mut path = PathBuilder::new();
                    for (index, _) in modules.iter().enumerate().filter(|(_, dark)| **dark) {
                        #[expect(clippy::cast_precision_loss, reason = "a code has less than 200 modules a side")]
                        let (column, row) = ((index % width) as f32, (index / width) as f32);
                        let square = Rect::from_xywh(x + column * module, y + row * module, *module, *module);
                        path.push_rect(square.ok_or("a module of no size")?);
                    }
                    if let Some(path) = path.finish() {
                        surface.set_fill(fill((0, 0, 0)));
                        identifiers[*leaf] = Some(surface.start_tagged(ContentTag::Other));
                        surface.draw_path(&path);
                        surface.end_tagged();
                    }
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
        let (foot, _) = text::drawable(layout.fonts, &foot, false);
        draw_runs(&mut surface, &text::runs(layout.fonts, &foot, false, Level::ltr()), MARGIN, HEIGHT - 28.0, 8.0);
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
    document.finish().map_err(|error| refusal(&error))
}

fn draw_runs(surface: &mut Surface<'_>, runs: &[Run<'_>], x: f32, y: f32, size: f32) {
    let mut x = x;
    for run in runs {
        surface.draw_glyphs(Point::from_xy(x, y), &run.glyphs, run.face.font.clone(), &run.text, size, false);
        x += run.width * size;
    }
}

/// The kind of an error. Its details may hold letters of a name.
fn refusal(error: &KrillaError) -> String {
    let kind = match error {
        KrillaError::Font(..) => "a font cannot be embedded",
        KrillaError::Validation(faults) => return format!("the PDF is not PDF/UA-1: {} faults", faults.len()),
        KrillaError::Limit(_) => "a limit of the format is exceeded",
        KrillaError::DuplicateNamedDestination(_) | KrillaError::DuplicateTagId(..) | KrillaError::UnknownTagId(..) => "a name is wrong",
    };
    format!("the PDF was refused: {kind}")
}
