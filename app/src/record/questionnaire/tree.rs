//! A form with its answers, flat and in order: every instance of every item, also the blank ones, and whether each is asked.

use std::{collections::HashMap, slice};

use super::{
    answers::{Answer, Answered, Answers, key},
    form::{Form, Item, Kind},
    value::Value,
};

/// How many instances there are at most.
const NODES: usize = 20_000;
/// How often the conditions are looked at again, and how many answers in all: conditions may wait for each other, or go in circles.
const PASSES: usize = 100;
const LOOKS: usize = 2_000_000;

/// An instance of an item.
pub struct Node<'a> {
    pub key: String,
    pub item: &'a Item,
    pub parent: Option<usize>,
    /// The first node after those below it.
    pub end: usize,
    pub depth: usize,
    pub instance: usize,
    pub instances: usize,
    /// The answer, or all answers where they are boxes.
    pub answers: &'a [Answer],
    pub is_enabled: bool,
}

impl Node<'_> {
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.answers.iter().filter_map(|answer| answer.value.as_ref())
    }

    pub fn is_answered(&self) -> bool {
        self.values().next().is_some()
    }
}

pub struct Tree<'a> {
    pub nodes: Vec<Node<'a>>,
    by_link_id: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Tree<'a> {
    pub fn new(form: &'a Form, answers: &'a Answers) -> Tree<'a> {
        let mut tree = Tree { nodes: Vec::new(), by_link_id: HashMap::new() };
        tree.add(&form.items, &answers.items, None);
        for (at, node) in tree.nodes.iter().enumerate() {
            tree.by_link_id.entry(&node.item.link_id).or_default().push(at);
        }
        tree.enable();
        tree
    }

    fn add(&mut self, items: &'a [Item], answered: &'a [Answered], parent: Option<usize>) {
        for (index, item) in items.iter().enumerate() {
            let own = || answered.iter().filter(|other| other.link_id == item.link_id);
            let answers = own().next().map_or(&[][..], |found| &found.answers);
            // Each instance: its answers, and what is below it.
            let mut instances: Vec<(&[Answer], &[Answered])> = match item.kind {
                Kind::Group => own().map(|found| (&[][..], &found.items[..])).collect(),
                _ if item.is_boxes() => vec![(answers, answers.first().map_or(&[][..], |first| &first.items))],
                _ => answers.iter().map(|answer| (slice::from_ref(answer), &answer.items[..])).collect(),
            };
            instances.truncate(item.most());
            if instances.is_empty() {
                instances.push((&[], &[]));
            }
            let count = instances.len();
            for (instance, (answers, below)) in instances.into_iter().enumerate() {
                let at = self.nodes.len();
                if at >= NODES {
                    return;
                }
                let above = parent.and_then(|parent| self.nodes.get(parent));
                let key = key(above.map_or("", |above| &above.key), index, instance);
                let depth = above.map_or(0, |above| above.depth + 1);
                let (end, instances, is_enabled) = (at + 1, count, true);
                self.nodes.push(Node { key, item, parent, end, depth, instance, instances, answers, is_enabled });
                self.add(&item.items, below, Some(at));
                let end = self.nodes.len();
                if let Some(node) = self.nodes.get_mut(at) {
                    node.end = end;
                }
            }
        }
    }

    /// The instances of a question that a condition of a node means: the nearest, that is the instance that the node is in, else those in the
    /// innermost instance around it that has the question. Source: FHIR R4, Questionnaire.item.enableWhen.question ("first the ancestor axis").
    pub fn sources(&self, node: &Node, question: &str) -> &[usize] {
        let all = self.by_link_id.get(question).map_or(&[][..], Vec::as_slice);
        let (mut above, mut steps) = (node.parent, 0);
        while let Some((at, around)) = above.and_then(|at| Some((at, self.nodes.get(at)?))) {
            let from = all.partition_point(|source| *source < at);
            let to = all.partition_point(|source| *source < around.end);
            let within = all.get(from..to).unwrap_or_default();
            if around.item.link_id == question {
                return within.get(..1).unwrap_or_default();
            }
            if !within.is_empty() || steps > self.nodes.len() {
                return within;
            }
            (above, steps) = (around.parent, steps + 1);
        }
        all
    }

    /// What is below something that is not asked, or below a question without answer, is not asked; a text to read below a question is shown
    /// with it. Answers to what is not asked do not count. Source: FHIR R4, Questionnaire.item.enableWhen, QuestionnaireResponse.item.answer.
    fn enable(&mut self) {
        let mut looks = 0;
        for _ in 0..PASSES {
            let mut is_changed = false;
            for at in 0..self.nodes.len() {
                let Some(node) = self.nodes.get(at) else { continue };
                let above = node.parent.and_then(|parent| self.nodes.get(parent));
                let follows = above.is_none_or(|above| {
                    let needs_answer = above.item.kind.is_question() && node.item.kind != Kind::Display;
                    above.is_enabled && (!needs_answer || above.is_answered())
                });
                let mut met = node.item.when.iter().map(|when| {
                    let sources = self.sources(node, &when.question);
                    looks += sources.len() + 1;
                    when.is_met(
                        sources.iter().filter_map(|at| self.nodes.get(*at)).filter(|source| source.is_enabled).flat_map(Node::values),
                    )
                });
                let is_met = if node.item.any && !node.item.when.is_empty() { met.any(|met| met) } else { met.all(|met| met) };
                let is_enabled = follows && is_met;
                is_changed |= is_enabled != node.is_enabled;
                if let Some(node) = self.nodes.get_mut(at) {
                    node.is_enabled = is_enabled;
                }
            }
            if !is_changed || looks > LOOKS {
                return;
            }
        }
    }
}
