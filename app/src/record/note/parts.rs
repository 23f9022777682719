//! Written texts as parts of a document.

use super::{
    entity::note,
    model::{Block, Format, blocks},
    wire::Body,
};
use crate::view::document::Part;

/// The parts of a stored text.
pub fn text(text: &note::Model) -> Vec<Part> {
    if text.format == Format::Html {
        return vec![Part::Html(text.body.clone())];
    }
    in_parts(blocks(&text.body))
}

/// The parts of a body; `None` of one that is kept back or unsigned.
pub fn body(body: Body) -> Option<Vec<Part>> {
    match body {
        Body::Html(html) => Some(vec![Part::Html(html)]),
        Body::Blocks(blocks) => Some(in_parts(blocks)),
        Body::KeptBack | Body::Unsigned => None,
    }
}

fn in_parts(blocks: Vec<Block>) -> Vec<Part> {
    let part = |block| match block {
        Block::Heading(words) => Part::Heading(words),
        Block::Paragraph(words) => Part::Text(words),
        Block::List(items) => Part::Lines(items),
    };
    blocks.into_iter().map(part).collect()
}
