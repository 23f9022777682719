//! HealthcareService, Schedule and Slot → the kinds and times of a calendar that another system keeps.

use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde_json::Value;
use uuid::Uuid;

use super::{
    act::CUTOFF_HOURS,
    entity::{open_slot, scheduling_office, visit_kind, visit_kind_clinician},
    model::{Owner, Who},
};
use crate::record::{
    care_team::entity::clinician,
    fhir,
    import::{Context, Incoming, insert_all, of_type},
    visit::model::Kind as Way,
};

/// How long a visit of a service takes until a Slot says it, in minutes.
const USUAL_MINUTES: i32 = 20;
/// Requests to a department whose calendar comes in are answered within so many business days, until somebody sets it.
const REQUEST_DAYS: i32 = 2;

/// # Errors
/// When the database fails.
pub async fn all(context: &mut Context<'_>, rows: &[Incoming<'_>]) -> Result<Vec<Uuid>, DbErr> {
    let mut shown = services(context, rows).await?;
    for row in of_type(rows, "Schedule") {
        if schedule(context, row).await?.is_some() {
            shown.push(row.id);
        }
    }
    shown.extend(slots(context, rows).await?);
    Ok(shown)
}

/// A service is a kind of visit. What the staff changed of it since stays; its name and whether it is had follow the source.
async fn services(context: &Context<'_>, rows: &[Incoming<'_>]) -> Result<Vec<Uuid>, DbErr> {
    let now = chrono::Utc::now();
    let kind = |row: Incoming<'_>| {
        let name = row.value["name"].as_str().map(str::to_owned).or_else(|| fhir::concepts(&row.value["type"]))?;
        let active = row.value["active"] != false;
        let says = row.value["comment"].as_str().unwrap_or_default().to_owned();
        let before = row.value["extraDetails"].as_str().map(str::to_owned);
        let short = |text: &str, most: usize| text.chars().take(most).collect::<String>();
        Some(visit_kind::Model {
            id: row.id,
            name_en: short(&name, 120),
            name_es: short(&name, 120),
            says_en: short(&says, 500),
            says_es: short(&says, 500),
            minutes: USUAL_MINUTES,
            who: Who::Anyone,
            way: if is_video(row.value) { Way::Video } else { Way::Office },
            before_en: before.clone(),
            before_es: before,
            price_cents: None,
            cutoff_hours: CUTOFF_HOURS,
            lead_hours: CUTOFF_HOURS,
            fast_pass: false,
            order_code: None,
            least_age: None,
            most_age: None,
            retired_at: (!active).then_some(now),
        })
    };
    let found: Vec<visit_kind::ActiveModel> = of_type(rows, "HealthcareService").filter_map(kind).map(Into::into).collect();
    let conflict = OnConflict::column(visit_kind::Column::Id)
        .update_columns([visit_kind::Column::NameEn, visit_kind::Column::NameEs, visit_kind::Column::RetiredAt])
        .to_owned();
    insert_all!(context.tx, visit_kind::Entity, found, conflict.clone());
    Ok(found.into_iter().map(|row| row.id.unwrap()).collect())
}

fn is_video(value: &Value) -> bool {
    fhir::items(&value["characteristic"]).chain(fhir::items(&value["type"])).any(|found| fhir::has_code(found, &["448337001"]))
}

/// Whose calendar a Schedule is, where, and for which kind of visit.
#[derive(Clone, Copy)]
struct Calendar {
    clinician: Uuid,
    department: Uuid,
    kind: Option<Uuid>,
}

async fn schedule(context: &mut Context<'_>, row: Incoming<'_>) -> Result<Option<Calendar>, DbErr> {
    let Some(found) = calendar_of(context, row.id, row.value).await? else { return Ok(None) };
    let office = scheduling_office::ActiveModel {
        department_id: Set(found.department),
        owner: Set(Owner::Outside),
        request_days: Set(REQUEST_DAYS),
        fast_pass_lead_hours: Set(CUTOFF_HOURS),
        access_en: Set(None),
        access_es: Set(None),
        interpreter: Set(false),
        sensitive: Set(false),
    };
    let known = OnConflict::column(scheduling_office::Column::DepartmentId).do_nothing().to_owned();
    scheduling_office::Entity::insert(office).on_conflict(known).exec_without_returning(context.tx).await?;
    if let Some(kind) = found.kind.filter(|_| row.value["active"] != false) {
        let offered = visit_kind_clinician::ActiveModel {
            kind_id: Set(kind),
            clinician_id: Set(found.clinician),
            department_id: Set(found.department),
            by_request: Set(false),
        };
        let key =
            [visit_kind_clinician::Column::KindId, visit_kind_clinician::Column::ClinicianId, visit_kind_clinician::Column::DepartmentId];
        let known = OnConflict::columns(key).do_nothing().to_owned();
        visit_kind_clinician::Entity::insert(offered).on_conflict(known).exec_without_returning(context.tx).await?;
    }
    Ok(Some(found))
}

async fn calendar_of(context: &mut Context<'_>, id: Uuid, value: &Value) -> Result<Option<Calendar>, DbErr> {
    let mut found: std::collections::BTreeMap<&str, Uuid> = std::collections::BTreeMap::new();
    for actor in fhir::items(&value["actor"]) {
        for kind in ["PractitionerRole", "Practitioner", "Location", "HealthcareService"] {
            if !found.contains_key(kind) && context.means(id, actor, kind).await? {
                found.extend(context.links.resolve(id, actor).map(|actor| (kind, actor)));
                break;
            }
        }
    }
    let mut person = found.get("Practitioner").copied();
    if person.is_none()
        && let Some(role) = found.get("PractitionerRole").copied()
        && let Some(body) = context.value(role).await?
    {
        person = context.links.resolve(role, &body["practitioner"]);
    }
    let Some(person) = person else { return Ok(None) };
    let department = match found.get("Location").copied() {
        Some(place) => Some(place),
        None => clinician::Entity::find_by_id(person).one(context.tx).await?.and_then(|found| found.department_id),
    };
    let kind = found.get("HealthcareService").copied();
    Ok(department.map(|department| Calendar { clinician: person, department, kind }))
}

async fn slots(context: &mut Context<'_>, rows: &[Incoming<'_>]) -> Result<Vec<Uuid>, DbErr> {
    let mut found: Vec<open_slot::ActiveModel> = Vec::new();
    let mut calendars: std::collections::HashMap<Uuid, Option<Calendar>> = std::collections::HashMap::new();
    let mut wrong: Vec<Uuid> = Vec::new();
    for row in of_type(rows, "Slot") {
        if row.value["status"] == "entered-in-error" {
            wrong.push(row.id);
            continue;
        }
        let (Some(starts_at), Some(ends_at)) = (fhir::instant(&row.value["start"]), fhir::instant(&row.value["end"])) else { continue };
        // Whoever waits for the Schedule is mapped again when it comes.
        let Some(schedule) = context.links.resolve(row.id, &row.value["schedule"]) else { continue };
        let calendar = match calendars.get(&schedule) {
            Some(known) => *known,
            None => {
                let known = match context.value(schedule).await? {
                    Some(body) => calendar_of(context, schedule, &body).await?,
                    None => None,
                };
                calendars.insert(schedule, known);
                known
            }
        };
        let Some(calendar) = calendar.filter(|_| starts_at < ends_at) else { continue };
        found.push(open_slot::ActiveModel {
            id: Set(row.id),
            clinician_id: Set(calendar.clinician),
            department_id: Set(calendar.department),
            kind_id: Set(calendar.kind),
            starts_at: Set(starts_at),
            ends_at: Set(ends_at),
            free: Set(row.value["status"] == "free"),
        });
    }
    let conflict = OnConflict::column(open_slot::Column::Id)
        .update_columns([
            open_slot::Column::ClinicianId,
            open_slot::Column::DepartmentId,
            open_slot::Column::KindId,
            open_slot::Column::StartsAt,
            open_slot::Column::EndsAt,
            open_slot::Column::Free,
        ])
        .to_owned();
    insert_all!(context.tx, open_slot::Entity, found, conflict.clone());
    open_slot::Entity::delete_many().filter(open_slot::Column::Id.is_in(wrong)).exec(context.tx).await?;
    lengths(context, &found).await?;
    Ok(found.into_iter().map(|row| row.id.unwrap()).collect())
}

/// A kind that came in takes as long as its times do.
async fn lengths(context: &Context<'_>, slots: &[open_slot::ActiveModel]) -> Result<(), DbErr> {
    let mut shortest: std::collections::BTreeMap<Uuid, i64> = std::collections::BTreeMap::new();
    for slot in slots {
        let Some(kind) = slot.kind_id.clone().take().flatten() else { continue };
        let minutes = (slot.ends_at.clone().unwrap() - slot.starts_at.clone().unwrap()).num_minutes();
        shortest.entry(kind).and_modify(|known| *known = minutes.min(*known)).or_insert(minutes);
    }
    for (kind, minutes) in shortest {
        let minutes = i32::try_from(minutes.clamp(5, 12 * 60)).unwrap_or(USUAL_MINUTES);
        let length = visit_kind::ActiveModel { minutes: Set(minutes), ..Default::default() };
        visit_kind::Entity::update_many().set(length).filter(visit_kind::Column::Id.eq(kind)).exec(context.tx).await?;
    }
    Ok(())
}
