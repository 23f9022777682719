//! Totals that a questionnaire wants calculated. Source: SDC, `calculatedExpression`; LOINC for the totals of known panels.

use super::{
    form::Item,
    total::{Calculation, LOINC, PANELS, Step},
};

/// Whether an item is what a code of LOINC names: by its code, or where it has none by the last part of its link id (`/44250-9`).
pub fn is_loinc(item: &Item, code: &str) -> bool {
    item.has_code(LOINC, code) || (item.codes.is_empty() && item.link_id.rsplit('/').next() == Some(code))
}

impl Calculation {
    /// How an item is calculated: by its expression, else as the total of a panel.
    pub fn of(item: &Item, expression: Option<&str>) -> Option<Calculation> {
        if let Some(expression) = expression {
            return Some(sum(expression).map_or(Calculation::Other, Calculation::Sum));
        }
        let is_number = matches!(item.kind, super::form::Kind::Decimal | super::form::Kind::Integer | super::form::Kind::Quantity);
        PANELS.iter().find(|panel| is_number && is_loinc(item, panel.total)).map(Calculation::Panel)
    }
}

/// The paths of an expression that only adds up scores: `%resource.item.where(linkId='g').item.answer.value.ordinal().sum()`, or such paths
/// to single questions with `+` between them. Nothing, where it does anything else: a wrong total is worse than none.
fn sum(expression: &str) -> Option<Vec<Vec<Step>>> {
    let (tokens, mut paths) = (tokens(expression)?, Vec::new());
    let terms: Vec<&[String]> = tokens.split(|token| token == "+").collect();
    for term in &terms {
        let mut rest = term.iter().map(String::as_str).collect::<Vec<_>>();
        if rest.first() != Some(&"%resource") {
            return None;
        }
        let is_sum = rest.last() == Some(&"sum()");
        if is_sum {
            rest.pop();
        }
        if !matches!(rest.pop(), Some("ordinal()" | "weight()")) {
            return None;
        }
        let answer = rest.iter().position(|token| *token == "answer")?;
        let is_value = rest.get(answer + 1..)?.iter().all(|token| matches!(*token, "value" | "valueCoding" | "first()"));
        let steps = rest.get(1..answer)?.iter().map(|token| step(token)).collect::<Option<Vec<_>>>()?;
        // Without a sum, a term has to be one question, or the expression is none.
        let is_one = matches!(steps.last(), Some(Step::Named(names)) if names.len() == 1);
        if !is_value || steps.is_empty() || !(is_one || is_sum && terms.len() == 1) {
            return None;
        }
        paths.push(steps);
    }
    Some(paths)
}

fn step(token: &str) -> Option<Step> {
    if let Some(condition) = token.strip_prefix("where(").and_then(|rest| rest.strip_suffix(')')) {
        let names = match condition.strip_prefix("linkIdin(").and_then(|rest| rest.strip_suffix(')')) {
            Some(names) => names.split('|').map(quoted).collect::<Option<Vec<_>>>()?,
            None => condition.split("orlinkId=").map(|name| quoted(name.strip_prefix("linkId=").unwrap_or(name))).collect::<Option<_>>()?,
        };
        return (condition.starts_with("linkId")).then_some(Step::Named(names));
    }
    match token {
        "item" => Some(Step::Children),
        "descendants()" | "repeat(item)" => Some(Step::Descendants),
        _ => None,
    }
}

/// The text in single or double quotes.
fn quoted(text: &str) -> Option<String> {
    let inner = ['\'', '"'].into_iter().find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))?;
    (!inner.contains(['\'', '"', '\\'])).then(|| inner.to_owned())
}

/// The parts between dots and around `+`, without blanks, outside of quotes and parentheses.
fn tokens(expression: &str) -> Option<Vec<String>> {
    let (mut tokens, mut token, mut depth, mut quote) = (Vec::new(), String::new(), 0_usize, None);
    for character in expression.chars() {
        match (quote, character) {
            (Some(open), _) => {
                token.push(character);
                quote = (open != character).then_some(open);
            }
            (None, '\'' | '"') => {
                token.push(character);
                quote = Some(character);
            }
            (None, blank) if blank.is_whitespace() => {}
            (None, '.') if depth == 0 => tokens.push(std::mem::take(&mut token)),
            (None, '+') if depth == 0 => tokens.extend([std::mem::take(&mut token), "+".to_owned()]),
            (None, other) => {
                depth = if other == ')' { depth.checked_sub(1)? } else { depth + usize::from(other == '(') };
                token.push(other);
            }
        }
    }
    tokens.push(token);
    Some(tokens)
}

/// The questions that a path leads to.
pub fn reached<'a>(items: &'a [Item], path: &[Step]) -> Vec<&'a Item> {
    fn below<'a>(item: &'a Item, all: &mut Vec<&'a Item>) {
        for child in &item.items {
            all.push(child);
            below(child, all);
        }
    }
    let mut at: Option<Vec<&Item>> = None;
    for step in path {
        let top = || items.iter().collect::<Vec<_>>();
        at = Some(match (step, at) {
            (Step::Children, None) => top(),
            (Step::Children, Some(at)) => at.iter().flat_map(|item| &item.items).collect(),
            (Step::Descendants, at) => {
                let (from, mut all) = (at.clone().unwrap_or_else(top), Vec::new());
                for item in from {
                    if at.is_none() {
                        all.push(item);
                    }
                    below(item, &mut all);
                }
                all
            }
            (Step::Named(names), at) => at.unwrap_or_default().into_iter().filter(|item| names.contains(&item.link_id)).collect(),
        });
    }
    let mut found: Vec<&Item> = at.unwrap_or_default().into_iter().filter(|item| item.kind.is_question()).collect();
    found.sort_by(|one, two| one.link_id.cmp(&two.link_id));
    found.dedup_by(|one, two| one.link_id == two.link_id);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Step {
        Step::Named(vec![name.into()])
    }

    #[test]
    fn sums_of_scores_are_understood() {
        assert_eq!(sum("%resource.item.answer.value.ordinal().sum()"), Some(vec![vec![Step::Children]]));
        assert_eq!(sum("%resource.descendants().answer.value.weight().sum()"), Some(vec![vec![Step::Descendants]]));
        assert_eq!(
            sum("%resource.item.where(linkId = 'a.b').item.answer.value.weight().sum()"),
            Some(vec![vec![Step::Children, named("a.b"), Step::Children]])
        );
        assert_eq!(
            sum("%resource.item.where(linkId='a' or linkId='b').answer.value.ordinal().sum()"),
            Some(vec![vec![Step::Children, Step::Named(vec!["a".into(), "b".into()])]])
        );
        assert_eq!(
            sum("%resource.item.where(linkId='a').answer.value.ordinal() + %resource.item.where(linkId=\"b\").answer.value.ordinal()"),
            Some(vec![vec![Step::Children, named("a")], vec![Step::Children, named("b")]])
        );
    }

    #[test]
    fn anything_else_is_not() {
        for other in [
            "",
            "%a.ordinal() + 1",
            "(%weight/(%height.power(2))).round(1)",
            "%resource.item.answer.value.ordinal().sum() * 2",
            "%resource.item.answer.value.ordinal()",
            "%resource.item.where(linkId='a').answer.value.ordinal().sum() + 3",
            "%resource.item.where(linkId!='a').answer.value.ordinal().sum()",
            "%resource.item.where(linkId.startsWith('a')).answer.value.ordinal().sum()",
            "%resource.item.where(linkId='a' and text='b').answer.value.ordinal().sum()",
            "%resource.item.where(linkId='a').answer.where(value > 1).value.ordinal().sum()",
            "iif(true, %resource.item.answer.value.ordinal().sum(), 0)",
            ").ordinal()",
        ] {
            assert_eq!(sum(other), None, "{other}");
        }
    }
}
