//! Totals. Source: SDC, calculated expressions; the scoring rules of the PHQ-9 (Kroenke, Spitzer, Williams, J Gen Intern Med 2001) and the
//! GAD-7 (Spitzer, Kroenke, Williams, Löwe, Arch Intern Med 2006).

use std::collections::BTreeMap;

use serde::Serialize;

use super::{
    answers::Answers,
    calculation::{is_loinc, reached},
    form::{Form, Item, Kind},
    scalar::{of_thousandths, thousandths},
    total::{Calculation, PANELS, Panel},
    tree::{Node, Tree},
    value::{Code, Value},
};

/// A total of a form.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    pub key: String,
    pub label: String,
    /// In thousandths; nothing, while a question that counts has no answer that counts.
    pub value: Option<i64>,
    /// In thousandths, the highest that it can be.
    pub max: i64,
    pub severity: Option<Severity>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Minimal,
    Mild,
    Moderate,
    ModeratelySevere,
    Severe,
}

/// The totals of a form, in its order. A total with unanswered questions has no value: a sum of some would look better than it is.
pub fn score(form: &Form, answers: &Answers) -> Vec<Score> {
    let answers = settled(form, answers);
    scores(form, &Tree::new(form, &answers)).into_iter().map(|(_, score)| score).collect()
}

/// The answers as they fit the form, with the totals written in where they are complete, and away where they are not. Totals may decide what
/// is asked, so it goes around until nothing changes.
pub fn settled(form: &Form, answers: &Answers) -> Answers {
    let mut answers = answers.fitting(form);
    let is_scored = form.all().into_iter().any(|item| item.calculated.is_some());
    for _ in 0..if is_scored { 6 } else { 0 } {
        let tree = Tree::new(form, &answers);
        let own = |node: &Node| node.values().next().cloned();
        let mut changes = Vec::new();
        for (at, score) in scores(form, &tree) {
            let Some(node) = tree.nodes.get(at) else { continue };
            let value = score.value.map(|value| as_answer(node.item, value));
            if own(node) != value {
                changes.push((score.key, value));
            }
        }
        if changes.is_empty() {
            break;
        }
        for (key, value) in changes {
            answers.set(form, &key, value);
        }
    }
    answers
}

fn as_answer(item: &Item, value: i64) -> Value {
    let text = of_thousandths(value);
    match item.kind {
        Kind::Integer if value % 1_000 == 0 => Value::Integer(value / 1_000),
        Kind::Quantity => {
            let score = Code { system: Some("http://unitsofmeasure.org".into()), code: Some("{score}".into()), display: None };
            Value::Quantity { value: text, unit: item.units.first().cloned().or(Some(score)) }
        }
        _ => Value::Decimal(text),
    }
}

/// A total as a page adds it up while somebody answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PageTotal {
    pub key: String,
    pub terms: Vec<Term>,
}

/// What one question counts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Term {
    /// The keys of its instances.
    pub keys: Vec<String>,
    /// In thousandths, by the value of the field.
    pub scores: BTreeMap<String, i64>,
    /// What it counts where it is not asked, in thousandths; nothing, where there is no total then.
    pub unasked: Option<i64>,
    /// What it counts, in thousandths, where nobody answers it on the page; nothing of it in `Some(None)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed: Option<Option<i64>>,
}

/// The totals of a form, as a page adds them up.
pub fn page_totals(form: &Form, answers: &Answers) -> Vec<PageTotal> {
    let answers = settled(form, answers);
    let tree = Tree::new(form, &answers);
    let total = |node: &Node| {
        let (questions, panel) = terms(form, node)?;
        let term = |item: &&Item| {
            let sources: Vec<&Node> = tree.sources(node, &item.link_id).iter().filter_map(|at| tree.nodes.get(*at)).collect();
            let scores = item.options.iter().enumerate().filter_map(|(index, option)| Some((index.to_string(), option.score?)));
            let is_answered_here = item.is_answerable() && !item.hidden;
            Term {
                keys: sources.iter().map(|source| source.key.clone()).collect(),
                scores: scores.collect(),
                unasked: panel.is_none().then_some(0),
                fixed: (!is_answered_here).then(|| scored(&tree, node, item, panel.is_some())),
            }
        };
        Some(PageTotal { key: node.key.clone(), terms: questions.iter().map(term).collect() })
    };
    tree.nodes.iter().filter_map(total).collect()
}

/// The questions that a total adds up, and the panel that it is the total of.
fn terms<'f>(form: &'f Form, node: &Node) -> Option<(Vec<&'f Item>, Option<&'static Panel>)> {
    let (questions, panel): (Vec<&Item>, Option<&'static Panel>) = match node.item.calculated.as_ref()? {
        Calculation::Sum(paths) => (paths.iter().flat_map(|path| reached(&form.items, path)).collect(), None),
        Calculation::Panel(panel) => (panel_questions(form, panel)?, Some(*panel)),
        Calculation::Other => return None,
    };
    let questions: Vec<&Item> = questions.into_iter().filter(|item| item.options.iter().any(|option| option.score.is_some())).collect();
    let is_whole = panel.is_none_or(|panel| questions.len() >= panel.questions.len());
    (!questions.is_empty() && is_whole && node.item.kind.is_question()).then_some((questions, panel))
}

/// Each total, with the place of its node.
fn scores(form: &Form, tree: &Tree) -> Vec<(usize, Score)> {
    let total = |(at, node): (usize, &Node)| {
        let (questions, panel) = terms(form, node)?;
        let values = questions.iter().map(|item| scored(tree, node, item, panel.is_some()));
        let value = values.sum::<Option<i64>>().filter(|_| node.is_enabled);
        let label = Some(node.item.text.clone()).filter(|text| !text.is_empty()).or_else(|| Some(panel?.name.to_owned()));
        let score = Score {
            key: node.key.clone(),
            label: label.unwrap_or_default(),
            value,
            max: questions.iter().map(|item| highest(item)).sum(),
            severity: value.and_then(|value| interpretation(bands(form, node.item, panel, &questions)?.total, value)),
        };
        Some((at, score))
    };
    tree.nodes.iter().enumerate().filter_map(total).collect()
}

/// The panel whose bands hold for a total: where an expression adds up other questions than those of the panel, none.
fn bands(form: &Form, total: &Item, panel: Option<&'static Panel>, questions: &[&Item]) -> Option<&'static Panel> {
    panel.or_else(|| {
        let known = PANELS.iter().find(|panel| is_loinc(total, panel.total))?;
        let own = panel_questions(form, known)?;
        let are_same = own.len() == questions.len() && own.iter().all(|item| questions.iter().any(|other| std::ptr::eq(*item, *other)));
        are_same.then_some(known)
    })
}

/// The questions of a panel, where the form has them all and each once.
fn panel_questions<'f>(form: &'f Form, panel: &Panel) -> Option<Vec<&'f Item>> {
    let all = form.all();
    let question = |code: &&str| {
        let mut found = all.iter().filter(|item| item.kind.is_choice() && is_loinc(item, code));
        found.next().copied().filter(|item| found.next().is_none() && highest(item) <= panel.highest * 1_000)
    };
    panel.questions.iter().map(question).collect()
}

fn highest(item: &Item) -> i64 {
    let scores = item.options.iter().filter_map(|option| option.score);
    if item.repeats { scores.filter(|score| *score > 0).sum() } else { scores.max().unwrap_or_default() }
}

/// What the answers to a question count for a total; nothing, where it has none, or one that does not count. A question that is not asked counts
/// nothing in an expression, which finds no answer there, but leaves a known panel without total: its bands hold for all questions.
fn scored(tree: &Tree, total: &Node, item: &Item, is_panel: bool) -> Option<i64> {
    let nodes = tree.sources(total, &item.link_id).iter().filter_map(|at| tree.nodes.get(*at));
    let mut enabled = nodes.filter(|node| node.is_enabled).peekable();
    if enabled.peek().is_none() {
        return (!is_panel).then_some(0);
    }
    let values: Vec<&Value> = enabled.flat_map(|node| node.values()).collect();
    let counts = values.iter().map(|value| score_of(item, value));
    if values.is_empty() { None } else { counts.sum() }
}

/// What one answer counts, in thousandths.
pub fn score_of(item: &Item, value: &Value) -> Option<i64> {
    match value {
        Value::Integer(_) | Value::Decimal(_) if item.options.is_empty() => thousandths(&value.plain("en")),
        _ => item.option(value)?.1.score,
    }
}

/// How severe a total is, in thousandths. PHQ-9: 0–4, 5–9, 10–14, 15–19, 20–27 (Kroenke 2001). GAD-7: 0–4, 5–9, 10–14, 15–21 (Spitzer 2006).
pub fn interpretation(total: &str, value: i64) -> Option<Severity> {
    let (is_phq, score) = (total == "44261-6", value / 1_000);
    let highest = if is_phq { 27 } else { 21 };
    if !(is_phq || total == "70274-6") || value < 0 || value > highest * 1_000 {
        return None;
    }
    Some(match score {
        ..=4 => Severity::Minimal,
        5..=9 => Severity::Mild,
        10..=14 => Severity::Moderate,
        15..=19 if is_phq => Severity::ModeratelySevere,
        _ => Severity::Severe,
    })
}
