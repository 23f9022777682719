//! What a patient's side says that differs from the record: taken differently, stopped, something else, another allergy. Nothing in
//! the record changes by it; a clinician reviews it, and changes the record where it is kept.

use std::{cmp::Reverse, collections::BTreeSet};

use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select, sea_query::Expr,
};
use uuid::Uuid;

use super::{
    email,
    entity::medicine_proposal,
    model::{MOST, ProposalKind, ProposalState},
    problem,
    store::{Responsible, medicines},
};
use crate::{
    access::{
        Grant, Level, Permission,
        policy::{DecideMedicineRequest, OpenMedicineRequest, RequestMedicine, SeeMedicineRequests, ViewHealthSummary},
    },
    base::{
        error::{Error, Problem},
        ids::{PatientId, new_id},
        why::Why,
    },
    desk::{
        office::{
            due::due_at,
            store::{answering, own_departments},
            tell::tell_readers,
        },
        outgoing::{model::ActKind, store::announce},
    },
    features::health::store::current,
    people::{
        patient::{self, with_merged},
        relation::StaffRole,
    },
    platform::{
        batch::{Batch, Rows, alone},
        throttle::limit,
    },
    record::visit::{entity::visit, model::Status},
};

/// So many of one account in a window of the throttle.
const PER_ACCOUNT: i32 = 30;
/// Letters of the name of a medicine.
pub const TITLE: usize = 200;

/// Tells the office of a patient; `fallback` is a department that is told where nobody else is, such as that of a visit to come. What waits
/// to be reviewed in the same words is told once, however often the form is sent.
///
/// # Errors
/// `NotFound` for an item that is not in the chart; `Invalid` with everything that is wrong, or when no office answers here.
pub async fn tell(
    grant: &Grant<RequestMedicine>,
    chart: &Grant<ViewHealthSummary>,
    item: &str,
    kind: &str,
    title: &str,
    words: &str,
    fallback: Option<Uuid>,
) -> Result<(), Error> {
    let (holder, now) = (grant.holder()?, grant.now().instant);
    limit(grant.db(), &format!("proposal:{}", holder.account), PER_ACCOUNT).await?;
    let mut problems = Vec::new();
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    let kind = ProposalKind::ALL.iter().copied().find(|found| found.as_str() == kind);
    if kind.is_none() {
        refuse("kind", Why::MISSING);
    }
    let mut about: Option<(Uuid, String)> = None;
    match kind {
        Some(kind) if kind.is_about_item() => {
            let id: Uuid = item.parse().map_err(|_| Error::NotFound)?;
            let found = current(chart, &[kind.item_kind()]).await?.into_iter().find(|found| found.id == id).ok_or(Error::NotFound)?;
            about = Some((found.id, found.title));
        }
        _ if title.trim().is_empty() => refuse("title", Why::MISSING),
        _ if title.chars().count() > TITLE => refuse("title", Why::TOO_LONG),
        _ => {}
    }
    match words.trim() {
        "" if kind != Some(ProposalKind::Stopped) => refuse("words", Why::MISSING),
        words if words.chars().count() > MOST => refuse("words", problem::COMMENT_LONG),
        _ => {}
    }
    let office = office_for(grant, chart, about.as_ref().map(|(id, _)| *id), fallback).await?;
    if office.is_none() {
        refuse("words", problem::NO_OFFICE);
    }
    let (Some(kind), Some(office), true) = (kind, office, problems.is_empty()) else { return Err(Error::Invalid(problems)) };
    let sensitive = match &about {
        Some((id, _)) => is_sensitive(grant, *id).await?,
        None => office.office.sensitive,
    };
    let role = grant.relationship().map(|relationship| relationship.as_str().to_owned());
    let id = new_id();
    let row = medicine_proposal::ActiveModel {
        id: Set(id),
        patient_id: Set(grant.patient().0),
        item_id: Set(about.as_ref().map(|(id, _)| *id)),
        kind: Set(kind),
        title: Set(about.map_or_else(|| title.trim().to_owned(), |(_, title)| title.chars().take(500).collect())),
        words: Set(words.trim().to_owned()),
        state: Set(ProposalState::Unreviewed),
        sensitive: Set(sensitive),
        department_id: Set(office.department.id),
        account_id: Set(holder.account.0),
        author: Set(holder.name.clone()),
        role: Set(role),
        made_at: Set(now),
        due_at: Set(due_at(now, office.office.refill_days, &grant.zone())),
        ..Default::default()
    };
    let tx = grant.begin().await?;
    patient::alone_with(&tx, grant.patient().0).await?;
    if !waits_already(&tx, &row).await? {
        medicine_proposal::Entity::insert(row).exec_without_returning(&tx).await?;
        announce(&tx, ActKind::Proposal, id, now).await?;
    }
    tx.commit().await?;
    Ok(())
}

async fn waits_already(tx: &DatabaseTransaction, row: &medicine_proposal::ActiveModel) -> Result<bool, DbErr> {
    use medicine_proposal::Column;
    let item = match row.item_id.as_ref() {
        Some(id) => Column::ItemId.eq(*id),
        None => Column::ItemId.is_null(),
    };
    let same = medicine_proposal::Entity::find()
        .filter(Column::PatientId.eq(*row.patient_id.as_ref()))
        .filter(Column::State.eq(ProposalState::Unreviewed))
        .filter(Column::Kind.eq(*row.kind.as_ref()))
        .filter(Column::Title.eq(row.title.as_ref()))
        .filter(Column::Words.eq(row.words.as_ref()))
        .filter(item);
    Ok(same.count(tx).await? > 0)
}

async fn is_sensitive(grant: &Grant<RequestMedicine>, item: Uuid) -> Result<bool, Error> {
    use crate::record::item::entity::health_item;
    Ok(health_item::Entity::find_by_id(item).one(grant.db()).await?.is_some_and(|found| found.sensitive))
}

/// The office that looks after a medicine; else the one where the patient was last that answers here.
async fn office_for(
    grant: &Grant<RequestMedicine>,
    chart: &Grant<ViewHealthSummary>,
    item: Option<Uuid>,
    fallback: Option<Uuid>,
) -> Result<Option<Responsible>, Error> {
    if let Some(id) = item
        && let Some(office) = medicines(chart).await?.into_iter().find(|found| found.item.id == id).and_then(|found| found.responsible)
    {
        return Ok(Some(office));
    }
    let visited: Vec<Uuid> = visit::Entity::find()
        .select_only()
        .column(visit::Column::DepartmentId)
        .filter(visit::Column::PatientId.in_subquery(with_merged(grant.patient().0).into_query()))
        .filter(visit::Column::Status.eq(Status::Finished))
        .filter(visit::Column::Sensitive.eq(false))
        .filter(visit::Column::DepartmentId.is_not_null())
        .order_by_desc(visit::Column::StartsAt)
        .limit(100)
        .into_tuple()
        .all(grant.db())
        .await?;
    let offices = answering(grant.db(), visited.iter().copied().chain(fallback).collect::<BTreeSet<_>>()).await?;
    let found = visited.iter().chain(&fallback).find_map(|id| offices.get(id));
    Ok(found.map(|found| Responsible { department: found.place.clone(), office: found.office, clinician: None }))
}

/// What was told about a chart, the newest first, as far as the caller may see it.
///
/// # Errors
/// When the database fails.
pub async fn told(grant: &Grant<ViewHealthSummary>) -> Result<Vec<medicine_proposal::Model>, Error> {
    Ok(alone(grant.db(), |batch| ask_told(batch, grant)).await?)
}

/// Asks for it.
pub fn ask_told(
    batch: &mut Batch,
    grant: &Grant<ViewHealthSummary>,
) -> impl FnOnce(&mut Rows) -> Result<Vec<medicine_proposal::Model>, DbErr> + use<> {
    let mut all = medicine_proposal::Entity::find()
        .filter(medicine_proposal::Column::PatientId.in_subquery(with_merged(grant.patient().0).into_query()));
    if !grant.sees_sensitive() {
        all = all.filter(medicine_proposal::Column::Sensitive.eq(false));
    }
    let all = all.order_by_desc(medicine_proposal::Column::MadeAt).order_by_desc(medicine_proposal::Column::Id);
    let newest = batch.ask(all.limit(50));
    move |answers| {
        let mut told = answers.take(newest)?;
        told.sort_by_key(|told| Reverse((told.made_at, told.id)));
        Ok(told)
    }
}

fn visible<P: Permission>(grant: &Grant<P>) -> Result<Select<medicine_proposal::Entity>, Error> {
    Ok(medicine_proposal::Entity::find().filter(medicine_proposal::Column::DepartmentId.in_subquery(own_departments(grant)?)))
}

/// What nobody has reviewed, what is due first, with its patients.
///
/// # Errors
/// When the database fails.
pub async fn unreviewed(grant: &Grant<SeeMedicineRequests>) -> Result<Vec<(medicine_proposal::Model, patient::Model)>, Error> {
    let found = visible(grant)?
        .filter(medicine_proposal::Column::State.eq(ProposalState::Unreviewed))
        .order_by_asc(medicine_proposal::Column::DueAt)
        .limit(super::deciding::SHOWN)
        .all(grant.db())
        .await?;
    let people = patient::Entity::find().filter(patient::Column::Id.is_in(found.iter().map(|told| told.patient_id)));
    let people = people.all(grant.db()).await?;
    let of = |told: medicine_proposal::Model| {
        let person = people.iter().find(|person| person.id == told.patient_id)?.clone();
        Some((told, person))
    };
    Ok(found.into_iter().filter_map(of).collect())
}

/// Whose something is, when it was told to one of the caller's departments.
///
/// # Errors
/// `NotFound` for everything else.
pub async fn patient_of(grant: &Grant<SeeMedicineRequests>, id: Uuid) -> Result<PatientId, Error> {
    let found = visible(grant)?.filter(medicine_proposal::Column::Id.eq(id)).one(grant.db()).await?;
    Ok(PatientId(found.ok_or(Error::NotFound)?.patient_id))
}

/// What was told to one of the caller's departments.
///
/// # Errors
/// `NotFound` for everything else.
pub async fn open(grant: &Grant<OpenMedicineRequest>, id: Uuid) -> Result<(medicine_proposal::Model, patient::Model), Error> {
    let told = of_patient(grant, id).await?;
    let person = patient::current(grant.db(), told.patient_id).await?.ok_or(Error::NotFound)?;
    Ok((told, person))
}

async fn of_patient<P: Permission<Scope = PatientId>>(grant: &Grant<P>, id: Uuid) -> Result<medicine_proposal::Model, Error> {
    let found = visible(grant)?.filter(medicine_proposal::Column::Id.eq(id)).one(grant.db()).await?.ok_or(Error::NotFound)?;
    if found.patient_id == grant.patient().0 { Ok(found) } else { Err(Error::NotFound) }
}

/// Says what became of it. Only clinicians review.
///
/// # Errors
/// `NotFound` for what was told to other departments; `Invalid` when it was reviewed already, or without a reason for a no.
pub async fn review(grant: &Grant<DecideMedicineRequest>, id: Uuid, accepted: bool, answer: &str) -> Result<(), Error> {
    let (told, holder, now) = (of_patient(grant, id).await?, grant.holder()?, grant.now().instant);
    if holder.staff != Some(StaffRole::Clinician) {
        return Err(Error::form(problem::CLINICIAN_ONLY));
    }
    let answer = Some(answer.trim()).filter(|text| !text.is_empty());
    match answer {
        None if !accepted => return Err(Error::field("words", Why::MISSING)),
        Some(text) if text.chars().count() > MOST => return Err(Error::field("words", problem::COMMENT_LONG)),
        _ => {}
    }
    let state = if accepted { ProposalState::Accepted } else { ProposalState::Declined };
    let waiting =
        Condition::all().add(medicine_proposal::Column::Id.eq(id)).add(medicine_proposal::Column::State.eq(ProposalState::Unreviewed));
    let tx = grant.begin().await?;
    let reviewed = medicine_proposal::Entity::update_many()
        .col_expr(medicine_proposal::Column::State, Expr::value(state.as_str()))
        .col_expr(medicine_proposal::Column::DecidedAt, Expr::value(Some(now)))
        .col_expr(medicine_proposal::Column::DecidedBy, Expr::value(Some(holder.name.clone())))
        .col_expr(medicine_proposal::Column::DecidedRole, Expr::value(holder.staff.map(StaffRole::as_str)))
        .col_expr(medicine_proposal::Column::Answer, Expr::value(answer))
        .filter(waiting)
        .exec(&tx)
        .await?;
    if reviewed.rows_affected == 0 {
        return Err(Error::form(Why::ALREADY_DONE));
    }
    announce(&tx, ActKind::Proposal, id, now).await?;
    let (sensitive, link) = (told.sensitive, grant.link("/home"));
    let opens = move |level: Level| level.sees_clinical() && (!sensitive || level.sees_sensitive());
    tell_readers(&tx, grant, told.patient_id, opens, email::decided(link)).await?;
    tx.commit().await?;
    Ok(())
}
