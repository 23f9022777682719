//! Tells the care team of answers that must be heard at once.

use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};

use super::{
    entity::{questionnaire_alert, questionnaire_response},
    heard::Alert,
};
use crate::{
    access::{Grant, Permission},
    base::{error::Error, i18n::Texts, ids::new_id},
    desk::office::{store::care_team, tell::write_to},
    platform::mail::{
        letter::{Message, Organization},
        model::News,
    },
};

/// Writes them down, and writes to the care team of the department. While nobody has taken a question on, its newest answer stands there,
/// and nobody is written to again: text is kept as it is typed. What was answered `before` as it is now is no news. Returns whether any
/// question is new.
///
/// # Errors
/// When the database fails.
pub async fn tell<P: Permission>(
    tx: &DatabaseTransaction,
    grant: &Grant<P>,
    row: &questionnaire_response::Model,
    before: &[Alert],
    found: Vec<Alert>,
) -> Result<bool, Error> {
    if found.is_empty() {
        return Ok(false);
    }
    let known = questionnaire_alert::Entity::find().filter(questionnaire_alert::Column::ResponseId.eq(row.id)).all(tx).await?;
    let mut new = Vec::new();
    for alert in found {
        // Those of an earlier version know their question by its words.
        let is_same = |other: &&questionnaire_alert::Model| match &other.link_id {
            Some(link_id) => *link_id == alert.link_id,
            None => other.question == alert.question,
        };
        let same: Vec<&questionnaire_alert::Model> = known.iter().filter(is_same).collect();
        if before.contains(&alert) && !same.is_empty() {
            continue;
        }
        let Alert { link_id, question, answer } = alert;
        if let Some(open) = same.iter().find(|alert| alert.seen_at.is_none()) {
            let changed = questionnaire_alert::ActiveModel { id: Set(open.id), answer: Set(answer), ..Default::default() };
            questionnaire_alert::Entity::update(changed).exec(tx).await?;
            continue;
        }
        new.push(questionnaire_alert::ActiveModel {
            id: Set(new_id()),
            response_id: Set(row.id),
            patient_id: Set(row.patient_id),
            department_id: Set(row.department_id),
            link_id: Set(Some(link_id)),
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
    let team = care_team(tx, row.department_id).await?;
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
