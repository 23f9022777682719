//! What is wrong with answers, and what is missing.

use std::{cmp::Ordering, collections::HashSet};

use super::{
    answers::{Answer, Answers},
    form::{Form, Item, Kind},
    scalar::number,
    score::settled,
    tree::{Node, Tree},
    value::{LONGEST, Value},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    NotANumber,
    NotWhole,
    TooSmall(Value),
    TooLarge(Value),
    /// So many decimal places at most.
    TooPrecise(usize),
    /// So many characters at most, or at least.
    TooLong(usize),
    TooShort(usize),
    NotADate,
    NotATime,
    NotAUrl,
    NotAnOption,
    /// So many answers at most, or at least.
    TooMany(usize),
    TooFew(usize),
    ExclusiveTogether,
}

/// What is wrong with the answers to what is asked, by key. A begun form may lack answers: see [`missing`].
pub fn faults(form: &Form, answers: &Answers) -> Vec<(String, Fault)> {
    let answers = settled(form, answers);
    let tree = Tree::new(form, &answers);
    let mut faults = Vec::new();
    for (at, node) in asked(&tree) {
        let each = node.answers.iter().filter_map(|answer| fault(node.item, answer));
        let all = (node.instance == 0).then(|| together(&tree, at, node)).flatten();
        faults.extend(each.chain(all).next().map(|fault| (node.key.clone(), fault)));
    }
    faults
}

/// The keys of what is asked, required and not answered. A repeating group that is not required, or is there with another instance, may be
/// left blank. A required group wants an answer to anything in it.
pub fn missing(form: &Form, answers: &Answers) -> Vec<String> {
    let answers = settled(form, answers);
    let tree = Tree::new(form, &answers);
    // Whether there is an answer in a node, a readable one or not.
    let mut filled = HashSet::new();
    for (at, node) in tree.nodes.iter().enumerate().filter(|(_, node)| node.is_enabled && node.item.calculated.is_none()) {
        if node.is_answered() || node.answers.iter().any(|answer| answer.raw.is_some()) {
            let mut above = Some(at);
            while let Some(at) = above.filter(|at| filled.insert(*at)) {
                above = tree.nodes.get(at).and_then(|node| node.parent);
            }
        }
    }
    let is_filled = |at: usize, node: &Node| siblings(&tree, at, node).any(|(at, _)| filled.contains(&at));
    let (mut missing, mut left_blank) = (Vec::new(), 0);
    for (at, node) in tree.nodes.iter().enumerate().filter(|(_, node)| node.is_enabled && !node.item.hidden) {
        if at < left_blank {
            continue;
        }
        let is_required = node.item.required || node.item.min_occurs.is_some_and(|least| least > 0);
        if node.item.kind == Kind::Group {
            if node.item.repeats && !filled.contains(&at) && (!is_required || is_filled(at, node)) {
                left_blank = node.end;
            }
            let mut below =
                tree.nodes.get(at + 1..node.end).unwrap_or_default().iter().filter(|below| below.is_enabled && below.item.is_answerable());
            let is_left_to_those = below.clone().any(|below| below.item.required);
            if is_required && node.instance == 0 && !is_left_to_those && !is_filled(at, node) && below.next().is_some() {
                missing.push(node.key.clone());
            }
        } else if is_required && node.item.is_answerable() && node.instance == 0 && !is_filled(at, node) {
            missing.push(node.key.clone());
        }
    }
    missing
}

fn asked<'t>(tree: &'t Tree) -> impl Iterator<Item = (usize, &'t Node<'t>)> {
    tree.nodes.iter().enumerate().filter(|(_, node)| node.is_enabled && node.item.is_answerable())
}

/// The instances of the same item beside a first one, with it.
fn siblings<'t>(tree: &'t Tree, at: usize, node: &Node<'t>) -> impl Iterator<Item = (usize, &'t Node<'t>)> {
    let (link_id, parent) = (&node.item.link_id, node.parent);
    let end = parent.and_then(|parent| tree.nodes.get(parent)).map_or(tree.nodes.len(), |parent| parent.end);
    let first = if node.instance == 0 { at } else { parent.map_or(0, |parent| parent + 1) };
    let mut next = Some(first);
    std::iter::from_fn(move || {
        let at = next.filter(|at| *at < end)?;
        let node = tree.nodes.get(at)?;
        next = Some(node.end.max(at + 1));
        Some((at, node))
    })
    .skip_while(move |(_, node)| node.item.link_id != *link_id)
    .take_while(move |(_, node)| node.item.link_id == *link_id)
}

/// What is wrong with all answers to a question together.
fn together(tree: &Tree, at: usize, node: &Node) -> Option<Fault> {
    let count = siblings(tree, at, node).map(|(_, node)| node.values().count()).sum::<usize>();
    let is_exclusive = |value: &Value| node.item.option(value).is_some_and(|(_, option)| option.exclusive);
    let least = node.item.min_occurs.unwrap_or_default();
    match count {
        0 => None,
        _ if count > node.item.most_wanted() => Some(Fault::TooMany(node.item.most_wanted())),
        _ if count < least => Some(Fault::TooFew(least)),
        1 => None,
        _ => node.values().any(is_exclusive).then_some(Fault::ExclusiveTogether),
    }
}

fn fault(item: &Item, answer: &Answer) -> Option<Fault> {
    let Some(value) = &answer.value else { return answer.raw.as_ref().map(|raw| unread(item, &raw.text)) };
    if let Value::Text(text) = value {
        let (length, most) = (text.chars().count(), item.max_length.unwrap_or(LONGEST).min(LONGEST));
        return if length > most {
            Some(Fault::TooLong(most))
        } else {
            item.min_length.filter(|least| length < *least).map(Fault::TooShort)
        };
    }
    if let (Some(most), Value::Decimal(text) | Value::Quantity { value: text, .. }) = (item.max_decimal_places, value)
        && text.split_once('.').is_some_and(|(_, part)| part.trim_end_matches('0').len() > most)
    {
        return Some(Fault::TooPrecise(most));
    }
    if let (Some(most), Value::Url(text)) = (item.max_length, value)
        && text.chars().count() > most
    {
        return Some(Fault::TooLong(most));
    }
    let is = |limit: &Option<Value>, wrong: Ordering| limit.clone().filter(|limit| value.compare(limit) == Some(wrong));
    is(&item.min_value, Ordering::Less).map(Fault::TooSmall).or_else(|| is(&item.max_value, Ordering::Greater).map(Fault::TooLarge))
}

/// Why a text could not be read.
fn unread(item: &Item, text: &str) -> Fault {
    match item.kind {
        Kind::Integer => match number(text, "en").or_else(|| number(text, "es")) {
            None => Fault::NotANumber,
            Some(number) if number.split_once('.').is_some_and(|(_, part)| part.bytes().any(|byte| byte != b'0')) => Fault::NotWhole,
            Some(number) if number.starts_with('-') => Fault::TooSmall(Value::Integer(i32::MIN.into())),
            Some(_) => Fault::TooLarge(Value::Integer(i32::MAX.into())),
        },
        Kind::Decimal | Kind::Quantity => Fault::NotANumber,
        Kind::Date | Kind::DateTime => Fault::NotADate,
        Kind::Time => Fault::NotATime,
        Kind::Url => Fault::NotAUrl,
        _ => Fault::NotAnOption,
    }
}
