//! The lines of a form, as a page draws them.

use super::{
    answers::{Answers, Raw},
    form::{Form, Item, Kind},
    score::settled,
    tree::{Node, Tree},
    value::Value,
    when::Operator,
};

/// One instance of an item. Below it is what has a key that begins with its own and `_`.
#[derive(Clone, Debug, PartialEq)]
pub struct Line<'f> {
    /// The field is `a[<key>]`; boxes are `a[<key>_o<index>]`, another answer `a[<key>_other]`, a unit `a[<key>_unit]`.
    pub key: String,
    pub item: &'f Item,
    pub depth: usize,
    pub instance: usize,
    pub instances: usize,
    /// Whether it is asked now; else it is drawn hidden.
    pub enabled: bool,
    pub conditions: Vec<Condition>,
    /// Whether one met condition is enough.
    pub any: bool,
    /// The key of the question above it, which has to be answered before this is asked; nothing, where there is none.
    pub needs: Option<String>,
    /// What the fields hold, each with its name.
    pub current: Vec<(String, String)>,
    pub values: Vec<Value>,
    pub may_add: bool,
    pub may_remove: bool,
}

/// A condition as a page checks it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// The keys of the question's instances.
    pub keys: Vec<String>,
    /// The values of those that nobody answers on the page, as fields would hold them: hidden, read only, files.
    pub given: Vec<String>,
    /// Whether the question has boxes: the value is the index of one of them, `a[<key>_o<value>]`.
    pub boxes: bool,
    pub operator: Operator,
    /// As the field holds it: of a choice the index of the option.
    pub value: String,
}

/// The lines of a form in order, without what is hidden for good; what is not asked now is there too, and says so.
pub fn visible<'f>(form: &'f Form, answers: &Answers) -> Vec<Line<'f>> {
    let answers = settled(form, answers);
    let tree = Tree::new(form, &answers);
    let (mut lines, mut hidden) = (Vec::new(), 0);
    for (at, node) in tree.nodes.iter().enumerate() {
        if at < hidden {
            continue;
        }
        if node.item.hidden {
            hidden = node.end;
            continue;
        }
        if let Some(item) = find(form, &node.key) {
            lines.push(line(&tree, node, item));
        }
    }
    lines
}

/// The item of a key.
pub fn find<'f>(form: &'f Form, key: &str) -> Option<&'f Item> {
    let mut steps = key.split('_').map(|part| part.strip_prefix('i')?.split_once('r')?.0.parse::<usize>().ok());
    let first = form.items.get(steps.next()??)?;
    steps.try_fold(first, |item, step| item.items.get(step?))
}

fn line<'f>(tree: &Tree, node: &Node, item: &'f Item) -> Line<'f> {
    let above = node.parent.and_then(|parent| tree.nodes.get(parent));
    let repeats = item.repeats && !item.is_boxes() && (item.kind == Kind::Group || item.is_answerable());
    let conditions = item.when.iter().map(|when| {
        let sources: Vec<&Node> = tree.sources(node, &when.question).iter().filter_map(|at| tree.nodes.get(*at)).collect();
        let question = sources.first().map(|source| source.item);
        let given = sources.iter().filter(|source| source.is_enabled && !is_on_page(tree, source));
        Condition {
            keys: sources.iter().map(|source| source.key.clone()).collect(),
            given: given.flat_map(|source| source.values().map(|value| field(source.item, value))).collect(),
            boxes: question.is_some_and(Item::is_boxes),
            operator: when.operator,
            value: question.map_or_else(|| when.value.plain("en"), |question| value_field(question, &when.value, when.operator)),
        }
    });
    Line {
        key: node.key.clone(),
        item,
        depth: node.depth,
        instance: node.instance,
        instances: node.instances,
        enabled: node.is_enabled,
        conditions: conditions.collect(),
        any: item.any,
        needs: above
            .filter(|above| above.item.kind.is_question() && item.kind != Kind::Display)
            .filter(|above| is_on_page(tree, above) || !above.is_answered())
            .map(|above| above.key.clone()),
        current: current(node),
        values: node.values().cloned().collect(),
        may_add: repeats && node.instance + 1 == node.instances && node.instances < item.most_wanted(),
        may_remove: repeats && node.instances > item.min_occurs.unwrap_or_default().max(1),
    }
}

/// Whether the answer to a question changes on the page: there is a field for it, or it is a total.
fn is_on_page(tree: &Tree, node: &Node) -> bool {
    let mut above = Some(node);
    while let Some(one) = above {
        if one.item.hidden && one.item.calculated.is_none() {
            return false;
        }
        above = one.parent.and_then(|parent| tree.nodes.get(parent));
    }
    node.item.calculated.is_some() || node.item.is_answerable() && node.item.kind != Kind::Attachment
}

fn value_field(question: &Item, value: &Value, operator: Operator) -> String {
    match value {
        Value::Boolean(is) if operator == Operator::Exists => is.to_string(),
        _ => field(question, value),
    }
}

/// A value as a field holds it.
fn field(item: &Item, value: &Value) -> String {
    match value {
        _ if item.kind.is_choice() => item.option(value).map_or_else(|| value.plain("en"), |(index, _)| index.to_string()),
        Value::Boolean(is) => is.to_string(),
        Value::DateTime(instant) => super::extension::cut(instant, 16),
        Value::Time(time) => super::extension::cut(time, 5),
        Value::Quantity { value, .. } => value.clone(),
        Value::Attachment { id, .. } => id.clone(),
        other => other.plain("en"),
    }
}

fn current(node: &Node) -> Vec<(String, String)> {
    let (item, key) = (node.item, &node.key);
    let mut fields = Vec::new();
    for answer in node.answers {
        match (&answer.value, &answer.raw) {
            (Some(value), _) if item.kind.is_choice() && !item.options.is_empty() && item.option(value).is_none() => {
                if !item.is_boxes() {
                    fields.push((key.clone(), "other".to_owned()));
                }
                fields.push((format!("{key}_other"), value.plain("en")));
            }
            (Some(value), _) if item.kind == Kind::OpenChoice && item.options.is_empty() => {
                fields.push((format!("{key}_other"), value.plain("en")));
            }
            (Some(value), _) if item.is_boxes() => fields.push((format!("{key}_o{}", field(item, value)), "on".to_owned())),
            (Some(value), _) => {
                fields.push((key.clone(), field(item, value)));
                if let Value::Quantity { unit: Some(unit), .. } = value {
                    let index = item.units.iter().position(|known| known.same(unit) || known.label() == unit.label());
                    fields.push((format!("{key}_unit"), index.map_or_else(|| unit.label().to_owned(), |index| index.to_string())));
                }
            }
            (None, Some(Raw { text, unit })) => {
                fields.push((key.clone(), text.clone()));
                fields.extend(unit.clone().map(|unit| (format!("{key}_unit"), unit)));
            }
            (None, None) => {}
        }
    }
    fields
}

/// The questions that are asked and answered, each with its answers, in order.
pub fn answered<'f>(form: &'f Form, answers: &Answers) -> Vec<(&'f Item, Vec<Value>)> {
    let answers = settled(form, answers);
    let tree = Tree::new(form, &answers);
    let asked = tree.nodes.iter().filter(|node| node.is_enabled && node.is_answered());
    asked.filter_map(|node| Some((find(form, &node.key)?, node.values().cloned().collect()))).collect()
}
