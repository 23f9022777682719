//! Asking somebody else who acts for the patient to do a step.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use uuid::Uuid;

use super::{answering::open_step, entity::check_in_handover, model::Step};
use crate::{
    access::{Grant, Level, policy::CheckIn as MayCheckIn},
    base::{error::Error, i18n::Texts, why::Why},
    desk::office::tell::{readers, write_to},
    people::{account, patient},
    platform::{
        batch::{Asked, Batch},
        mail::{
            letter::{Message, Organization},
            model::News,
        },
    },
    record::visit::entity::visit,
};

/// The level that a step needs, as the policy has it for what the step changes.
pub(super) fn needs(step: Step) -> fn(Level) -> bool {
    match step {
        Step::Personal => Level::edits,
        Step::Insurance => Level::sees_bills,
        Step::Medications | Step::Allergies | Step::Forms => Level::sees_clinical,
        Step::Consents => |level| level == Level::Full,
        Step::Payment => Level::sees_bills,
        Step::Plan => Level::sees_schedule,
    }
}

/// Who else can do a step: the patient, and, for the patient, everybody whose level lets them.
///
/// # Errors
/// When the database fails.
pub async fn others(grant: &Grant<MayCheckIn>, step: Step, sensitive: bool) -> Result<Vec<account::Model>, Error> {
    let person = patient::current(grant.db(), grant.patient().0).await?.ok_or(Error::NotFound)?;
    let own = grant.holder()?.account.0;
    let opens = move |level: Level| level.sees_schedule() && needs(step)(level) && (!sensitive || level.sees_sensitive());
    let all = readers(grant.db(), &person, grant.now(), opens).await?;
    // Who else acts for the patient is theirs to know: a proxy hands a step back to the patient alone.
    let is_proxy = grant.relationship().is_some();
    Ok(all.into_iter().filter(|account| account.id != own && (!is_proxy || account.patient_id == Some(person.id))).collect())
}

/// Asks somebody to do a step, and writes to them.
///
/// # Errors
/// As [`open_step`]; `Invalid` for somebody who cannot do it.
pub async fn hand(grant: &Grant<MayCheckIn>, id: Uuid, step: Step, to: &str) -> Result<(), Error> {
    let found = open_step(grant, id, step).await?;
    let to: Option<Uuid> = to.parse().ok();
    let meant = others(grant, step, found.visit.sensitive).await?.into_iter().find(|account| Some(account.id) == to);
    let meant = meant.ok_or(Error::field("to", Why::MISSING))?;
    let holder = grant.holder()?;
    let row = check_in_handover::ActiveModel {
        visit_id: Set(id),
        step: Set(step),
        patient_id: Set(found.visit.patient_id),
        account_id: Set(meant.id),
        name: Set(meant.display_name.clone()),
        author: Set(holder.name.clone()),
        role: Set(grant.relationship().map(|relationship| relationship.as_str().to_owned())),
        handed_at: Set(grant.now().instant),
    };
    use check_in_handover::Column;
    let again = OnConflict::columns([Column::VisitId, Column::Step])
        .update_columns([Column::AccountId, Column::Name, Column::Author, Column::Role, Column::HandedAt])
        .to_owned();
    let tx = grant.begin().await?;
    check_in_handover::Entity::insert(row).on_conflict(again).exec_without_returning(&tx).await?;
    let link = grant.link(&format!("/p/{}/visits/{id}/check-in", grant.patient()));
    write_to(
        &tx,
        grant,
        grant.patient().0,
        std::slice::from_ref(&meant),
        asked(holder.name.clone(), grant.person()?.given_name.clone(), link),
    )
    .await?;
    tx.commit().await?;
    Ok(())
}

fn asked(by: String, whose: String, link: String) -> impl Fn(Texts, &Organization) -> Message + Clone {
    use crate::base::i18n::param;
    move |t, of| Message {
        news: News::Visits,
        subject: t.check_in_mail_handed(&of.product),
        paragraphs: vec![t.check_in_mail_handed_text(param::By(&by), param::Name(&whose))],
        link: Some((t.mail_open(), link.clone())),
    }
}

/// Asks for the steps of these visits that were handed to an account.
pub fn ask_handed_to(batch: &mut Batch, account: Uuid, visits: &[&visit::Model]) -> Asked<check_in_handover::Model> {
    let theirs = check_in_handover::Entity::find().filter(check_in_handover::Column::VisitId.is_in(visits.iter().map(|visit| visit.id)));
    batch.ask(theirs.filter(check_in_handover::Column::AccountId.eq(account)))
}

/// The steps of a visit that were handed to somebody.
///
/// # Errors
/// When the database fails.
pub async fn handed(grant: &Grant<MayCheckIn>, id: Uuid) -> Result<Vec<check_in_handover::Model>, Error> {
    Ok(check_in_handover::Entity::find().filter(check_in_handover::Column::VisitId.eq(id)).all(grant.db()).await?)
}
