//! Two visits by video that are about to begin whenever the demo is looked at: one here in the portal, one by a link.

use app::{
    access::System,
    base::ids::new_id,
    desk::{
        check_in::entity::visit_arrival,
        scheduling::{
            entity::visit_kind,
            known::{keep, known},
        },
        video::entity::{video_office, video_room},
    },
    record::visit::{
        entity::{booking, visit, visit_clinician},
        model::{Kind, Status},
    },
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder};
use uuid::{Uuid, uuid};

use super::household::{patient_row, resource};

struct Visit {
    patient: Uuid,
    clinician: Uuid,
    department: Uuid,
    reason: &'static str,
    join_url: Option<&'static str>,
}

const VISITS: [Visit; 2] = [
    // Sofia with Dr. Torres.
    Visit {
        patient: uuid!("2e4ad294-07c6-5aea-8f3a-7b94c85728da"),
        clinician: uuid!("f837a013-b143-5c50-89e1-fe98072371ee"),
        department: uuid!("41e43a79-14cf-5611-9952-6dc1b29d21f7"),
        reason: "Heartburn",
        join_url: None,
    },
    // Noah with Dr. Hale, whose department holds its visits elsewhere.
    Visit {
        patient: uuid!("ca8b4fa2-83f5-5e75-adea-d03f0a45dc50"),
        clinician: uuid!("49444850-b7ca-52ce-ae97-c644d7b75687"),
        department: uuid!("da8f6465-f82f-502d-b846-6496086c9efe"),
        reason: "Rash",
        join_url: Some("https://zoom.middlesexhealth.example/j/8605550114?pwd=invented"),
    },
];

const MINUTES: i64 = 20;
/// A visit that began so long ago is not worth joining any more.
const STALE: TimeDelta = TimeDelta::minutes(30);

/// Lets the two visits begin some minutes after `now`, unless they are under way.
pub async fn place(system: &System, now: DateTime<Utc>) -> Result<(), DbErr> {
    let tx = system.begin().await?;
    for one in &VISITS {
        place_one(&tx, one, now).await?;
    }
    tx.commit().await
}

/// At a time that appointments have, some minutes ahead.
fn soon(now: DateTime<Utc>) -> DateTime<Utc> {
    let step = 5 * 60;
    DateTime::from_timestamp((now.timestamp() / step + 2) * step, 0).unwrap_or(now)
}

/// As one that was booked here.
async fn book(tx: &DatabaseTransaction, id: Uuid, now: DateTime<Utc>) -> Result<(), DbErr> {
    let told = |error: app::base::error::Error| DbErr::Custom(error.to_string());
    let visit = visit::Entity::find_by_id(id).one(tx).await?.ok_or(DbErr::RecordNotFound("a visit that was just written".into()))?;
    let kind = visit_kind::Entity::find().filter(visit_kind::Column::Way.eq(Kind::Video)).one(tx).await?;
    let known = known(tx, &visit, None, now).await.map_err(told)?;
    keep(tx, booking::Model { kind_id: kind.map(|kind| kind.id), made_here: true, ..known }).await.map_err(told)
}

async fn place_one(tx: &DatabaseTransaction, one: &Visit, now: DateTime<Utc>) -> Result<(), DbErr> {
    let patient = patient_row(tx, one.patient).await?.id;
    let department = resource(tx, "Location", one.department).await?;
    let (starts_at, ends_at) = (soon(now), soon(now) + TimeDelta::minutes(MINUTES));
    let newest = visit::Entity::find()
        .filter(visit::Column::PatientId.eq(patient))
        .filter(visit::Column::DepartmentId.eq(department))
        .filter(visit::Column::Kind.eq(Kind::Video))
        .order_by_desc(visit::Column::StartsAt)
        .one(tx)
        .await?;
    match newest {
        Some(found)
            if found.status == Status::InProgress
                || found.starts_at.is_some_and(|at| at > now - STALE && found.status != Status::Finished) =>
        {
            Ok(())
        }
        Some(found) if matches!(found.status, Status::Booked | Status::Arrived) => {
            visit_arrival::Entity::delete_by_id(found.id).exec(tx).await?;
            video_room::Entity::delete_by_id(found.id).exec(tx).await?;
            let moved = visit::ActiveModel {
                id: Set(found.id),
                status: Set(Status::Booked),
                starts_at: Set(Some(starts_at)),
                ends_at: Set(Some(ends_at)),
                ..Default::default()
            };
            visit::Entity::update(moved).exec(tx).await?;
            Ok(())
        }
        _ => {
            let id = new_id();
            let row = visit::ActiveModel {
                id: Set(id),
                patient_id: Set(patient),
                encounter_id: Set(None),
                appointment_id: Set(None),
                status: Set(Status::Booked),
                kind: Set(Kind::Video),
                title: Set("Video visit".into()),
                reason: Set(Some(one.reason.into())),
                starts_at: Set(Some(starts_at)),
                ends_at: Set(Some(ends_at)),
                requested_at: Set(Some(now - TimeDelta::days(3))),
                department_id: Set(Some(department)),
                cancel_reason: Set(None),
                patient_instruction: Set(None),
                named_clinicians: Set(None),
                join_url: Set(one.join_url.map(str::to_owned)),
                sensitive: Set(false),
            };
            visit::Entity::insert(row).exec_without_returning(tx).await?;
            let with = visit_clinician::ActiveModel {
                visit_id: Set(id),
                clinician_id: Set(resource(tx, "Practitioner", one.clinician).await?),
                role: Set(None),
                position: Set(0),
            };
            visit_clinician::Entity::insert(with).exec_without_returning(tx).await?;
            if one.join_url.is_none() {
                book(tx, id, now).await?;
            }
            // Said once, when the household is new.
            if one.join_url.is_some() && video_office::Entity::find_by_id(department).one(tx).await?.is_none() {
                let held = video_office::ActiveModel { department_id: Set(department), in_portal: Set(false), opens_minutes: Set(15) };
                video_office::Entity::insert(held).exec_without_returning(tx).await?;
            }
            Ok(())
        }
    }
}
