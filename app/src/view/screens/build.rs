//! Puts screens together, on the server.

use std::sync::Arc;

use super::model::{Block, Field, Form, Kind, Link, Part, Screen, Tag, Tone};
use crate::{
    access::{current, draft::Draft},
    base::{error::Error, i18n::texts},
    view::problem::{problem_in_words, reason_in_words},
};

pub fn link(href: impl Into<String>, label: impl Into<String>) -> Link {
    Link { href: href.into(), label: label.into() }
}

pub fn good(text: impl Into<String>) -> Option<Tag> {
    Some(Tag { text: text.into(), tone: Tone::Good })
}

pub fn plain(text: impl Into<String>) -> Option<Tag> {
    Some(Tag { text: text.into(), tone: Tone::Plain })
}

pub fn off(text: impl Into<String>) -> Option<Tag> {
    Some(Tag { text: text.into(), tone: Tone::Off })
}

impl Screen {
    pub fn new(title: impl Into<String>, lead: impl Into<String>) -> Self {
        Self { title: title.into(), lead: lead.into(), ..Self::default() }
    }

    pub fn narrow(mut self) -> Self {
        self.narrow = true;
        self
    }

    pub fn back(mut self, href: impl Into<String>, label: impl Into<String>) -> Self {
        self.back = Some(link(href, label));
        self
    }

    pub fn steps(mut self, labels: &[&str], current: usize) -> Self {
        self.blocks.push(Block::Steps { labels: labels.iter().map(|label| (*label).to_owned()).collect(), current });
        self
    }

    pub fn notice(mut self, title: impl Into<String>, text: impl Into<String>) -> Self {
        self.blocks.push(Block::Notice { warn: false, title: title.into(), parts: vec![Part::text(text)] });
        self
    }

    pub fn warning(mut self, title: impl Into<String>, parts: Vec<Part>) -> Self {
        self.blocks.push(Block::Notice { warn: true, title: title.into(), parts });
        self
    }

    pub fn sheet(self, heading: impl Into<String>, parts: Vec<Part>) -> Self {
        self.named_sheet("", heading, parts)
    }

    /// A sheet that links can point at.
    pub fn named_sheet(mut self, id: &str, heading: impl Into<String>, parts: Vec<Part>) -> Self {
        self.blocks.push(Block::Sheet { id: id.to_owned(), heading: heading.into(), parts });
        self
    }
}

impl Part {
    pub fn text(text: impl Into<String>) -> Self {
        Part::Text(text.into())
    }

    pub fn small(text: impl Into<String>) -> Self {
        Part::Small(text.into())
    }

    pub fn bullets<const N: usize>(lines: [&str; N]) -> Self {
        Part::Bullets(lines.map(str::to_owned).into())
    }

    pub fn numbered<const N: usize>(lines: [String; N]) -> Self {
        Part::Numbered(lines.into())
    }

    pub fn facts<const N: usize>(facts: [(&str, Option<String>); N]) -> Self {
        Part::Facts(facts.into_iter().filter_map(|(label, value)| Some((label.to_owned(), value?))).collect())
    }

    /// The main way on.
    pub fn button(href: impl Into<String>, label: impl Into<String>) -> Self {
        Part::Buttons { main: true, links: vec![link(href, label)] }
    }

    pub fn quiet(href: impl Into<String>, label: impl Into<String>) -> Self {
        Part::Buttons { main: false, links: vec![link(href, label)] }
    }
}

/// Collects the fields of a form, and fills them with what was typed when the last try was refused.
pub struct FormBuilder {
    form: Form,
    draft: Option<Arc<Draft>>,
}

impl Form {
    /// A form that posts to a server function.
    pub fn post(action: &str, submit: impl Into<String>) -> FormBuilder {
        let draft = current().ok().and_then(|access| access.draft).filter(|draft| draft.action == action);
        FormBuilder { form: Form { action: action.to_owned(), ..Form::empty(submit.into()) }, draft }
    }

    /// A form that asks this page anew.
    pub fn search(submit: impl Into<String>) -> FormBuilder {
        FormBuilder { form: Form { inline: true, ..Form::empty(submit.into()) }, draft: None }
    }

    fn empty(submit: String) -> Self {
        Form {
            action: String::new(),
            fields: Vec::new(),
            submit,
            quiet: false,
            inline: false,
            files: false,
            problem: None,
            problems_title: None,
        }
    }
}

impl FormBuilder {
    /// The button does not stand out.
    pub fn quiet(mut self) -> Self {
        self.form.quiet = true;
        self
    }

    /// The form takes files.
    pub fn files(mut self) -> Self {
        self.form.files = true;
        self
    }

    pub fn hidden(mut self, name: &str, value: impl ToString) -> Self {
        // Of several forms for one action on a page, the draft belongs to the one with the same hidden values.
        let value = value.to_string();
        if self.draft.as_ref().is_some_and(|draft| draft.entries.get(name).is_some_and(|typed| *typed != value)) {
            self.draft = None;
        }
        self.form.fields.push(Field { value, ..Field::of(name, String::new(), Kind::Hidden) });
        self
    }

    /// A field of the form.
    pub fn field(mut self, mut field: Field) -> Self {
        if let Some(draft) = &self.draft {
            let secret = matches!(field.kind, Kind::Password | Kind::NewPassword | Kind::File { .. });
            if !secret {
                match draft.entries.get(&field.name) {
                    Some(typed) => field.value = typed.clone(),
                    None if field.kind == Kind::Check => field.value = String::new(),
                    None => {}
                }
            }
            if let Error::Invalid(problems) = &draft.error {
                field.problem =
                    problems.iter().find(|problem| problem.field == field.name).map(|problem| reason_in_words(texts(), problem.why));
            }
        }
        self.form.fields.push(field);
        self
    }

    pub fn done(mut self) -> Part {
        if let Some(draft) = &self.draft {
            let (title, general) = problem_in_words(texts(), &draft.error);
            let at_fields = self.form.fields.iter().any(|field| field.problem.is_some());
            self.form.problems_title = Some(title);
            self.form.problem = general.filter(|_| !at_fields || !matches!(draft.error, Error::Invalid(_)));
        }
        Part::Form(self.form)
    }
}

impl Field {
    fn of(name: &str, label: String, kind: Kind) -> Self {
        Field {
            name: name.to_owned(),
            id: name.replace('_', "-"),
            label,
            hint: String::new(),
            value: String::new(),
            problem: None,
            kind,
            required: true,
            autocomplete: String::new(),
        }
    }

    pub fn new(name: &str, label: impl Into<String>, kind: Kind) -> Self {
        Self::of(name, label.into(), kind)
    }

    pub fn text(name: &str, label: impl Into<String>) -> Self {
        Self::of(name, label.into(), Kind::Text)
    }

    pub fn check(name: &str, label: impl Into<String>, checked: bool) -> Self {
        Self { value: if checked { "true".into() } else { String::new() }, required: false, ..Self::of(name, label.into(), Kind::Check) }
    }

    pub fn heading(words: impl Into<String>) -> Self {
        Self { required: false, ..Self::of("", words.into(), Kind::Heading) }
    }

    /// Value and label of each choice.
    pub fn select(name: &str, label: impl Into<String>, choices: Vec<(String, String)>) -> Self {
        Self::of(name, label.into(), Kind::Select(choices))
    }

    /// Value, label, and a word on what it means.
    pub fn radio<const N: usize>(name: &str, label: impl Into<String>, choices: [(&str, &str, &str); N]) -> Self {
        let choices = choices.into_iter().map(|(value, label, says)| (value.to_owned(), label.to_owned(), says.to_owned())).collect();
        Self::of(name, label.into(), Kind::Radio(choices))
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }

    pub fn value(mut self, value: impl Into<String>) -> Self {
        self.value = value.into();
        self
    }

    /// What browsers and password managers fill in, as HTML names it.
    pub fn autocomplete(mut self, token: &str) -> Self {
        self.autocomplete = token.to_owned();
        self
    }

    pub fn optional(mut self) -> Self {
        self.required = false;
        self
    }

    /// An id of its own, where a page has the field twice.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }
}

/// One value of a query string, decoded.
pub fn query_value(query: &str, name: &str) -> Option<String> {
    pairs(query).find(|(found, _)| *found == name).map(|(_, value)| decoded(value)).filter(|value| !value.is_empty())
}

/// All values of one name in a query string, decoded, in their order; without empty ones.
pub fn query_values(query: &str, name: &str) -> Vec<String> {
    pairs(query).filter(|(found, _)| *found == name).map(|(_, value)| decoded(value)).filter(|value| !value.is_empty()).collect()
}

fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='))
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let hex = || u8::from_str_radix(std::str::from_utf8(after.get(..2)?).ok()?, 16).ok();
        rest = after;
        match (byte, if byte == b'%' { hex() } else { None }) {
            (_, Some(byte)) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            (b'+', _) => bytes.push(b' '),
            (byte, _) => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{query_value, query_values};

    #[test]
    fn query_values_are_decoded() {
        assert_eq!(query_value("?a=1&name=Mar%C3%ADa+Rivera", "name").as_deref(), Some("María Rivera"));
        assert_eq!(query_value("name=100%", "name").as_deref(), Some("100%"));
        assert_eq!(query_value("a=1", "name"), None);
    }

    #[test]
    fn a_name_may_have_several_values() {
        assert_eq!(query_values("?with=a%7C1&code=x&with=&with=b", "with"), ["a|1", "b"]);
    }
}
