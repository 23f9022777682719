//! When the household's clinicians see patients, what can be booked, who asked for a visit, and who waits for an earlier time.

use app::{
    access::System,
    base::ids::new_id,
    desk::{
        office::due::due_at,
        outgoing::entity as outgoing,
        requests::model::is_business_day,
        scheduling::{
            act::Actor,
            calendar::minute,
            entity::{opening, scheduling_office, visit_kind, visit_kind_clinician, visit_request, working_hours},
            fair::Wishes,
            hours::{Slot, instant},
            model::{DayPart, Freed, HowSoon, Owner, RequestState, Who, Window},
            put::{self, Details, New},
            waiting,
        },
    },
    people::account,
    record::visit::{model::Kind as Way, taken},
};
use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter};
use serde::Deserialize;
use uuid::Uuid;

use super::household::{patient_row, resource};

#[derive(Deserialize)]
struct Clinic {
    departments: Vec<Department>,
    kinds: Vec<Kind>,
    services: Vec<Service>,
    hours: Vec<Hours>,
    waiting: Vec<Waiting>,
    opening: Free,
    requests: Vec<Request>,
}

#[derive(Deserialize)]
struct Department {
    id: Uuid,
    owner: String,
    access_en: String,
    access_es: String,
    interpreter: bool,
    #[serde(default)]
    sensitive: bool,
}

#[derive(Deserialize)]
struct Kind {
    id: Uuid,
    key: String,
    name_en: String,
    name_es: String,
    says_en: String,
    says_es: String,
    minutes: i32,
    who: String,
    way: String,
    before_en: Option<String>,
    before_es: Option<String>,
    price_cents: Option<i64>,
    cutoff_hours: i32,
    lead_hours: i32,
    fast_pass: bool,
    least_age: Option<i32>,
    most_age: Option<i32>,
    /// Clinician, department, and whether only by request.
    by: Vec<(Uuid, Uuid, bool)>,
}

/// What the staff said of a kind that came in as a HealthcareService.
#[derive(Deserialize)]
struct Service {
    title: String,
    name_es: String,
    says_es: String,
    before_es: String,
    who: String,
    order_code: String,
    price_cents: i64,
}

#[derive(Deserialize)]
struct Hours {
    clinician: Uuid,
    department: Uuid,
    weekdays: Vec<i32>,
    from: String,
    until: String,
}

/// Somebody with a visit who waits for an earlier time.
#[derive(Deserialize)]
struct Waiting {
    patient: Uuid,
    by: String,
    kind: String,
    clinician: Uuid,
    department: Uuid,
    in_days: i64,
    at: String,
    reason: String,
    waits_days: i64,
}

/// Time that became free just now.
#[derive(Deserialize)]
struct Free {
    clinician: Uuid,
    department: Uuid,
    in_days: i64,
    at: String,
    minutes: i64,
}

#[derive(Deserialize)]
struct Request {
    patient: Uuid,
    by: String,
    kind: String,
    clinician: Uuid,
    department: Uuid,
    how_soon: String,
    reason: String,
    contact: String,
    hours_ago: i64,
    from_days: i64,
    until_days: i64,
    part: String,
}

fn wrong(what: &str) -> DbErr {
    DbErr::Custom(format!("clinic.json: {what}"))
}

/// Writes the clinic as it is at `now`.
pub async fn write(system: &System, now: DateTime<Utc>, today: NaiveDate, zone: Tz) -> Result<(), DbErr> {
    let clinic: Clinic = serde_json::from_str(include_str!("clinic.json")).map_err(|error| wrong(&error.to_string()))?;
    let tx = system.begin().await?;
    for row in &clinic.departments {
        department(&tx, row).await?;
    }
    for kind in &clinic.kinds {
        keep_kind(&tx, kind).await?;
    }
    for service in &clinic.services {
        keep_service(&tx, service).await?;
    }
    for row in &clinic.hours {
        hours(&tx, row, today).await?;
    }
    for row in &clinic.waiting {
        wait(&tx, row, (now, today, zone), &clinic.kinds).await?;
    }
    let (starts_at, free) = (time(today, clinic.opening.in_days, &clinic.opening.at, zone)?, &clinic.opening);
    let row = opening::ActiveModel {
        id: Set(new_id()),
        clinician_id: Set(resource(&tx, "Practitioner", free.clinician).await?),
        department_id: Set(resource(&tx, "Location", free.department).await?),
        starts_at: Set(starts_at),
        ends_at: Set(starts_at + TimeDelta::minutes(free.minutes)),
        freed_at: Set(now),
        why: Set(Freed::Cancelled),
        open: Set(true),
        filled_at: Set(None),
    };
    opening::Entity::insert(row).exec_without_returning(&tx).await?;
    for row in &clinic.requests {
        let kind = clinic.kinds.iter().find(|kind| kind.key == row.kind).ok_or(wrong(&row.kind))?;
        request(&tx, row, kind.id, (now, today, zone)).await?;
    }
    // What stands here from the beginning is no news for another system.
    outgoing::Entity::delete_many().exec(&tx).await?;
    tx.commit().await
}

/// A time on the first business day that is so many days ahead or more.
fn time(today: NaiveDate, in_days: i64, at: &str, zone: Tz) -> Result<DateTime<Utc>, DbErr> {
    let mut day = today + TimeDelta::days(in_days);
    while !is_business_day(day) {
        day += TimeDelta::days(1);
    }
    minute(at).and_then(|minute| instant(day, minute, &zone)).ok_or(wrong(at))
}

async fn department(tx: &DatabaseTransaction, row: &Department) -> Result<(), DbErr> {
    let id = resource(tx, "Location", row.id).await?;
    scheduling_office::Entity::delete_by_id(id).exec(tx).await?;
    let office = scheduling_office::ActiveModel {
        department_id: Set(id),
        owner: Set(Owner::ALL.iter().copied().find(|known| known.as_str() == row.owner).ok_or(wrong(&row.owner))?),
        request_days: Set(2),
        fast_pass_lead_hours: Set(24),
        access_en: Set(Some(row.access_en.clone())),
        access_es: Set(Some(row.access_es.clone())),
        interpreter: Set(row.interpreter),
        sensitive: Set(row.sensitive),
    };
    scheduling_office::Entity::insert(office).exec_without_returning(tx).await?;
    Ok(())
}

fn who(word: &str) -> Result<Who, DbErr> {
    Who::ALL.iter().copied().find(|known| known.as_str() == word).ok_or(wrong(word))
}

async fn keep_kind(tx: &DatabaseTransaction, kind: &Kind) -> Result<(), DbErr> {
    let row = row_of(kind)?;
    visit_kind::Entity::insert(visit_kind::ActiveModel::from(row)).exec_without_returning(tx).await?;
    for (clinician, department, by_request) in &kind.by {
        let row = visit_kind_clinician::ActiveModel {
            kind_id: Set(kind.id),
            clinician_id: Set(resource(tx, "Practitioner", *clinician).await?),
            department_id: Set(resource(tx, "Location", *department).await?),
            by_request: Set(*by_request),
        };
        visit_kind_clinician::Entity::insert(row).exec_without_returning(tx).await?;
    }
    Ok(())
}

fn row_of(kind: &Kind) -> Result<visit_kind::Model, DbErr> {
    Ok(visit_kind::Model {
        id: kind.id,
        name_en: kind.name_en.clone(),
        name_es: kind.name_es.clone(),
        says_en: kind.says_en.clone(),
        says_es: kind.says_es.clone(),
        minutes: kind.minutes,
        who: who(&kind.who)?,
        way: Way::ALL.iter().copied().find(|known| known.as_str() == kind.way).ok_or(wrong(&kind.way))?,
        before_en: kind.before_en.clone(),
        before_es: kind.before_es.clone(),
        price_cents: kind.price_cents,
        cutoff_hours: kind.cutoff_hours,
        lead_hours: kind.lead_hours,
        fast_pass: kind.fast_pass,
        order_code: None,
        least_age: kind.least_age,
        most_age: kind.most_age,
        retired_at: None,
    })
}

async fn keep_service(tx: &DatabaseTransaction, service: &Service) -> Result<(), DbErr> {
    let said = visit_kind::ActiveModel {
        name_es: Set(service.name_es.clone()),
        says_es: Set(service.says_es.clone()),
        before_es: Set(Some(service.before_es.clone())),
        who: Set(who(&service.who)?),
        order_code: Set(Some(service.order_code.clone())),
        price_cents: Set(Some(service.price_cents)),
        ..Default::default()
    };
    visit_kind::Entity::update_many().set(said).filter(visit_kind::Column::NameEn.eq(&service.title)).exec(tx).await?;
    Ok(())
}

async fn hours(tx: &DatabaseTransaction, row: &Hours, today: NaiveDate) -> Result<(), DbErr> {
    for weekday in &row.weekdays {
        let found = working_hours::ActiveModel {
            id: Set(new_id()),
            clinician_id: Set(resource(tx, "Practitioner", row.clinician).await?),
            department_id: Set(resource(tx, "Location", row.department).await?),
            weekday: Set(*weekday),
            from_minute: Set(minute(&row.from).ok_or(wrong(&row.from))?),
            until_minute: Set(minute(&row.until).ok_or(wrong(&row.until))?),
            first_on: Set(today - TimeDelta::days(365)),
            last_on: Set(None),
        };
        working_hours::Entity::insert(found).exec_without_returning(tx).await?;
    }
    Ok(())
}

async fn asker(tx: &impl ConnectionTrait, username: &str, patient: Uuid) -> Result<Actor, DbErr> {
    let found = account::Entity::find().filter(account::Column::Username.eq(username)).one(tx).await?.ok_or(wrong(username))?;
    let role = super::refills::proxy_role(tx, found.id, patient).await?;
    Ok(Actor { account: Some(found.id), name: found.display_name, role })
}

async fn wait(
    tx: &DatabaseTransaction,
    row: &Waiting,
    (now, today, zone): (DateTime<Utc>, NaiveDate, Tz),
    kinds: &[Kind],
) -> Result<(), DbErr> {
    let kind = row_of(kinds.iter().find(|kind| kind.key == row.kind).ok_or(wrong(&row.kind))?)?;
    let patient = patient_row(tx, row.patient).await?.id;
    let since = now - TimeDelta::days(row.waits_days);
    let department = resource(tx, "Location", row.department).await?;
    let clinician = resource(tx, "Practitioner", row.clinician).await?;
    let office = scheduling_office::Entity::find_by_id(department).one(tx).await?.ok_or(wrong("department"))?;
    let (visit, hold) = (new_id(), new_id());
    // On some weekdays another visit of the household has that time: then it is the next business day.
    let mut free = None;
    for later in 0..14 {
        let starts_at = time(today, row.in_days + later, &row.at, zone)?;
        let ends_at = starts_at + TimeDelta::minutes(kind.minutes.into());
        let slot = Slot { starts_at, ends_at, clinician, department, slot_id: None };
        if taken::take(tx, slot.stretch(), hold, None, now).await? {
            free = Some(slot);
            break;
        }
    }
    let slot = free.ok_or(wrong("the time of a visit is taken"))?;
    let new = New {
        visit,
        patient,
        kind: &kind,
        office: &office,
        slot,
        from: hold,
        details: Details { reason: Some(row.reason.clone()), insurance_same: Some(true), ..Details::default() },
        request: None,
        overbooked: false,
    };
    put::insert(tx, &new, &asker(tx, &row.by, patient).await?, since).await.map_err(|error| wrong(&error.to_string()))?;
    // The demo may be looked at in the evening, too.
    let wishes = Wishes { nights: true, ..Wishes::EVERYTHING };
    waiting::join(tx, (visit, patient, kind.id), None, &wishes, false, since).await
}

async fn request(
    tx: &DatabaseTransaction,
    row: &Request,
    kind: Uuid,
    (now, today, zone): (DateTime<Utc>, NaiveDate, Tz),
) -> Result<(), DbErr> {
    let (patient, at) = (patient_row(tx, row.patient).await?.id, now - TimeDelta::hours(row.hours_ago));
    let by = asker(tx, &row.by, patient).await?;
    let window = Window {
        from: today + TimeDelta::days(row.from_days),
        until: today + TimeDelta::days(row.until_days),
        part: DayPart::ALL.iter().copied().find(|known| known.as_str() == row.part),
    };
    let found = visit_request::ActiveModel {
        id: Set(new_id()),
        patient_id: Set(patient),
        kind_id: Set(Some(kind)),
        department_id: Set(resource(tx, "Location", row.department).await?),
        clinician_id: Set(Some(resource(tx, "Practitioner", row.clinician).await?)),
        state: Set(RequestState::Requested),
        sensitive: Set(false),
        reason: Set(row.reason.clone()),
        how_soon: Set(HowSoon::ALL.iter().copied().find(|known| known.as_str() == row.how_soon).ok_or(wrong(&row.how_soon))?),
        windows: Set(serde_json::to_string(&[window]).map_err(|error| wrong(&error.to_string()))?),
        contact: Set(row.contact.clone()),
        needs: Set(String::new()),
        account_id: Set(by.account.unwrap_or_default()),
        author: Set(by.name),
        role: Set(by.role),
        requested_at: Set(at),
        due_at: Set(due_at(at, 2, &zone)),
        ..Default::default()
    };
    visit_request::Entity::insert(found).exec_without_returning(tx).await?;
    Ok(())
}
