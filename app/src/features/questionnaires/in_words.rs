//! Answers in words: on pages, and where the record is read outside of the portal.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use uuid::Uuid;

use crate::{
    access::{Grant, Permission},
    base::{
        error::Error,
        i18n::{Texts, param},
        when::When,
    },
    desk::{
        office::words::author,
        questionnaires::{entity::questionnaire_response, store::form as form_of},
    },
    record::questionnaire::{
        response::{PlainLine, from_response, plain},
        scalar::of_thousandths,
        score::{Score, Severity, score},
        value::Value,
    },
    view::{document::Part, link::Link},
};

/// Who answered, and when.
pub fn when_and_who(t: Texts, zone: &Tz, row: &questionnaire_response::Model, patient: &str) -> String {
    let at = row.authored_at.map(|at| t.date_and_time(at, zone)).unwrap_or_default();
    match &row.author {
        Some(by) if row.resource_id.is_none() => {
            t.questionnaires_by(param::At(&at), param::By(&author(t, by, row.role.as_deref(), patient)))
        }
        _ => t.questionnaires_elsewhere(&at),
    }
}

/// What was answered: the totals, then groups with their headings and the answers below each; files are at `files`.
///
/// # Errors
/// When the database fails.
pub async fn contents<P: Permission>(
    grant: &Grant<P>,
    row: &questionnaire_response::Model,
    files: &str,
) -> Result<(Vec<String>, Vec<Part>), Error> {
    let (t, zone) = (grant.texts(), grant.zone());
    let body: serde_json::Value = row.body.as_deref().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
    let form = match row.questionnaire_id {
        Some(id) => form_of(grant.db(), id, grant.locale()).await?,
        None => None,
    };
    let totals: Vec<Score> = form.map(|form| score(&form, &from_response(&form, &body))).unwrap_or_default();
    Ok((totals.iter().filter_map(|total| total_in_words(t, total)).collect(), parts(t, &zone, &plain(&body), files)))
}

fn parts(t: Texts, zone: &Tz, lines: &[PlainLine], files: &str) -> Vec<Part> {
    let (mut parts, mut facts): (Vec<Part>, Vec<(String, String)>) = (Vec::new(), Vec::new());
    let flush = |facts: &mut Vec<(String, String)>, parts: &mut Vec<Part>| {
        if !facts.is_empty() {
            parts.push(Part::Facts(std::mem::take(facts)));
        }
    };
    for line in lines {
        if line.answers.is_empty() {
            flush(&mut facts, &mut parts);
            parts.push(Part::Heading(line.text.clone()));
            continue;
        }
        facts.push((line.text.clone(), line.answers.iter().map(|value| words_of(t, zone, value)).collect::<Vec<_>>().join(", ")));
        let attached = line.answers.iter().filter_map(|value| match value {
            Value::Attachment { id, .. } => id.parse::<Uuid>().ok(),
            _ => None,
        });
        let attached: Vec<Link> = attached.map(|id| Link::new(format!("{files}/{id}"), t.questionnaires_file_open())).collect();
        if !attached.is_empty() {
            flush(&mut facts, &mut parts);
            parts.push(Part::Buttons(attached));
        }
    }
    flush(&mut facts, &mut parts);
    parts
}

fn total_in_words(t: Texts, total: &Score) -> Option<String> {
    let words = t.questionnaires_score(
        param::Most(&of_thousandths(total.max)),
        param::Title(&total.label),
        param::Value(&of_thousandths(total.value?)),
    );
    let severity = total.severity.map(|severity| match severity {
        Severity::Minimal => t.questionnaires_severity_minimal(),
        Severity::Mild => t.questionnaires_severity_mild(),
        Severity::Moderate => t.questionnaires_severity_moderate(),
        Severity::ModeratelySevere => t.questionnaires_severity_moderately_severe(),
        Severity::Severe => t.questionnaires_severity_severe(),
    });
    Some(match severity {
        Some(severity) => format!("{words} ({severity})"),
        None => words,
    })
}

/// An answer as people read it.
pub fn words_of(t: Texts, zone: &Tz, value: &Value) -> String {
    match value {
        Value::Date(said) => When::parse(said).map_or_else(|| said.clone(), |when| t.when_as_said(&when)),
        Value::DateTime(said) => match said.parse::<DateTime<Utc>>() {
            Ok(instant) => t.date_and_time(instant, zone),
            Err(_) => When::parse(said).map_or_else(|| said.clone(), |when| t.when_as_said(&when)),
        },
        Value::Time(said) => t.clock_time(said).unwrap_or_else(|| said.clone()),
        other => other.plain(t.0.tag()),
    }
}
