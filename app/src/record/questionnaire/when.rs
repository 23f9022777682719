//! When an item is asked. Source: FHIR R4, Questionnaire.item.enableWhen.

use std::cmp::Ordering;

use serde_json::Value as Json;

use super::{
    extension::text,
    value::{SHORT, Value},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Exists,
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
}

impl Operator {
    pub fn as_str(self) -> &'static str {
        match self {
            Operator::Exists => "exists",
            Operator::Equal => "=",
            Operator::NotEqual => "!=",
            Operator::Greater => ">",
            Operator::Less => "<",
            Operator::GreaterOrEqual => ">=",
            Operator::LessOrEqual => "<=",
        }
    }

    fn read(text: &str) -> Option<Operator> {
        use Operator::*;
        [Exists, Equal, NotEqual, Greater, Less, GreaterOrEqual, LessOrEqual].into_iter().find(|operator| operator.as_str() == text)
    }
}

/// One condition: the answers of a question, compared to a value.
#[derive(Clone, Debug, PartialEq)]
pub struct When {
    /// The `linkId` of the question.
    pub question: String,
    pub operator: Operator,
    pub value: Value,
}

impl When {
    /// Nothing, where it cannot be read.
    pub fn read(condition: &Json, language: &str) -> Option<When> {
        let operator = condition.get("operator").and_then(Json::as_str).and_then(Operator::read)?;
        let value = Value::read(condition, "answer", language)?;
        let is_known = operator != Operator::Exists || matches!(value, Value::Boolean(_));
        Some(When { question: text(condition, "question", SHORT)?, operator, value }).filter(|_| is_known)
    }

    /// Whether the answers of the question meet it. Source: the definitions of R4's code system `questionnaire-enable-operator`: `exists` asks
    /// whether there is an answer; `=`, `>`, `<`, `>=`, `<=` whether at least one answer is so; `!=` whether no answer is equal, which holds
    /// also where there is none.
    pub fn is_met<'a>(&self, answers: impl IntoIterator<Item = &'a Value>) -> bool {
        let mut answers = answers.into_iter();
        let equal = |answer: &Value| answer == &self.value || answer.compare(&self.value) == Some(Ordering::Equal);
        let mut any = |is: fn(Ordering) -> bool| answers.any(|answer| answer.compare(&self.value).is_some_and(is));
        match self.operator {
            Operator::Exists => answers.next().is_some() == (self.value == Value::Boolean(true)),
            Operator::Equal => answers.any(equal),
            Operator::NotEqual => !answers.any(equal),
            Operator::Greater => any(Ordering::is_gt),
            Operator::Less => any(Ordering::is_lt),
            Operator::GreaterOrEqual => any(Ordering::is_ge),
            Operator::LessOrEqual => any(Ordering::is_le),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn is_met(operator: &str, value: Json, answers: &[Value]) -> bool {
        let mut condition = json!({"question": "1", "operator": operator});
        condition.as_object_mut().expect("an object").extend(value.as_object().cloned().expect("an object"));
        When::read(&condition, "en").expect("a condition").is_met(answers)
    }

    #[test]
    fn one_answer_of_several_is_enough_and_not_equal_means_that_none_is() {
        let five = json!({"answerInteger": 5});
        let both = [Value::Integer(3), Value::Integer(7)];
        assert!(is_met(">", five.clone(), &both) && is_met("<", five.clone(), &both) && is_met("!=", five.clone(), &both));
        assert!(!is_met("=", five.clone(), &both) && !is_met(">=", five.clone(), &both[..1]) && is_met("<=", five.clone(), &both));
        assert!(is_met("!=", five.clone(), &[]) && !is_met("!=", five.clone(), &[Value::Integer(5), Value::Integer(7)]));
        assert!(is_met(">=", five.clone(), &[Value::Decimal("5.00".into())]) && !is_met(">", five, &[]));
    }

    #[test]
    fn existence_and_each_type_of_answer() {
        let yes = [Value::Boolean(true)];
        assert!(is_met("exists", json!({"answerBoolean": true}), &yes) && !is_met("exists", json!({"answerBoolean": true}), &[]));
        assert!(is_met("exists", json!({"answerBoolean": false}), &[]) && is_met("=", json!({"answerBoolean": true}), &yes));
        let coding = json!({"answerCoding": {"code": "a"}});
        let of = |code: &str| {
            [Value::Coding(super::super::value::Code { system: Some("s".into()), code: Some(code.into()), display: Some("A".into()) })]
        };
        assert!(is_met("=", coding.clone(), &of("a")) && !is_met("=", coding.clone(), &of("b")) && is_met("!=", coding, &of("b")));
        assert!(is_met(">", json!({"answerDate": "2024"}), &[Value::Date("2025-01-01".into())]));
        assert!(!is_met(">", json!({"answerDate": "2024"}), &[Value::Date("2024-05".into())]));
        assert!(is_met("<", json!({"answerTime": "10:00:00"}), &[Value::Time("09:30:00".into())]));
        assert!(is_met("=", json!({"answerString": "a"}), &[Value::Text("a".into())]));
        assert!(is_met(">", json!({"answerQuantity": {"value": 3, "unit": "d"}}), &[Value::Quantity { value: "4".into(), unit: None }]));
        let reference = Value::Reference { reference: Some("Patient/1".into()), display: None };
        assert!(is_met("=", json!({"answerReference": {"reference": "Patient/1"}}), &[reference]));
    }

    #[test]
    fn what_cannot_be_read_is_no_condition() {
        for bad in [
            json!({"question": "1", "operator": "~", "answerInteger": 1}),
            json!({"question": "1", "operator": "="}),
            json!({"operator": "=", "answerInteger": 1}),
            json!({"question": "1", "operator": "exists", "answerInteger": 1}),
        ] {
            assert_eq!(When::read(&bad, "en"), None, "{bad}");
        }
    }
}
