//! What several pages say.

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::{
    base::i18n::{Texts, param},
    desk::video::model::Gate,
    record::{
        care_team::entity::{clinician, department},
        visit::entity::{visit, visit_clinician},
    },
};

/// With whom a visit is and when, and the phone of its office.
///
/// # Errors
/// When the database fails.
pub async fn about(
    db: &impl ConnectionTrait,
    t: Texts,
    visit: &visit::Model,
    zone: &chrono_tz::Tz,
) -> Result<(String, Option<String>), DbErr> {
    let with = visit_clinician::Entity::find()
        .select_only()
        .column(visit_clinician::Column::ClinicianId)
        .filter(visit_clinician::Column::VisitId.eq(visit.id))
        .into_query();
    let people = clinician::Entity::find().filter(clinician::Column::Id.in_subquery(with)).order_by_asc(clinician::Column::Name);
    let names: Vec<String> = people.all(db).await?.into_iter().map(|found| found.name).chain(visit.named_clinicians.clone()).collect();
    let place = match visit.department_id {
        Some(id) => department::Entity::find_by_id(id).one(db).await?,
        None => None,
    };
    let names = if names.is_empty() { place.as_ref().map(|place| place.name.clone()).unwrap_or_default() } else { names.join(", ") };
    let at = visit.starts_at.map(|at| t.date_and_time(at, zone)).unwrap_or_default();
    Ok((t.video_with(param::At(&at), param::Names(&names)), place.and_then(|place| place.phone)))
}

/// Why nobody comes in now.
pub fn closed(t: Texts, gate: Gate) -> Option<&'static str> {
    match gate {
        Gate::Late => Some(t.video_late()),
        Gate::Ended => Some(t.video_ended()),
        Gate::Off => Some(t.video_off()),
        Gate::Early(_) | Gate::Open => None,
    }
}
