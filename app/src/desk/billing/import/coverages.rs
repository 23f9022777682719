//! Coverage → the insurances of a patient.

use std::collections::HashMap;

use chrono::Utc;
use sea_orm::{ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde_json::Value;
use uuid::Uuid;

use super::known::Billed;
use crate::{
    desk::{
        billing::entity::coverage,
        outgoing::resource::{named, systems},
    },
    record::{
        fhir,
        import::{Context, Incoming, of_type},
    },
};

/// # Errors
/// When the database fails.
pub async fn all(context: &mut Context<'_>, rows: &[Incoming<'_>], billed: &mut Billed) -> Result<(), DbErr> {
    let ids = of_type(rows, "Coverage").map(|row| row.id);
    let replaced = coverage::Entity::find().filter(coverage::Column::Id.is_in(ids)).filter(coverage::Column::RequestId.is_not_null());
    let replaced: HashMap<Uuid, coverage::Model> = replaced.all(context.tx).await?.into_iter().map(|row| (row.id, row)).collect();
    for row in of_type(rows, "Coverage") {
        let Some(patient) = row.patient.filter(|_| !row.cannot_be_told) else { continue };
        // What was told here, and the hospital's system has taken over: its word holds from now on.
        if let Some(told) = named(&row.value["identifier"], systems::COVERAGES) {
            if row.value["status"] == "draft" {
                billed.shown.insert(row.id);
                continue;
            }
            is_over(context, Some(told)).await?;
        }
        let Some(insurer) = insurer(context, row).await? else { continue };
        let short = |text: &str, most: usize| text.chars().take(most).collect::<String>();
        let class = |code: &str| fhir::items(&row.value["class"]).find(|class| fhir::has_code(&class["type"], &[code]));
        let named =
            |class: Option<&Value>| class.and_then(|class| class["name"].as_str().or(class["value"].as_str()).map(|text| short(text, 200)));
        let holder = &row.value["policyHolder"];
        let model = coverage::ActiveModel {
            id: Set(row.id),
            patient_id: Set(patient),
            insurer: Set(short(&insurer, 200)),
            plan_name: Set(named(class("plan")).or_else(|| fhir::concept(&row.value["type"]))),
            member_id: Set(row.value["subscriberId"].as_str().map(|id| short(id, 60))),
            group_id: Set(class("group").and_then(|class| class["value"].as_str()).map(|id| short(id, 60))),
            relationship: Set(fhir::concept(&row.value["relationship"]).map(|text| short(&text, 60))),
            holder: Set(holder["display"].as_str().map(|name| short(name, 200))),
            starts_on: Set(fhir::date(&row.value["period"]["start"])),
            ends_on: Set(fhir::last_day(&row.value["period"]["end"])),
            active: Set(row.value["status"] == "active"),
            from_record: Set(true),
            request_id: Set(None),
            made_at: Set(Utc::now()),
        };
        if let Some(before) = replaced.get(&row.id) {
            billed.shown.insert(row.id);
            let ended = row.value["status"] != "active"
                || before.ends_on != fhir::last_day(&row.value["period"]["end"]) && row.value["period"]["end"].is_string();
            if says_the_same(before, &model) && !ended {
                continue;
            }
            // The hospital's system has heard of something new: what was told here is over.
            is_over(context, before.request_id).await?;
        }
        use coverage::Column as C;
        let known = OnConflict::column(C::Id)
            .update_columns([
                C::PatientId,
                C::Insurer,
                C::PlanName,
                C::MemberId,
                C::GroupId,
                C::Relationship,
                C::Holder,
                C::StartsOn,
                C::EndsOn,
                C::Active,
                C::RequestId,
            ])
            .to_owned();
        coverage::Entity::insert(model).on_conflict(known).exec_without_returning(context.tx).await?;
        billed.shown.insert(row.id);
    }
    Ok(())
}

/// What was taken over from a request here is not shown beside what the record says.
async fn is_over(context: &mut Context<'_>, request: Option<Uuid>) -> Result<(), DbErr> {
    let over = coverage::ActiveModel { active: Set(false), ..Default::default() };
    let told = coverage::Entity::update_many().set(over).filter(coverage::Column::RequestId.eq(request));
    told.filter(coverage::Column::FromRecord.eq(false)).exec(context.tx).await?;
    Ok(())
}

/// What was corrected or ended here stays so while the record says the same as before.
fn says_the_same(before: &coverage::Model, now: &coverage::ActiveModel) -> bool {
    now.insurer == Set(before.insurer.clone())
        && now.plan_name == Set(before.plan_name.clone())
        && now.member_id == Set(before.member_id.clone())
        && now.group_id == Set(before.group_id.clone())
        && now.relationship == Set(before.relationship.clone())
        && now.holder == Set(before.holder.clone())
        && now.starts_on == Set(before.starts_on)
}

async fn insurer(context: &mut Context<'_>, row: Incoming<'_>) -> Result<Option<String>, DbErr> {
    for payor in fhir::items(&row.value["payor"]) {
        if let Some(name) = payor["display"].as_str().or(payor["identifier"]["value"].as_str()) {
            return Ok(Some(name.to_owned()));
        }
        context.links.depend(row.id, payor);
        if let Some(id) = context.links.resolve(row.id, payor)
            && let Some(name) = context.value(id).await?.and_then(|body| body["name"].as_str().map(str::to_owned))
        {
            return Ok(Some(name));
        }
    }
    Ok(None)
}
