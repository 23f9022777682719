//! Answers of which the care team hears at once: those that may mean that somebody wants to harm themselves.

use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect, QueryTrait};

use super::entity::{questionnaire_alert, questionnaire_response};
use crate::{
    access::{Grant, Permission},
    base::{error::Error, i18n::Texts, ids::new_id},
    desk::{
        danger::{self, Help},
        office::tell::write_to,
    },
    people::{account, folding::folded, staff_office},
    platform::mail::{
        letter::{Message, Organization},
        model::News,
    },
    record::questionnaire::{Answers, Form, calculation::is_loinc, form::Item, line::answered, score::score_of, value::Value},
};

/// A question and its answer, in words.
pub type Alert = (String, String);

/// Codes of LOINC for questions about harming oneself: the ninth of the PHQ-9, and the first six of the Columbia screener.
const CODES: [&str; 7] = ["44260-8", "93246-7", "93247-5", "93248-3", "93249-1", "93250-9", "93267-3"];
/// Words of questions that ask for it, folded, in both languages.
const WORDS: [&str; 22] = [
    "suicid",
    "better off dead",
    "hurting yourself",
    "hurt yourself",
    "harming yourself",
    "harm yourself",
    "harming myself",
    "hurting myself",
    "self harm",
    "self injury",
    "kill yourself",
    "killing yourself",
    "end your life",
    "ending your life",
    "wished you were dead",
    "want to die",
    "lastimarse",
    "hacerse dano",
    "hacerme dano",
    "estar muert",
    "quitarse la vida",
    "matarse",
];
/// Answers, folded, that say that there is nothing of it. Whatever else is said is heard of: "hardly ever" is not nothing.
const NONE: [&str; 16] = [
    "no",
    "none",
    "never",
    "no never",
    "not at all",
    "no not at all",
    "no thoughts",
    "nothing",
    "nunca",
    "no nunca",
    "jamas",
    "nada",
    "para nada",
    "ninguna",
    "ninguno",
    "ningun dia",
];
/// How answers begin of whoever does not answer.
const NO_ANSWER: [&str; 5] = ["prefer not to", "i prefer not to", "declined", "prefiero no", "no contest"];

/// What must be heard at once: answers to the questions that ask for it, and words of crisis in what was written.
pub fn found(form: &Form, answers: &Answers) -> Vec<Alert> {
    let mut all: Vec<Alert> = Vec::new();
    for (item, values) in answered(form, answers) {
        for value in values {
            let words = value.plain("en");
            let is_heard = calls_for_help(item, &value) || matches!(value, Value::Text(_)) && danger::found(&words).contains(&Help::Crisis);
            match all.iter_mut().find(|(question, _)| *question == item.text) {
                _ if !is_heard => {}
                Some((_, said)) => *said = format!("{said}, {words}"),
                None => all.push((item.text.clone(), words)),
            }
        }
    }
    all
}

/// Whether this answer says that somebody may want to harm themselves.
pub fn calls_for_help(item: &Item, value: &Value) -> bool {
    asks_for_it(item) && is_positive(item, value)
}

fn asks_for_it(item: &Item) -> bool {
    let text = folded(&item.text);
    item.kind.is_question()
        && item.calculated.is_none()
        && (CODES.iter().any(|code| is_loinc(item, code)) || WORDS.iter().any(|word| text.contains(word)))
}

/// Anything but what says that there is nothing of it: where an answer has a score, more than none.
fn is_positive(item: &Item, value: &Value) -> bool {
    match value {
        Value::Boolean(is) => *is,
        Value::Text(text) => !says_none(text),
        Value::Coding(_) => match score_of(item, value) {
            Some(score) => score > 0,
            None => !says_none(&value.plain("en")),
        },
        _ => value.amount().is_some_and(|amount| amount > 0.0),
    }
}

fn says_none(text: &str) -> bool {
    let text = folded(text);
    NONE.contains(&text.as_str()) || NO_ANSWER.iter().any(|beginning| text.starts_with(beginning))
}

/// Writes them down, and writes to the care team of the department. While nobody has taken a question on, its newest answer stands there,
/// and nobody is written to again: text is kept as it is typed. Returns whether any question is new.
///
/// # Errors
/// When the database fails.
pub async fn tell<P: Permission>(
    tx: &DatabaseTransaction,
    grant: &Grant<P>,
    row: &questionnaire_response::Model,
    found: Vec<Alert>,
) -> Result<bool, Error> {
    if found.is_empty() {
        return Ok(false);
    }
    let known = questionnaire_alert::Entity::find().filter(questionnaire_alert::Column::ResponseId.eq(row.id)).all(tx).await?;
    let mut new = Vec::new();
    for (question, answer) in found {
        let mut same = known.iter().filter(|alert| alert.question == question);
        if same.clone().any(|alert| alert.answer == answer) {
            continue;
        }
        if let Some(open) = same.find(|alert| alert.seen_at.is_none()) {
            let changed = questionnaire_alert::ActiveModel { id: Set(open.id), answer: Set(answer), ..Default::default() };
            questionnaire_alert::Entity::update(changed).exec(tx).await?;
            continue;
        }
        new.push(questionnaire_alert::ActiveModel {
            id: Set(new_id()),
            response_id: Set(row.id),
            patient_id: Set(row.patient_id),
            department_id: Set(row.department_id),
            question: Set(question),
            answer: Set(answer),
            at: Set(grant.now().instant),
            seen_at: Set(None),
            seen_by: Set(None),
        });
    }
    if new.is_empty() {
        return Ok(false);
    }
    questionnaire_alert::Entity::insert_many(new).exec_without_returning(tx).await?;
    let staff = staff_office::Entity::find()
        .select_only()
        .column(staff_office::Column::AccountId)
        .filter(staff_office::Column::DepartmentId.eq(row.department_id));
    let team = account::Entity::find()
        .filter(account::Column::Id.in_subquery(staff.into_query()))
        .filter(account::Column::ClosedAt.is_null())
        .all(tx)
        .await?;
    write_to(tx, grant, row.patient_id, &team, needed(grant.link("/staff/questionnaires"))).await?;
    Ok(true)
}

fn needed(link: String) -> impl Fn(Texts, &Organization) -> Message + Clone {
    move |t, of| Message {
        news: News::Urgent,
        subject: t.questionnaires_mail_alert_subject(&of.product),
        paragraphs: vec![t.questionnaires_mail_alert_text().to_owned()],
        link: Some((t.questionnaires_mail_alert_open(), link.clone())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form() -> Form {
        let option = |code: &str, text: &str, score: i64| json!({"valueCoding": {"system": "http://loinc.org", "code": code, "display": text}, "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": score}]});
        let plain = |text: &str| json!({"valueString": text});
        Form::read(
            &json!({"resourceType": "Questionnaire", "status": "active", "item": [
                {"linkId": "9", "type": "choice", "text": "Thoughts", "code": [{"system": "http://loinc.org", "code": "44260-8"}],
                 "answerOption": [option("LA6568-5", "Not at all", 0), option("LA6569-3", "Several days", 1)]},
                {"linkId": "w", "type": "boolean", "text": "¿Ha pensado en hacerse daño?"},
                {"linkId": "e", "type": "choice", "text": "The thought of harming myself has occurred to me", "answerOption": [plain("Yes, quite often"), plain("Hardly ever"), plain("Never")]},
                {"linkId": "s", "type": "text", "text": "Have you thought of suicide?"},
                {"linkId": "t", "type": "text", "text": "Anything else"},
                {"linkId": "k", "type": "boolean", "text": "Do you smoke?"},
            ]}),
            "en",
        )
        .expect("a form")
    }

    fn alerts(items: serde_json::Value) -> Vec<String> {
        let form = form();
        let answers = Answers::stored(&json!({"items": items}), &form);
        found(&form, &answers).into_iter().map(|(_, answer)| answer).collect()
    }

    #[test]
    fn a_positive_answer_on_self_harm_is_found_and_no_other() {
        let coded = |code: &str| json!([{"link_id": "9", "answers": [{"value": {"Coding": {"system": "http://loinc.org", "code": code, "display": null}}}]}]);
        assert_eq!(alerts(coded("LA6569-3")), ["Several days"]);
        assert!(alerts(coded("LA6568-5")).is_empty());
        let is = |link: &str, value: bool| json!([{"link_id": link, "answers": [{"value": {"Boolean": value}}]}]);
        assert_eq!(alerts(is("w", true)), ["Yes"]);
        assert!(alerts(is("w", false)).is_empty() && alerts(is("k", true)).is_empty());
        let text = |link: &str, value: &str| json!([{"link_id": link, "answers": [{"value": {"Text": value}}]}]);
        assert_eq!(alerts(text("e", "Yes, quite often")), ["Yes, quite often"]);
        assert!(alerts(text("e", "Never")).is_empty());
        assert_eq!(alerts(text("e", "Hardly ever")), ["Hardly ever"], "rarely is not never");
        for nothing in ["No.", "no, never", "Nunca", "Para nada", "Prefer not to say"] {
            assert!(alerts(text("s", nothing)).is_empty(), "{nothing}");
        }
        for something in ["No, but I have thought of it", "Not any more", "No lo sé", "A veces"] {
            assert_eq!(alerts(text("s", something)).len(), 1, "{something}");
        }
        assert_eq!(alerts(text("t", "Sometimes I want to die")).len(), 1);
        assert!(alerts(text("t", "My knee hurts")).is_empty());
    }
}
