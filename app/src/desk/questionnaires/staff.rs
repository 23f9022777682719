//! The care team's side: which questionnaires are asked before visits, and asking a patient for one.

use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::{
    entity::{questionnaire, questionnaire_alert, questionnaire_office, questionnaire_response},
    model::State,
    problem,
};
use crate::{
    access::{
        Grant, Level,
        policy::{ManageCalendars, OpenAnswers},
    },
    base::{error::Error, i18n::Texts, ids::new_id, why::Why},
    desk::{
        office::{
            store::{has_visited, own_departments, unstaffed},
            tell::tell_readers,
        },
        scheduling::{keepers::changes, kinds, staff::departments},
    },
    people::patient::{self, with_merged},
    platform::mail::{
        letter::{Message, Organization},
        model::News,
    },
    record::care_team::entity::department,
};

/// Letters of why somebody is asked.
const MOST_NOTE: usize = 500;

/// The questionnaires that a department asks before visits, with the kind of visits.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep.
pub async fn of_office(
    grant: &Grant<ManageCalendars>,
    department: Uuid,
) -> Result<Vec<(questionnaire_office::Model, questionnaire::Model)>, Error> {
    if !departments(grant).await?.contains(&department) {
        return Err(Error::NotFound);
    }
    let rows = questionnaire_office::Entity::find()
        .filter(questionnaire_office::Column::DepartmentId.eq(department))
        .find_also_related(questionnaire::Entity)
        .order_by_asc(questionnaire::Column::Title)
        .all(grant.db())
        .await?;
    Ok(rows.into_iter().filter_map(|(row, form)| Some((row, form?))).collect())
}

/// Asks a questionnaire before the visits of a department, of one kind or of all; or asks it no more.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep, or a questionnaire that there is not; `NotAllowed` for whoever changes nothing
/// there.
pub async fn ask_before_visits(
    grant: &Grant<ManageCalendars>,
    department: Uuid,
    form: Uuid,
    kind: Option<Uuid>,
    asks: bool,
) -> Result<(), Error> {
    if !departments(grant).await?.contains(&department) {
        return Err(Error::NotFound);
    }
    if !changes(grant, department).await? {
        return Err(Error::NotAllowed);
    }
    if asks && unstaffed(grant.db()).await?.contains(&department) {
        return Err(Error::form(problem::NO_CARE_TEAM));
    }
    if let Some(kind) = kind {
        let known = kinds::of_department(grant.db(), department).await?;
        if !known.iter().any(|found| found.id == kind) {
            return Err(Error::field("kind", Why::MISSING));
        }
    }
    let tx = grant.begin().await?;
    questionnaire_office::Entity::delete_by_id((department, form)).exec(&tx).await?;
    if asks {
        questionnaire::Entity::find_by_id(form).filter(questionnaire::Column::Active.eq(true)).one(&tx).await?.ok_or(Error::NotFound)?;
        let row = questionnaire_office::ActiveModel { department_id: Set(department), questionnaire_id: Set(form), kind_id: Set(kind) };
        questionnaire_office::Entity::insert(row).exec_without_returning(&tx).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// What this patient was asked and answered, as far as it concerns one's departments, or came from elsewhere and one's departments see
/// them; the newest first.
///
/// # Errors
/// `NotFound` for a patient that there is not, or with whom one's departments have nothing to do.
pub async fn of_patient(grant: &Grant<OpenAnswers>) -> Result<(patient::Model, Vec<questionnaire_response::Model>), Error> {
    let person = patient::current(grant.db(), grant.patient().0).await?.ok_or(Error::NotFound)?;
    use questionnaire_response::Column::{DepartmentId, PatientId, ResourceId, Sensitive};
    let this = (questionnaire_response::Entity, questionnaire_response::Column::Id);
    let alarming = questionnaire_alert::Entity::find()
        .filter(Expr::col((questionnaire_alert::Entity, questionnaire_alert::Column::ResponseId)).equals(this));
    let visits = has_visited(grant.db(), person.id, &own_ids(grant).await?).await?;
    // What is sensitive, where one's departments ask the same.
    let same = questionnaire_response::Entity::find()
        .select_only()
        .column(questionnaire_response::Column::QuestionnaireId)
        .filter(PatientId.in_subquery(with_merged(person.id).into_query()))
        .filter(DepartmentId.in_subquery(own_departments(grant)?))
        .filter(questionnaire_response::Column::QuestionnaireId.is_not_null());
    let open =
        Condition::any().add(Sensitive.eq(false)).add(questionnaire_response::Column::QuestionnaireId.in_subquery(same.into_query()));
    let elsewhere = Condition::all().add(ResourceId.is_not_null()).add(open);
    let theirs = Condition::any()
        .add(DepartmentId.in_subquery(own_departments(grant)?))
        .add_option(visits.then_some(elsewhere))
        // Of which somebody must hear, where nobody answers for the department.
        .add(
            Condition::all()
                .add(Condition::any().add(DepartmentId.is_null()).add(DepartmentId.is_in(unstaffed(grant.db()).await?)))
                .add(Expr::exists(alarming.into_query())),
        );
    let rows = questionnaire_response::Entity::find()
        .filter(PatientId.in_subquery(with_merged(person.id).into_query()))
        .filter(questionnaire_response::Column::State.ne(State::Mistake))
        .filter(theirs)
        .order_by_desc(questionnaire_response::Column::ChangedAt)
        .order_by_desc(questionnaire_response::Column::Id)
        .all(grant.db())
        .await?;
    if visits || !rows.is_empty() { Ok((person, rows)) } else { Err(Error::NotFound) }
}

async fn own_ids(grant: &Grant<OpenAnswers>) -> Result<Vec<Uuid>, Error> {
    Ok(own_offices(grant).await?.into_iter().map(|office| office.id).collect())
}

/// One of them.
///
/// # Errors
/// `NotFound` for answers that do not concern one's departments.
pub async fn one(grant: &Grant<OpenAnswers>, id: Uuid) -> Result<questionnaire_response::Model, Error> {
    let (_, rows) = of_patient(grant).await?;
    rows.into_iter().find(|row| row.id == id).ok_or(Error::NotFound)
}

/// What a member of the care team typed to ask a patient.
pub struct Asking<'a> {
    pub form: Uuid,
    pub department: Uuid,
    pub due_on: &'a str,
    pub note: &'a str,
}

/// Asks a patient to fill in a questionnaire by a day, and tells them.
///
/// # Errors
/// `NotFound` for a patient, a questionnaire or a department that there is not or that is not one's own; `Invalid` with each field that
/// cannot be right, or when the same is asked already.
pub async fn ask(grant: &Grant<OpenAnswers>, typed: &Asking<'_>) -> Result<(), Error> {
    let (now, note) = (grant.now(), typed.note.trim());
    let person = patient::current(grant.db(), grant.patient().0).await?.filter(|person| !person.deceased).ok_or(Error::NotFound)?;
    of_patient(grant).await?;
    let form = questionnaire::Entity::find_by_id(typed.form)
        .filter(questionnaire::Column::Active.eq(true))
        .one(grant.db())
        .await?
        .ok_or(Error::field("form", Why::MISSING))?;
    if !is_own(grant, typed.department).await? {
        return Err(Error::field("department", Why::MISSING));
    }
    let due_on: NaiveDate = match typed.due_on.trim() {
        "" => return Err(Error::field("due_on", Why::MISSING)),
        text => text.parse().map_err(|_| Error::field("due_on", Why::NOT_A_DATE))?,
    };
    if due_on < now.today {
        return Err(Error::field("due_on", Why::OVER));
    }
    if note.chars().count() > MOST_NOTE {
        return Err(Error::field("note", Why::TOO_LONG));
    }
    let tx = grant.begin().await?;
    let open = questionnaire_response::Entity::find()
        .filter(questionnaire_response::Column::PatientId.in_subquery(with_merged(person.id).into_query()))
        .filter(questionnaire_response::Column::QuestionnaireId.eq(form.id))
        .filter(questionnaire_response::Column::AskedAt.is_not_null())
        .filter(questionnaire_response::Column::State.is_in([State::Asked, State::Begun]))
        .one(&tx)
        .await?;
    if open.is_some() {
        return Err(Error::field("form", Why::ALREADY_DONE));
    }
    let id = new_id();
    let row = questionnaire_response::Model {
        questionnaire_id: Some(form.id),
        department_id: Some(typed.department),
        title_es: form.title_es,
        state: State::Asked,
        sensitive: form.sensitive,
        asked_by: Some(grant.holder()?.name.clone()),
        asked_at: Some(now.instant),
        due_on: Some(due_on),
        note: Some(note.to_owned()).filter(|note| !note.is_empty()),
        ..questionnaire_response::Model::blank(id, person.id, form.title, now.instant)
    };
    let sensitive = row.sensitive;
    questionnaire_response::Entity::insert(questionnaire_response::ActiveModel::from(row)).exec_without_returning(&tx).await?;
    let link = grant.link(&format!("/p/{}/questionnaires/{id}", person.id));
    let opens = move |level: Level| level.sees_clinical() && (!sensitive || level.sees_sensitive());
    tell_readers(&tx, grant, person.id, opens, asked(person.given_name, link)).await?;
    tx.commit().await?;
    Ok(())
}

/// One's departments, by name.
///
/// # Errors
/// When the database fails.
pub async fn own_offices(grant: &Grant<OpenAnswers>) -> Result<Vec<department::Model>, Error> {
    let own = department::Entity::find().filter(department::Column::Id.in_subquery(own_departments(grant)?));
    Ok(own.order_by_asc(department::Column::Name).all(grant.db()).await?)
}

async fn is_own(grant: &Grant<OpenAnswers>, department: Uuid) -> Result<bool, Error> {
    Ok(own_offices(grant).await?.iter().any(|office| office.id == department))
}

fn asked(whose: String, link: String) -> impl Fn(Texts, &Organization) -> Message + Clone {
    move |t, of| Message {
        news: News::Answers,
        subject: t.questionnaires_mail_subject(&of.product),
        paragraphs: vec![t.questionnaires_mail_text(&whose)],
        link: Some((t.mail_open(), link.clone())),
    }
}

/// Asks for it no more: what was answered until then is kept, and not shown.
///
/// # Errors
/// `NotFound` for what is not asked by one's departments; `Invalid` when it was answered meanwhile.
pub async fn withdraw(grant: &Grant<OpenAnswers>, id: Uuid) -> Result<(), Error> {
    let (_, rows) = of_patient(grant).await?;
    let row = rows.into_iter().find(|row| row.id == id && row.asked_at.is_some()).ok_or(Error::NotFound)?;
    let gone = questionnaire_response::Entity::update_many()
        .col_expr(questionnaire_response::Column::State, Expr::value(State::Withdrawn.as_str()))
        .col_expr(questionnaire_response::Column::ChangedAt, Expr::value(grant.now().instant))
        .filter(questionnaire_response::Column::Id.eq(row.id))
        .filter(questionnaire_response::Column::State.is_in([State::Asked, State::Begun]))
        .exec(grant.db())
        .await?;
    if gone.rows_affected == 0 { Err(Error::form(problem::CHANGED)) } else { Ok(()) }
}
