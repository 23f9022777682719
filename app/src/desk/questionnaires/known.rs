//! What the record knows that questionnaires ask for.

use chrono::Datelike;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    access::{Grant, policy::AnswerQuestionnaires},
    base::{clock::local_date, error::Error},
    people::patient,
    record::{
        questionnaire::{
            Form,
            prefill::{Known, Observed, wanted},
            value::{Code, Value},
        },
        result::{entity::measurement, model::Kind},
    },
};

/// So many values of a code are looked at.
const MOST: u64 = 50;

/// What the record knows of the patient that this form asks for: the person, and vital signs.
///
/// # Errors
/// When the database fails.
pub async fn known(grant: &Grant<AnswerQuestionnaires>, form: &Form) -> Result<Known, Error> {
    let (today, zone) = (grant.now().today, grant.zone());
    let person = patient::Entity::find_by_id(grant.patient().0).one(grant.db()).await?.ok_or(Error::NotFound)?;
    let mut observations = Vec::new();
    for code in wanted(form) {
        let (Some(system), Some(number)) = (&code.system, &code.code) else { continue };
        let rows = measurement::Entity::find()
            .filter(measurement::Column::PatientId.eq(person.id))
            .filter(measurement::Column::Kind.eq(Kind::Vital))
            .filter(measurement::Column::Code.eq(format!("{system}|{number}")))
            .order_by_desc(measurement::Column::TakenAt)
            .limit(MOST)
            .all(grant.db())
            .await?;
        observations.extend(rows.into_iter().filter(|row| row.value.is_some() && (!row.sensitive || grant.sees_sensitive())).map(|row| {
            let taken = local_date(row.taken_at, &zone);
            let months = (today.year() - taken.year()) * 12 + i32::try_from(today.month0()).unwrap_or_default()
                - i32::try_from(taken.month0()).unwrap_or_default();
            // The month that has begun is not over before its day.
            let months = if today.day() < taken.day() { months - 1 } else { months };
            let unit = Code { system: Some("http://unitsofmeasure.org".into()), code: row.ucum, display: row.unit };
            let value = Value::Quantity { value: row.shown, unit: Some(unit).filter(|unit| unit.display.is_some()) };
            Observed { code: code.clone(), months: u32::try_from(months).unwrap_or_default(), value }
        }));
    }
    Ok(Known {
        birth_date: person.known_birth_date().map(|day| day.to_string()),
        gender: person.sex.clone(),
        given: Some(person.given_name),
        family: Some(person.family_name),
        phone: person.phone_mobile.or(person.phone_home),
        email: person.email,
        line: person.address_line,
        city: person.city,
        state: person.state,
        postal_code: person.postal_code,
        today: today.to_string(),
        observations,
    })
}
