//! Filling in a questionnaire: kept while somebody fills it in, completed, changed again.

use std::collections::{HashMap, HashSet};

use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    alerts,
    entity::{questionnaire, questionnaire_response},
    files::forget_files,
    heard,
    model::State,
    problem,
    store::{form, one, stored},
};
use crate::{
    access::{Grant, policy::AnswerQuestionnaires},
    base::{
        error::{Error, Problem},
        why::Why,
    },
    desk::outgoing::{model::ActKind, store::announce},
    record::{
        questionnaire::{
            Answers, Form,
            check::{Fault, missing},
            line::{Line, visible},
            response::to_response,
            score::settled,
            typed::Typing,
        },
        visit::entity::visit,
    },
};

/// How often it is tried to write beside others who write the same answers.
const AT_ONCE: usize = 5;

/// The name of the field of an answer.
pub fn field(key: &str) -> String {
    format!("a[{key}]")
}

/// Begins a questionnaire for a visit. Twice is once.
///
/// # Errors
/// `NotFound` for a questionnaire that nobody asks.
pub async fn begin(grant: &Grant<AnswerQuestionnaires>, form: Uuid, visit: &visit::Model) -> Result<Uuid, Error> {
    let asked = questionnaire::Entity::find_by_id(form).filter(questionnaire::Column::Active.eq(true)).one(grant.db()).await?;
    let asked = asked.filter(|asked| !asked.sensitive || grant.sees_sensitive()).ok_or(Error::NotFound)?;
    let id = id_of(visit.id, form);
    let row = questionnaire_response::Model {
        questionnaire_id: Some(form),
        visit_id: Some(visit.id),
        department_id: visit.department_id,
        title_es: asked.title_es,
        sensitive: asked.sensitive || visit.sensitive,
        ..questionnaire_response::Model::blank(id, visit.patient_id, asked.title, grant.now().instant)
    };
    insert_once(grant.db(), row).await?;
    Ok(id)
}

/// Whether these answers were begun now, and not before.
pub(super) async fn insert_once(db: &impl ConnectionTrait, row: questionnaire_response::Model) -> Result<bool, Error> {
    let once = OnConflict::column(questionnaire_response::Column::Id).do_nothing().to_owned();
    let row = questionnaire_response::ActiveModel::from(row);
    Ok(questionnaire_response::Entity::insert(row).on_conflict(once).exec_without_returning(db).await? > 0)
}

/// One for each visit and questionnaire, whoever begins it, on however many devices.
pub(super) fn id_of(visit: Uuid, form: Uuid) -> Uuid {
    let digest = Sha256::new().chain_update(b"questionnaire").chain_update(visit.as_bytes()).chain_update(form.as_bytes()).finalize();
    let mut bytes = [0u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_random_bytes(bytes).into_uuid()
}

/// What an open page sends.
pub struct Typed<'a> {
    /// As the page read it.
    pub version: i32,
    /// The mark that the page was given.
    pub page: &'a str,
    /// The mark of the form that the page shows.
    pub form: &'a str,
    /// The page shows by itself what an answer brings up.
    pub shows_what_follows: bool,
    pub answers: &'a HashMap<String, String>,
}

/// What is done with what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act<'a> {
    Keep,
    /// Adds another instance of a question or group, by the key of one.
    Add(&'a str),
    Remove(&'a str),
    Complete,
}

/// What came of it.
pub struct Kept {
    pub row: questionnaire_response::Model,
    /// Who helps at once is shown first: something was answered now of which the care team hears, or is among what was sent.
    pub needs_help: bool,
}

/// Keeps what was typed; completes it when everything is there.
///
/// # Errors
/// `NotFound` for a questionnaire of another chart; `Invalid` when it takes no answers, was changed elsewhere meanwhile, or, to be completed,
/// with everything that is missing or wrong: it is kept all the same.
pub async fn write(grant: &Grant<AnswerQuestionnaires>, id: Uuid, typed: &Typed<'_>, act: Act<'_>) -> Result<Kept, Error> {
    // A page may keep what was typed at the moment at which it sends it: it is in nobody's way but its own.
    for _ in 0..AT_ONCE {
        if let Some(kept) = write_once(grant, id, typed, act).await? {
            return Ok(kept);
        }
    }
    Err(Error::form(problem::CHANGED))
}

/// Nothing when it was changed at the same moment.
async fn write_once(grant: &Grant<AnswerQuestionnaires>, id: Uuid, typed: &Typed<'_>, act: Act<'_>) -> Result<Option<Kept>, Error> {
    let row = one(grant, id).await?;
    let asked = match row.questionnaire_id {
        Some(form_id) if row.state.is_open() => form(grant.db(), form_id, grant.locale()).await?,
        _ => None,
    };
    let Some(asked) = asked else { return Err(Error::form(problem::NOT_OPEN)) };
    // What was typed stands at places of another form.
    if typed.form != asked.mark {
        return Err(Error::form(problem::OTHER_FORM));
    }
    let before = stored(&row, &asked).unwrap_or_default();
    let zone = grant.zone();
    let (mut answers, faults) = {
        let offset = |local: &str| offset_at(local, &zone);
        let typing = Typing { fields: typed.answers, language: grant.locale().tag(), offset: &offset, earlier: &before };
        Answers::typed(&asked, &typing)
    };
    match act {
        Act::Add(key) => answers.add(&asked, key),
        Act::Remove(key) => answers.remove(&asked, key),
        Act::Keep | Act::Complete => {}
    }
    let answers = settled(&asked, &answers);
    let mut problems = Vec::new();
    if act == Act::Complete {
        // Without a script the page could not show what these answers bring up.
        let shown: HashSet<String> = visible(&asked, &before).into_iter().filter(|line| line.enabled).map(|line| line.key).collect();
        let is_new = |line: &Line<'_>| line.enabled && line.item.is_answerable() && line.current.is_empty() && !shown.contains(&line.key);
        if !typed.shows_what_follows && visible(&asked, &answers).iter().any(is_new) {
            problems.push(Problem { field: String::new(), why: problem::MORE_QUESTIONS });
        }
        problems.extend(faults.into_iter().map(|(key, fault)| Problem { field: field(&key), why: why(&fault) }));
        for key in missing(&asked, &answers) {
            let field = field(&key);
            if problems.iter().all(|problem: &Problem| problem.field != field) {
                problems.push(Problem { field, why: Why::MISSING });
            }
        }
    }
    let completes = act == Act::Complete && problems.is_empty();
    let (now, holder) = (grant.now().instant, grant.holder()?);
    // A mark that no page was given is none.
    let mark = typed.page.parse::<Uuid>().map(|mark| mark.to_string()).unwrap_or_default();
    let tx = grant.begin().await?;
    let mut changed = questionnaire_response::ActiveModel {
        state: Set(if completes { State::Completed } else { State::Begun }),
        answers: Set(Some(serde_json::to_string(&answers).map_err(|error| Error::unexpected("answers", &error))?)),
        changed_at: Set(now),
        version: Set(row.version + 1),
        written_by: Set(Some(mark.clone())),
        ..Default::default()
    };
    if completes {
        changed.body = Set(Some(to_response(&asked, &answers).to_string()));
        changed.author = Set(Some(holder.name.clone()));
        changed.role = Set(grant.relationship().map(|relationship| relationship.as_str().to_owned()));
        changed.authored_at = Set(Some(now));
        changed.canonical = Set(canonical(&asked));
        changed.amended = Set(row.authored_at.is_some());
    }
    // Another tab or device may have gone on since the page was opened; the page itself goes on as often as it likes.
    let is_own = row.written_by.as_deref() == Some(mark.as_str()) && !mark.is_empty();
    if row.version != typed.version && !is_own {
        return Err(Error::form(problem::CHANGED));
    }
    let once = questionnaire_response::Entity::update_many()
        .set(changed)
        .filter(questionnaire_response::Column::Id.eq(id))
        .filter(questionnaire_response::Column::Version.eq(row.version))
        .filter(questionnaire_response::Column::State.is_in([State::Asked, State::Begun]));
    if once.exec(&tx).await?.rows_affected == 0 {
        return Ok(None);
    }
    let alarming = heard::found(&asked, &answers);
    let is_alarming = !alarming.is_empty();
    let is_new = alerts::tell(&tx, grant, &row, &heard::found(&asked, &before), alarming).await?;
    if completes {
        announce(&tx, ActKind::Answers, id, now).await?;
    }
    forget_files(&tx, id, &asked, &answers).await?;
    tx.commit().await?;
    let kept = Kept { row, needs_help: is_new || completes && is_alarming };
    if problems.is_empty() { Ok(Some(kept)) } else { Err(Error::Invalid(problems)) }
}

/// The address of a form with its version, as its source has it.
fn canonical(form: &Form) -> Option<String> {
    let url = form.url.as_ref()?;
    Some(form.version.as_ref().map_or_else(|| url.clone(), |version| format!("{url}|{version}")))
}

/// The offset from UTC of a local time at the place, as FHIR writes it; nothing, where the clock skips that time.
fn offset_at(local: &str, zone: &chrono_tz::Tz) -> Option<String> {
    use chrono::TimeZone;
    let typed = chrono::NaiveDateTime::parse_from_str(local, "%Y-%m-%dT%H:%M").ok()?;
    Some(zone.from_local_datetime(&typed).earliest()?.format("%:z").to_string())
}

fn why(fault: &Fault) -> Why {
    match fault {
        Fault::NotANumber => problem::NOT_A_NUMBER,
        Fault::NotWhole => problem::NOT_WHOLE,
        Fault::TooSmall(_) | Fault::TooLarge(_) => problem::NOT_IN_RANGE,
        Fault::TooPrecise(_) => problem::TOO_PRECISE,
        Fault::TooLong(_) => Why::TOO_LONG,
        Fault::TooShort(_) => problem::TOO_SHORT,
        Fault::NotADate => Why::NOT_A_DATE,
        Fault::NotATime => problem::NOT_A_TIME,
        Fault::NotAUrl => problem::NOT_AN_ADDRESS,
        Fault::NotAnOption => problem::NOT_AN_OPTION,
        Fault::TooMany(_) => problem::TOO_MANY,
        Fault::TooFew(_) => problem::TOO_FEW,
        Fault::ExclusiveTogether => problem::NOT_TOGETHER,
    }
}
