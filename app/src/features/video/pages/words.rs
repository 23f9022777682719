//! What several pages say.

use leptos::prelude::*;
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::{
    base::{
        clock::{Now, local_date},
        i18n::{Texts, param},
    },
    desk::video::model::Gate,
    record::{
        care_team::entity::{clinician, department},
        visit::entity::{visit, visit_clinician},
    },
    view::Notice,
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

/// When a visit opens that has not: in words, with the day where it is another one, and in seconds from now.
pub fn opens(t: Texts, gate: Gate, now: Now, zone: &chrono_tz::Tz) -> Option<(String, i64)> {
    let Gate::Early(at) = gate else { return None };
    let words = if local_date(at, zone) == now.today { t.time(at, zone) } else { t.date_and_time(at, zone) };
    Some((words, (at - now.instant).num_seconds().max(1)))
}

/// What is said above the room until it opens.
pub fn opens_notice(t: Texts, opens: Option<&(String, i64)>) -> Option<AnyView> {
    let words = t.video_opens_at(&opens?.0);
    Some(view! { <div id="opens"><Notice><p class="text">{words}</p></Notice></div> }.into_any())
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
