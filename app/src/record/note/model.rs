//! The words of notes and their rules.

use serde::{Deserialize, Serialize};

use crate::base::stored::stored_as_text;

/// What a document is to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Stands under "View notes".
    Note,
    /// Stands in the After Visit Summary.
    Instructions,
}

stored_as_text!(Kind { Note = "note", Instructions = "instructions" });

/// How the body is written. HTML has been sanitised before it was stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    Text,
    Html,
}

stored_as_text!(Format { Text = "text", Html = "html" });

/// Who may know of a note.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disclosure {
    Shown,
    /// Its clinician kept it back: the patient is told so, without a word of it (label NOPAT).
    KeptBack,
    /// Not signed yet (docStatus preliminary): the patient is told so, without a word of it.
    Unsigned,
    /// Withheld for privacy (confidentiality V) or entered in error: nobody is told, not even by a count.
    Hidden,
}

stored_as_text!(Disclosure { Shown = "shown", KeptBack = "kept_back", Unsigned = "unsigned", Hidden = "hidden" });

/// A piece of a plain-text note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Block {
    Heading(String),
    Paragraph(String),
    List(Vec<String>),
}

/// The words of a note, piece by piece, without its markup. A plain-text note has the pieces that [`blocks`] gives.
#[cfg(feature = "ssr")]
pub fn paragraphs(format: Format, body: &str) -> Vec<String> {
    if format == Format::Text {
        return blocks(body)
            .into_iter()
            .map(|block| match block {
                Block::Heading(words) | Block::Paragraph(words) => words,
                Block::List(items) => items.join("\n"),
            })
            .collect();
    }
    let mut pieces: Vec<String> = vec![String::new()];
    let mut rest = body;
    while let Some((words, after)) = rest.split_once('<') {
        let (tag, after) = after.split_once('>').unwrap_or((after, ""));
        let inline = ["b", "i", "em", "strong", "span", "a", "sub", "sup", "u", "small"];
        let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        if let Some(piece) = pieces.last_mut() {
            piece.push_str(words);
        }
        if !inline.contains(&name) {
            pieces.push(String::new());
        }
        rest = after;
    }
    if let Some(piece) = pieces.last_mut() {
        piece.push_str(rest);
    }
    let unescaped = |piece: String| {
        let text = [("&nbsp;", " "), ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")]
            .into_iter()
            .fold(piece, |text, (entity, letter)| text.replace(entity, letter));
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    pieces.into_iter().map(unescaped).filter(|piece| !piece.is_empty()).collect()
}

/// Cuts a plain-text note into headings, paragraphs and lists, so that a phone can show it.
///
/// Headings are lines that start with `#`, and short lines in capitals or ending with a colon that stand alone.
/// Lists are lines that start with `-`, `*` or `•`. No word is lost or changed.
pub fn blocks(text: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut open = false;
    for line in text.lines() {
        let line = line.trim();
        if line.is_empty() {
            open = false;
        } else if let Some(heading) = as_heading(line) {
            blocks.push(Block::Heading(heading.into()));
            open = false;
        } else if let Some(item) = as_item(line) {
            match blocks.last_mut() {
                Some(Block::List(items)) if open => items.push(item.into()),
                _ => blocks.push(Block::List(vec![item.into()])),
            }
            open = true;
        } else {
            match blocks.last_mut() {
                Some(Block::Paragraph(paragraph)) if open => {
                    paragraph.push('\n');
                    paragraph.push_str(line);
                }
                Some(Block::List(items)) if open => {
                    if let Some(last) = items.last_mut() {
                        last.push('\n');
                        last.push_str(line);
                    }
                }
                _ => blocks.push(Block::Paragraph(line.into())),
            }
            open = true;
        }
    }
    blocks
}

fn as_heading(line: &str) -> Option<&str> {
    if line.starts_with('#') {
        return Some(line.trim_start_matches('#').trim()).filter(|rest| !rest.is_empty());
    }
    let letters = line.chars().filter(|c| c.is_alphabetic()).count();
    let capitals = letters >= 3 && !line.chars().any(char::is_lowercase);
    (capitals && line.chars().count() <= 60 && !line.ends_with('.')).then(|| line.trim_end_matches(':'))
}

fn as_item(line: &str) -> Option<&str> {
    ["- ", "* ", "• "].iter().find_map(|mark| line.strip_prefix(mark)).map(str::trim)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_note_is_cut_into_what_a_phone_can_show() {
        let text = "HISTORY\nTwo days of fever.\nNo cough.\n\n# Plan\n- rest\n- fluids\n  and tea\nSee us again.";
        assert_eq!(
            blocks(text),
            [
                Block::Heading("HISTORY".into()),
                Block::Paragraph("Two days of fever.\nNo cough.".into()),
                Block::Heading("Plan".into()),
                Block::List(vec!["rest".into(), "fluids\nand tea\nSee us again.".into()]),
            ]
        );
    }

    #[test]
    fn a_shouted_sentence_is_no_heading() {
        assert_eq!(blocks("DO NOT TAKE ASPIRIN."), [Block::Paragraph("DO NOT TAKE ASPIRIN.".into())]);
    }

    proptest! {
        #[test]
        fn no_word_is_lost(text in "[A-Za-z0-9 .:#*\\n-]{0,300}") {
            let words = |text: &str| text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect::<Vec<_>>();
            let shown: String = blocks(&text).into_iter().map(|block| match block {
                Block::Heading(text) | Block::Paragraph(text) => text + "\n",
                Block::List(items) => items.join("\n") + "\n",
            }).collect();
            prop_assert_eq!(words(&shown), words(&text));
        }
    }
}
