//! Account.guarantor and Invoice.recipient → who pays.

use chrono::Utc;
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde_json::Value;
use uuid::Uuid;

use super::known::{Billed, is_off};
use crate::{
    access::proxy::is_adult,
    base::ids::new_id,
    desk::billing::{
        entity::guarantor,
        numbers::{OWN_NUMBERS, new_number},
    },
    people::{folding::folded, patient},
    record::{
        fhir,
        import::{Context, Incoming, of_type},
    },
};

/// Every Account makes, or makes anew, the guarantor whom it names.
///
/// # Errors
/// When the database fails.
pub async fn accounts(context: &mut Context<'_>, rows: &[Incoming<'_>], billed: &mut Billed) -> Result<(), DbErr> {
    for row in of_type(rows, "Account") {
        if is_off(row.value) {
            continue;
        }
        let number = fhir::items(&row.value["identifier"]).find_map(|identifier| identifier["value"].as_str());
        if let Some(id) = of_account(context, row.id, row.id, row.value).await? {
            billed.shown.insert(row.id);
            if let Some(number) = number {
                numbered(context, id, number).await?;
            }
        }
    }
    Ok(())
}

/// The number of an account stands on letters: that of the first account that has one.
async fn numbered(context: &Context<'_>, id: Uuid, number: &str) -> Result<(), DbErr> {
    let number: String = number.trim().chars().take(40).collect();
    let other = guarantor::Entity::find().filter(guarantor::Column::Number.eq(number.clone())).one(context.tx).await?;
    let own = guarantor::Entity::find_by_id(id).one(context.tx).await?;
    if number.is_empty() || other.is_some() || own.is_some_and(|own| !own.number.starts_with(OWN_NUMBERS)) {
        return Ok(());
    }
    let named = guarantor::ActiveModel { number: Set(number), ..Default::default() };
    guarantor::Entity::update_many().set(named).filter(guarantor::Column::Id.eq(id)).exec(context.tx).await?;
    Ok(())
}

/// Who pays what an Account is for: the first guarantor who is not on hold, or, where it names none, the patient, if they are an adult.
/// `waits` is looked at again when one of these comes.
///
/// # Errors
/// When the database fails.
async fn of_account(context: &mut Context<'_>, from: Uuid, waits: Uuid, account: &Value) -> Result<Option<Uuid>, DbErr> {
    let mut names_somebody = false;
    for named in fhir::items(&account["guarantor"]).filter(|named| named["onHold"] != true) {
        names_somebody = true;
        context.links.depend(from, &named["party"]);
        if waits != from && context.links.resolve(waits, &named["party"]).is_some() {
            context.links.depend(waits, &named["party"]);
        }
        if let Some(id) = party(context, from, &named["party"]).await? {
            return Ok(Some(id));
        }
    }
    // An employer, an agency, or somebody who is not known yet: nobody else is asked for it.
    if names_somebody {
        return Ok(None);
    }
    let mut subjects = fhir::items(&account["subject"]);
    match (subjects.next(), subjects.next()) {
        (Some(one), None) => {
            context.links.depend(waits, one);
            adult(context, from, one).await
        }
        _ => Ok(None),
    }
}

/// Who pays an Invoice: the guarantor of its account, its recipient, or its patient, if they are an adult.
///
/// # Errors
/// When the database fails.
pub async fn of_invoice(context: &mut Context<'_>, from: Uuid, invoice: &Value) -> Result<Option<Uuid>, DbErr> {
    if invoice["account"].is_object() {
        context.links.depend(from, &invoice["account"]);
        let account = context.links.resolve(from, &invoice["account"]);
        return match account {
            Some(id) => match context.value(id).await? {
                Some(body) => of_account(context, id, from, &body).await,
                None => Ok(None),
            },
            // Whoever waits for the account is looked at again when it comes.
            None => Ok(None),
        };
    }
    if invoice["recipient"].is_object() {
        context.links.depend(from, &invoice["recipient"]);
        return party(context, from, &invoice["recipient"]).await;
    }
    adult(context, from, &invoice["subject"]).await
}

async fn adult(context: &mut Context<'_>, from: Uuid, reference: &Value) -> Result<Option<Uuid>, DbErr> {
    let chart = context.links.resolve(from, reference).and_then(|id| context.links.chart_of(id));
    let Some(chart) = chart else { return Ok(None) };
    let person = patient::current(context.tx, chart).await?;
    match person {
        Some(person) if person.known_birth_date().is_some_and(|born| is_adult(born, fhir::today())) => of_patient(context, &person).await,
        _ => Ok(None),
    }
}

async fn party(context: &mut Context<'_>, from: Uuid, reference: &Value) -> Result<Option<Uuid>, DbErr> {
    let Some(id) = context.links.resolve(from, reference) else { return Ok(None) };
    if let Some(chart) = context.links.chart_of(id) {
        return match patient::current(context.tx, chart).await? {
            Some(person) => of_patient(context, &person).await,
            None => Ok(None),
        };
    }
    match context.value(id).await? {
        Some(body) if body["resourceType"] == "RelatedPerson" => of_related(context, id, &body).await,
        // An employer or an agency signs in nowhere.
        _ => Ok(None),
    }
}

async fn of_patient(context: &Context<'_>, person: &patient::Model) -> Result<Option<Uuid>, DbErr> {
    let address = Some(person.address().join(", ")).filter(|address| !address.is_empty());
    keep(
        context,
        format!("patient:{}", person.id),
        Some(person.id),
        (&person.given_name, &person.family_name),
        person.known_birth_date(),
        address,
    )
    .await
    .map(Some)
}

async fn of_related(context: &Context<'_>, id: Uuid, body: &Value) -> Result<Option<Uuid>, DbErr> {
    let Some((given, family)) = fhir::name(&body["name"], fhir::today()) else { return Ok(None) };
    let address = fhir::address::current(&body["address"], fhir::today()).and_then(fhir::address);
    let born = fhir::date(&body["birthDate"]);
    // The same person beside several children: one who has the same name, birth date and address pays for all of them.
    if let (Some(born), Some(address)) = (born, &address) {
        let same = guarantor::Entity::find()
            .filter(guarantor::Column::FoldedFamily.eq(folded(&family)))
            .filter(guarantor::Column::BirthDate.eq(born))
            .filter(guarantor::Column::GivenName.eq(given.clone()))
            .filter(guarantor::Column::Address.eq(address.clone()))
            .one(context.tx)
            .await?;
        if let Some(same) = same {
            return Ok(Some(same.id));
        }
    }
    keep(context, format!("person:{id}"), None, (&given, &family), born, address).await.map(Some)
}

async fn keep(
    context: &Context<'_>,
    party_key: String,
    chart: Option<Uuid>,
    (given, family): (&str, &str),
    born: Option<chrono::NaiveDate>,
    address: Option<String>,
) -> Result<Uuid, DbErr> {
    let row = guarantor::ActiveModel {
        id: Set(new_id()),
        party_key: Set(party_key.clone()),
        number: Set(new_number()?),
        given_name: Set(given.to_owned()),
        family_name: Set(family.to_owned()),
        folded_family: Set(folded(family).chars().take(200).collect()),
        birth_date: Set(born),
        patient_id: Set(chart),
        account_id: Set(None),
        address: Set(address),
        paperless: Set(false),
        told_month: Set(None),
        made_at: Set(Utc::now()),
    };
    let known = OnConflict::column(guarantor::Column::PartyKey)
        .update_columns([
            guarantor::Column::GivenName,
            guarantor::Column::FamilyName,
            guarantor::Column::FoldedFamily,
            guarantor::Column::BirthDate,
            guarantor::Column::Address,
        ])
        .to_owned();
    guarantor::Entity::insert(row).on_conflict(known).exec_without_returning(context.tx).await?;
    let found = guarantor::Entity::find().filter(guarantor::Column::PartyKey.eq(party_key)).one(context.tx).await?;
    found.map(|row| row.id).ok_or_else(|| DbErr::RecordNotFound("guarantor".into()))
}
