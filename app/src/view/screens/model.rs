//! What can be on a screen.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Screen {
    pub title: String,
    pub lead: String,
    pub back: Option<Link>,
    /// One column for reading and typing; otherwise sheets stand side by side where there is room.
    pub narrow: bool,
    pub blocks: Vec<Block>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub href: String,
    pub label: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Block {
    /// Something that a person should know first.
    Notice { warn: bool, title: String, parts: Vec<Part> },
    /// Where somebody is in a process of several pages.
    Steps { labels: Vec<String>, current: usize },
    /// A card with a heading; `id` lets links point at it.
    Sheet { id: String, heading: String, parts: Vec<Part> },
    /// Made on the server, with everything that came from elsewhere escaped; for what one page alone has.
    Made(String),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Part {
    Text(String),
    Small(String),
    Heading(String),
    Bullets(Vec<String>),
    /// Things of one kind, without a judgement.
    Lines(Vec<String>),
    Numbered(Vec<String>),
    /// Label and value.
    Facts(Vec<(String, String)>),
    /// The words of the record, or of somebody.
    Quote(String),
    /// A small way on that does not stand out.
    Aside(Link),
    /// Ways on to other pages, one under the other, each with a word on what is there.
    Ways(Vec<(Link, String)>),
    /// Links that look like buttons; the first is the main one when `main`.
    Buttons {
        main: bool,
        links: Vec<Link>,
    },
    /// Something to copy or read out, large.
    Code {
        label: String,
        text: String,
    },
    Picture {
        src: String,
        alt: String,
    },
    /// One thing of several, with what can be done about it.
    Entry {
        title: String,
        tag: Option<Tag>,
        lines: Vec<String>,
        parts: Vec<Part>,
    },
    Table {
        caption: String,
        head: Vec<String>,
        rows: Vec<Vec<String>>,
    },
    /// A drawing that the server made: SVG, with everything that came from elsewhere escaped.
    Chart {
        svg: String,
    },
    /// The names of the lines of a chart, in their order.
    Legend(Vec<String>),
    /// A note's words, sanitised when they came in.
    Html(String),
    /// Opens on demand.
    More {
        summary: String,
        parts: Vec<Part>,
    },
    Form(Form),
    /// A button that asks the browser for a passkey; nothing without JavaScript.
    Passkey {
        label: String,
        new: bool,
    },
    /// How far something is that goes on without the reader.
    Progress {
        label: String,
        percent: i32,
    },
    /// A button that prints the page; nothing without JavaScript.
    Print {
        label: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tag {
    pub text: String,
    pub tone: Tone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tone {
    Good,
    Plain,
    Off,
}

/// A form that posts to a server function, or asks this page anew with its fields in the address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// Where it posts; empty for a form that searches on this very page.
    pub action: String,
    pub fields: Vec<Field>,
    pub submit: String,
    /// The button does not stand out.
    pub quiet: bool,
    /// Side by side, as for a search.
    pub inline: bool,
    pub files: bool,
    /// Why the last try was refused, when that is about no field in particular.
    pub problem: Option<String>,
    /// The heading over the problems of the last try.
    pub problems_title: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    pub name: String,
    /// Of the input; forms with equal field names on one page tell theirs apart by it.
    pub id: String,
    pub label: String,
    pub hint: String,
    pub value: String,
    pub problem: Option<String>,
    pub kind: Kind,
    pub required: bool,
    pub autocomplete: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    Text,
    Search,
    Email,
    Phone,
    Date,
    /// Digits only, such as a one-time code.
    Digits,
    Password,
    /// A new password: says while typing what is still missing.
    NewPassword,
    Area,
    /// Long text that is pasted.
    Paste,
    Hidden,
    /// No field: words over the fields that follow.
    Heading,
    File {
        accept: String,
    },
    Check,
    /// Value and label.
    Select(Vec<(String, String)>),
    /// Value, label, and a word on what it means.
    Radio(Vec<(String, String, String)>),
}

/// The address that a form comes back to: with what was typed when it was refused.
pub fn action_with_way_back(action: &str, here: &str) -> String {
    let mut way_back = String::with_capacity(action.len() + here.len() + 8);
    way_back.push_str(action);
    way_back.push_str("?again=");
    for byte in here.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' | b'/' => way_back.push(char::from(byte)),
            _ => {
                way_back.push('%');
                for nibble in [byte >> 4, byte & 15] {
                    way_back.push(char::from_digit(nibble.into(), 16).unwrap_or('0').to_ascii_uppercase());
                }
            }
        }
    }
    way_back
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_survives_as_one_query_value() {
        assert_eq!(action_with_way_back("/api/x", "/p/1?a=b&c=ñ"), "/api/x?again=/p/1%3Fa%3Db%26c%3D%C3%B1");
    }
}
