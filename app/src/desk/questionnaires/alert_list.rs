//! What the care team must hear at once, and who has taken it on.

use chrono::TimeDelta;
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, NullOrdering},
};
use uuid::Uuid;

use super::entity::questionnaire_alert;
use crate::{
    access::{Grant, policy::SeeAnswers},
    base::{error::Error, why::Why},
    desk::office::store::{offices, unstaffed},
    people::patient,
};

/// So many alerts are shown at once.
const SHOWN: u64 = 100;
/// What somebody took on is shown for so long.
const SHOWN_FOR: TimeDelta = TimeDelta::days(14);

/// Those of one's departments, and of departments for which nobody answers.
async fn theirs(grant: &Grant<SeeAnswers>) -> Result<Condition, Error> {
    use questionnaire_alert::Column::DepartmentId;
    let own = offices(grant).await?.into_iter().map(|office| office.department_id);
    let theirs: Vec<Uuid> = unstaffed(grant.db()).await?.into_iter().chain(own).collect();
    Ok(Condition::any().add(DepartmentId.is_null()).add(DepartmentId.is_in(theirs)))
}

/// How much of it nobody has taken on.
///
/// # Errors
/// When the database fails.
pub async fn open_alerts(grant: &Grant<SeeAnswers>) -> Result<u64, Error> {
    let open = questionnaire_alert::Entity::find().filter(theirs(grant).await?).filter(questionnaire_alert::Column::SeenAt.is_null());
    Ok(open.count(grant.db()).await?)
}

/// What one's departments must hear of at once, what nobody has taken on first.
///
/// # Errors
/// When the database fails.
pub async fn alerts(grant: &Grant<SeeAnswers>) -> Result<Vec<(questionnaire_alert::Model, patient::Model)>, Error> {
    use questionnaire_alert::Column::SeenAt;
    let rows = questionnaire_alert::Entity::find()
        .filter(theirs(grant).await?)
        .filter(Condition::any().add(SeenAt.is_null()).add(SeenAt.gte(grant.now().instant - SHOWN_FOR)))
        .order_by_with_nulls(SeenAt, Order::Desc, NullOrdering::First)
        .order_by_desc(questionnaire_alert::Column::At)
        .order_by_desc(questionnaire_alert::Column::Id)
        .limit(SHOWN)
        .all(grant.db())
        .await?;
    let mut found = Vec::new();
    for row in rows {
        if let Some(person) = patient::current(grant.db(), row.patient_id).await? {
            found.push((row, person));
        }
    }
    Ok(found)
}

/// Takes on what must be heard at once: others see who did.
///
/// # Errors
/// `NotFound` for what is not of one's departments; `Invalid` when somebody else has.
pub async fn take_on(grant: &Grant<SeeAnswers>, id: Uuid) -> Result<(), Error> {
    if !alerts(grant).await?.iter().any(|(row, _)| row.id == id) {
        return Err(Error::NotFound);
    }
    let taken = questionnaire_alert::Entity::update_many()
        .col_expr(questionnaire_alert::Column::SeenAt, Expr::value(Some(grant.now().instant)))
        .col_expr(questionnaire_alert::Column::SeenBy, Expr::value(Some(grant.holder()?.name.clone())))
        .filter(questionnaire_alert::Column::Id.eq(id))
        .filter(questionnaire_alert::Column::SeenAt.is_null())
        .exec(grant.db())
        .await?;
    if taken.rows_affected == 0 { Err(Error::form(Why::ALREADY_DONE)) } else { Ok(()) }
}
