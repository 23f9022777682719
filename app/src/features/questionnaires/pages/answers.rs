use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::parts::back;
use crate::{
    access::{
        Grant, Permission, allow,
        policy::{AnswerQuestionnaires, CheckIn as MayCheckIn, ViewQuestionnaires},
    },
    base::{
        error::Error,
        i18n::{Texts, param},
        when::When,
    },
    desk::{
        check_in::store::CheckIn,
        office::words::author,
        questionnaires::{entity::questionnaire_response, store::form as form_of},
    },
    features::questionnaires::api,
    record::questionnaire::{
        response::{PlainLine, from_response, plain},
        scalar::of_thousandths,
        score::{Score, Severity, score},
        value::Value,
    },
    view::{
        Notice,
        form::PostForm,
        page::Page,
        sections::{Facts, PrintButton, Section, item_heading},
    },
};

/// What was answered, for the patient's side.
pub async fn answers(
    grant: &Grant<ViewQuestionnaires>,
    row: &questionnaire_response::Model,
    visit: Option<Uuid>,
    told: Option<AnyView>,
) -> Result<Page, Error> {
    let (t, patient) = (grant.texts(), grant.patient());
    let about = when_and_who(t, &grant.zone(), row, &grant.person()?.given_name);
    let changes = match visit {
        Some(visit) if grant.would_allow::<AnswerQuestionnaires>(&patient) && row.answers.is_some() => {
            let found = CheckIn::of(&allow::<MayCheckIn>(patient).await?, visit).await?;
            let is_its = found.forms().iter().any(|form| form.done.as_ref().is_some_and(|done| done.id == row.id));
            (found.is_open() && is_its)
                .then(|| vec![("patient", patient.to_string()), ("visit", visit.to_string()), ("id", row.id.to_string())])
        }
        _ => None,
    };
    let files = format!("/files/answer/{patient}/{}", row.id);
    let shown = shown(grant, row, &files).await?;
    Ok(back(Page::new(row.title(t), about).narrow(), t, patient, visit).body(view! {
        {told}
        {shown}
        {changes.map(|hidden| view! {
            <Section heading=t.questionnaires_change()>
                <p class="text">{t.questionnaires_change_says()}</p>
                <PostForm action=api::ReopenAnswers::PATH submit=t.questionnaires_change() quiet=true hidden/>
            </Section>
        })}
    }))
}

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

/// The answers with their totals; files are at `files`.
///
/// # Errors
/// When the database fails.
pub async fn shown<P: Permission>(grant: &Grant<P>, row: &questionnaire_response::Model, files: &str) -> Result<AnyView, Error> {
    let (t, zone) = (grant.texts(), grant.zone());
    let body: serde_json::Value = row.body.as_deref().and_then(|body| serde_json::from_str(body).ok()).unwrap_or_default();
    let form = match row.questionnaire_id {
        Some(id) => form_of(grant.db(), id, grant.locale()).await?,
        None => None,
    };
    let totals: Vec<Score> = form.map(|form| score(&form, &from_response(&form, &body))).unwrap_or_default();
    let totals: Vec<_> = totals.into_iter().filter_map(|total| total_in_words(t, &total)).collect();
    let parts = sections(t, &zone, &plain(&body), files);
    let scored = !totals.is_empty();
    Ok(view! {
        {scored.then(|| view! {
            <Notice>
                {totals.into_iter().map(|words| view! { <p class="text"><b>{words}</b></p> }).collect_view()}
                <p class="text">{t.questionnaires_severity_says()}</p>
            </Notice>
        })}
        <Section>{parts}<PrintButton label=t.billing_print()/></Section>
    }
    .into_any())
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

/// Groups with their headings, and the answers below each.
fn sections(t: Texts, zone: &Tz, lines: &[PlainLine], files: &str) -> Vec<AnyView> {
    let (mut parts, mut facts): (Vec<AnyView>, Vec<(String, Option<String>)>) = (Vec::new(), Vec::new());
    let flush = |facts: &mut Vec<(String, Option<String>)>, parts: &mut Vec<AnyView>| {
        let facts = std::mem::take(facts);
        if !facts.is_empty() {
            parts.push(view! { <Facts facts/> }.into_any());
        }
    };
    for line in lines {
        if line.answers.is_empty() {
            flush(&mut facts, &mut parts);
            parts.push(item_heading(line.text.clone()));
            continue;
        }
        let words = line.answers.iter().map(|value| words_of(t, zone, value)).collect::<Vec<_>>().join(", ");
        facts.push((line.text.clone(), Some(words)));
        for value in &line.answers {
            if let Value::Attachment { id, .. } = value
                && id.parse::<Uuid>().is_ok()
            {
                flush(&mut facts, &mut parts);
                let href = format!("{files}/{id}");
                parts.push(
                    view! { <div class="acts"><a class="btn quiet" href=href rel="external">{t.questionnaires_file_open()}</a></div> }
                        .into_any(),
                );
            }
        }
    }
    flush(&mut facts, &mut parts);
    parts
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
