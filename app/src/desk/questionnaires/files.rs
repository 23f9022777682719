//! Files that are answers. Pictures are made anew, without what a camera writes beside them; each is read by whoever reads the answers.

use std::collections::HashSet;

use sea_orm::{ActiveValue::Set, ColumnTrait, DatabaseTransaction, DbErr, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::{
    entity::{questionnaire_file, questionnaire_response},
    model::State,
    problem,
    store::{form, one, stored},
};
use crate::{
    access::{Grant, Permission, policy::AnswerQuestionnaires},
    base::{error::Error, ids::new_id, text::MOST_BYTES, why::Why},
    desk::requests::files::media_type,
    platform::picture,
    record::questionnaire::{
        Answers, Form,
        answers::Answered,
        form::{Item, Kind},
        line::find,
        value::Value,
    },
};

/// So many files one set of answers has at most.
const MOST_FILES: u64 = 10;
const MOST_NAME: usize = 200;

/// A question that takes a file, of answers that are open.
///
/// # Errors
/// `NotFound` for answers of another chart, that are not open, or a key of another question.
pub async fn question(
    grant: &Grant<AnswerQuestionnaires>,
    id: Uuid,
    key: &str,
) -> Result<(questionnaire_response::Model, Form, Item), Error> {
    let row = one(grant, id).await?;
    let asked = match row.questionnaire_id {
        Some(form_id) if row.state.is_open() => form(grant.db(), form_id, grant.locale()).await?,
        _ => None,
    };
    let asked = asked.ok_or(Error::NotFound)?;
    let item = find(&asked, key).filter(|item| item.kind == Kind::Attachment && item.is_answerable()).cloned().ok_or(Error::NotFound)?;
    Ok((row, asked, item))
}

/// Adds a file as the answer with this key.
///
/// # Errors
/// See [`question`]; `Invalid`, at `file`, for what is no photo or PDF, is too large, or when there are too many.
pub async fn add(grant: &Grant<AnswerQuestionnaires>, id: Uuid, key: &str, name: &str, content: Vec<u8>) -> Result<(), Error> {
    let (row, asked, _) = question(grant, id, key).await?;
    if content.is_empty() {
        return Err(Error::field("file", Why::MISSING));
    }
    if content.len() > MOST_BYTES {
        return Err(Error::field("file", Why::FILE_LARGE));
    }
    // Before anything is decoded.
    let there = questionnaire_file::Entity::find().filter(questionnaire_file::Column::ResponseId.eq(row.id)).count(grant.db()).await?;
    if there >= MOST_FILES {
        return Err(Error::field("file", problem::MANY_FILES));
    }
    let (content_type, content) = match media_type(&content).ok_or(Error::field("file", problem::NOT_A_FILE))? {
        "application/pdf" => ("application/pdf", content),
        _ => ("image/jpeg", picture::made_anew(content).await?.ok_or(Error::field("file", problem::NOT_A_FILE))?),
    };
    let name: String = name.chars().filter(|letter| !letter.is_control()).take(MOST_NAME).collect();
    let file = questionnaire_file::Model {
        id: new_id(),
        response_id: row.id,
        name: if name.trim().is_empty() { "file".to_owned() } else { name },
        content_type: content_type.to_owned(),
        content,
        added_at: grant.now().instant,
    };
    let tx = grant.begin().await?;
    let count = questionnaire_file::Entity::find().filter(questionnaire_file::Column::ResponseId.eq(row.id)).count(&tx).await?;
    if count >= MOST_FILES {
        return Err(Error::field("file", problem::MANY_FILES));
    }
    let mut answers = stored(&row, &asked).unwrap_or_default();
    let value = Value::Attachment { id: file.id.to_string(), title: Some(file.name.clone()), content_type: Some(content_type.to_owned()) };
    answers.set(&asked, key, Some(value));
    if !ids(&answers).contains(&file.id) {
        return Err(Error::field("file", problem::MANY_FILES));
    }
    questionnaire_file::Entity::insert(questionnaire_file::ActiveModel::from(file)).exec_without_returning(&tx).await?;
    save(&tx, &row, &answers, grant.now().instant).await?;
    forget_files(&tx, row.id, &asked, &answers).await?;
    tx.commit().await?;
    Ok(())
}

/// Takes the file with this key away.
///
/// # Errors
/// See [`question`]; `Invalid` when the answers were changed meanwhile.
pub async fn remove(grant: &Grant<AnswerQuestionnaires>, id: Uuid, key: &str) -> Result<(), Error> {
    let (row, asked, _) = question(grant, id, key).await?;
    let mut answers = stored(&row, &asked).unwrap_or_default();
    answers.set(&asked, key, None);
    let tx = grant.begin().await?;
    save(&tx, &row, &answers, grant.now().instant).await?;
    forget_files(&tx, row.id, &asked, &answers).await?;
    tx.commit().await?;
    Ok(())
}

async fn save(
    tx: &DatabaseTransaction,
    row: &questionnaire_response::Model,
    answers: &Answers,
    now: chrono::DateTime<chrono::Utc>,
) -> Result<(), Error> {
    let changed = questionnaire_response::ActiveModel {
        state: Set(State::Begun),
        answers: Set(Some(serde_json::to_string(answers).map_err(|error| Error::unexpected("answers", &error))?)),
        changed_at: Set(now),
        version: Set(row.version + 1),
        ..Default::default()
    };
    let once = questionnaire_response::Entity::update_many()
        .set(changed)
        .filter(questionnaire_response::Column::Id.eq(row.id))
        .filter(questionnaire_response::Column::Version.eq(row.version))
        .filter(questionnaire_response::Column::State.is_in([State::Asked, State::Begun]));
    if once.exec(tx).await?.rows_affected == 0 { Err(Error::form(problem::CHANGED)) } else { Ok(()) }
}

/// A file of answers that the caller has read.
///
/// # Errors
/// `NotFound` for a file that is not of them.
pub async fn read<P: Permission>(
    grant: &Grant<P>,
    response: &questionnaire_response::Model,
    id: Uuid,
) -> Result<questionnaire_file::Model, Error> {
    let found =
        questionnaire_file::Entity::find_by_id(id).filter(questionnaire_file::Column::ResponseId.eq(response.id)).one(grant.db()).await?;
    found.ok_or(Error::NotFound)
}

/// Forgets the files that are no answer any more.
pub(super) async fn forget_files(tx: &DatabaseTransaction, response: Uuid, form: &Form, answers: &Answers) -> Result<(), DbErr> {
    if !form.all().iter().any(|item| item.kind == Kind::Attachment) {
        return Ok(());
    }
    let gone = questionnaire_file::Entity::delete_many()
        .filter(questionnaire_file::Column::ResponseId.eq(response))
        .filter(questionnaire_file::Column::Id.is_not_in(ids(answers)));
    gone.exec(tx).await?;
    Ok(())
}

fn ids(answers: &Answers) -> HashSet<Uuid> {
    fn add(items: &[Answered], ids: &mut HashSet<Uuid>) {
        for item in items {
            add(&item.items, ids);
            for answer in &item.answers {
                add(&answer.items, ids);
                if let Some(Value::Attachment { id, .. }) = &answer.value {
                    ids.extend(id.parse::<Uuid>());
                }
            }
        }
    }
    let mut all = HashSet::new();
    add(&answers.items, &mut all);
    all
}
