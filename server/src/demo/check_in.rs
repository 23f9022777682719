//! A check-in that somebody has begun, and what departments want people to do who are there.

use app::{
    access::System,
    desk::{
        check_in::{
            entity::{check_in_office, check_in_step},
            model::{Rules, Step},
        },
        scheduling::entity::scheduling_office,
    },
    people::account,
    record::visit::{entity::visit, model::Status},
};
use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, QueryOrder};

const AFTER_EN: &str =
    "Please take a seat in the waiting room. If you would rather wait in your car, stay there: this page tells when to come in.";
const AFTER_ES: &str = "Tome asiento en la sala de espera. Si prefiere esperar en su auto, quédese allí: esta página le dice cuándo pasar.";

/// Writes them as they are at `now`.
pub async fn write(system: &System, now: DateTime<Utc>) -> Result<(), DbErr> {
    let tx = system.begin().await?;
    let offices: Vec<_> = scheduling_office::Entity::find().all(&tx).await?.into_iter().map(|office| office.department_id).collect();
    for department in &offices {
        let row = check_in_office::ActiveModel {
            department_id: Set(*department),
            is_on: Set(true),
            opens_days: Set(Rules::USUAL.opens_days),
            steps: Set(Step::ALL.iter().map(|step| step.as_str()).collect::<Vec<_>>().join(" ")),
            must_pay: Set(false),
            arrive_from: Set(Rules::USUAL.arrive_from),
            arrive_until: Set(Rules::USUAL.arrive_until),
            after_en: Set(Some(AFTER_EN.to_owned())),
            after_es: Set(Some(AFTER_ES.to_owned())),
            delay_minutes: Set(None),
            delay_at: Set(None),
        };
        check_in_office::Entity::insert(row).exec_without_returning(&tx).await?;
    }
    let ernesto = account::Entity::find().filter(account::Column::Username.eq("ernesto")).one(&tx).await?;
    let Some((account, patient)) = ernesto.and_then(|account| Some((account.clone(), account.patient_id?))) else {
        return Err(DbErr::Custom("the household has no Ernesto".into()));
    };
    let next = visit::Entity::find()
        .filter(visit::Column::PatientId.eq(patient))
        .filter(visit::Column::Status.eq(Status::Booked))
        .filter(visit::Column::DepartmentId.is_in(offices))
        .filter(visit::Column::StartsAt.gt(now))
        .order_by_asc(visit::Column::StartsAt)
        .one(&tx)
        .await?;
    let Some((visit, starts_at)) = next.and_then(|visit| Some((visit.id, visit.starts_at?))) else { return tx.commit().await };
    for step in [Step::Personal, Step::Insurance] {
        let row = check_in_step::ActiveModel {
            visit_id: Set(visit),
            step: Set(step),
            patient_id: Set(patient),
            starts_at: Set(starts_at),
            done_at: Set(Some(now - TimeDelta::hours(2))),
            told: Set(false),
            author: Set(account.display_name.clone()),
            role: Set(None),
            reopened_at: Set(None),
            reopened_why: Set(None),
            reopened_by: Set(None),
        };
        check_in_step::Entity::insert(row).exec_without_returning(&tx).await?;
    }
    tx.commit().await
}
