//! What is tagged: headings, lists, tables, and the lines in them.

use std::num::NonZeroU16;

use krilla::tagging::{Identifier, ListNumbering, Node as Leaf, TableHeaderScope, Tag, TagGroup, TagKind};

/// Something that is tagged: a group, or a line of text.
pub enum Tagged {
    Group(Kind, Vec<Tagged>),
    Heading(u16, String, Vec<Tagged>),
    Line(usize),
    /// A picture and what it shows.
    Figure(String, usize),
}

#[derive(Clone, Copy)]
pub enum Kind {
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

pub fn node(tagged: Tagged, identifiers: &mut [Option<Identifier>]) -> Option<Leaf> {
    match tagged {
        Tagged::Line(leaf) => identifiers[leaf].take().map(Leaf::from),
        Tagged::Figure(alt, leaf) => {
            let mut group = TagGroup::new(Tag::Figure(Some(alt)));
            group.push(identifiers[leaf].take()?);
            Some(group.into())
        }
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
