//! The office's side: writing documents, a new version for each change, and reading what was signed.

use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder, sea_query::Expr};
use uuid::Uuid;

use super::entity::consent_document;
use crate::{
    access::{Grant, policy::ManageCalendars},
    base::{
        error::{Error, Problem},
        ids::new_id,
        why::Why,
    },
    desk::scheduling::{keepers::changes, kinds, staff::departments},
};

const MOST_TITLE: usize = 200;
const MOST_TEXT: usize = 20_000;

/// A document as somebody of the staff typed it.
pub struct Typed<'a> {
    pub title_en: &'a str,
    pub title_es: &'a str,
    pub text_en: &'a str,
    pub text_es: &'a str,
    pub each_visit: bool,
    pub kind: Option<Uuid>,
    /// The version that the page showed.
    pub version: i32,
    /// A text was changed in one language alone, and the other one says the same already.
    pub one_language: bool,
    /// Of the form for a new document: what is sent twice is one.
    pub key: Option<Uuid>,
}

impl Typed<'_> {
    /// Whether a new version would be what there is already.
    fn is(&self, row: &consent_document::Model) -> bool {
        let same = |typed: &str, text: &str| typed.trim() == text;
        let texts = same(self.title_en, &row.title_en) && same(self.title_es, &row.title_es);
        let texts = texts && same(self.text_en, &row.text_en) && same(self.text_es, &row.text_es);
        texts && self.each_visit == row.each_visit && self.kind == row.kind_id
    }

    /// The field of the language that was left as it was while the other one was changed.
    fn left(&self, row: &consent_document::Model) -> Option<&'static str> {
        let changed = |typed: &str, text: &str| typed.trim() != text;
        let english = changed(self.title_en, &row.title_en) || changed(self.text_en, &row.text_en);
        let spanish = changed(self.title_es, &row.title_es) || changed(self.text_es, &row.text_es);
        match (english, spanish) {
            (true, false) => Some("text_es"),
            (false, true) => Some("text_en"),
            _ => None,
        }
    }
}

/// The documents that a department asks, as they are now.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep.
pub async fn of_office(grant: &Grant<ManageCalendars>, department: Uuid) -> Result<Vec<consent_document::Model>, Error> {
    versions(grant, department, true).await
}

/// The versions that came before, and what is not asked any more, the newest version of each document first.
///
/// # Errors
/// `NotFound` for a department that the caller does not keep.
pub async fn earlier(grant: &Grant<ManageCalendars>, department: Uuid) -> Result<Vec<consent_document::Model>, Error> {
    versions(grant, department, false).await
}

async fn versions(grant: &Grant<ManageCalendars>, department: Uuid, current: bool) -> Result<Vec<consent_document::Model>, Error> {
    if !departments(grant).await?.contains(&department) {
        return Err(Error::NotFound);
    }
    Ok(consent_document::Entity::find()
        .filter(consent_document::Column::DepartmentId.eq(department))
        .filter(consent_document::Column::Current.eq(current))
        .order_by_asc(consent_document::Column::TitleEn)
        .order_by_asc(consent_document::Column::Id)
        .order_by_desc(consent_document::Column::Version)
        .all(grant.db())
        .await?)
}

/// Writes a document, or a new version of it: whoever signed the one before is asked again. Where nothing was changed, there is none.
///
/// # Errors
/// `NotFound` for a department or a document that the caller does not keep; `NotAllowed` for whoever changes nothing there; `Invalid` with
/// everything that is wrong, when somebody else wrote a version meanwhile, or when one language was changed alone.
pub async fn write(grant: &Grant<ManageCalendars>, department: Uuid, document: Option<Uuid>, typed: &Typed<'_>) -> Result<(), Error> {
    keeps(grant, department).await?;
    let mut problems = Vec::new();
    for (name, text, most) in [
        ("title_en", typed.title_en, MOST_TITLE),
        ("title_es", typed.title_es, MOST_TITLE),
        ("text_en", typed.text_en, MOST_TEXT),
        ("text_es", typed.text_es, MOST_TEXT),
    ] {
        match text.trim() {
            "" => problems.push(Problem { field: name.into(), why: Why::MISSING }),
            text if text.chars().count() > most => problems.push(Problem { field: name.into(), why: Why::TOO_LONG }),
            _ => {}
        }
    }
    if let Some(kind) = typed.kind
        && !kinds::of_department(grant.db(), department).await?.iter().any(|found| found.id == kind)
    {
        problems.push(Problem { field: "kind".into(), why: Why::MISSING });
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let tx = grant.begin().await?;
    let version = match document {
        None => 0,
        // Of two who write at the same moment, the second is told that there is a newer one.
        Some(id) => {
            let before = consent_document::Entity::find()
                .filter(consent_document::Column::Id.eq(id))
                .filter(consent_document::Column::DepartmentId.eq(department))
                .order_by_desc(consent_document::Column::Version)
                .one(&tx)
                .await?
                .ok_or(Error::NotFound)?;
            if before.version != typed.version {
                return Err(Error::form(super::problem::NEW_VERSION));
            }
            if before.current && typed.is(&before) {
                return Ok(());
            }
            if let Some(left) = typed.left(&before).filter(|_| !typed.one_language) {
                return Err(Error::field(left, super::problem::ONE_LANGUAGE));
            }
            retire(&tx, id).await?;
            before.version
        }
    };
    let row = consent_document::ActiveModel {
        id: Set(document.or(typed.key).unwrap_or_else(new_id)),
        version: Set(version + 1),
        department_id: Set(Some(department)),
        kind_id: Set(typed.kind),
        title_en: Set(typed.title_en.trim().to_owned()),
        title_es: Set(typed.title_es.trim().to_owned()),
        text_en: Set(typed.text_en.trim().to_owned()),
        text_es: Set(typed.text_es.trim().to_owned()),
        each_visit: Set(typed.each_visit),
        current: Set(true),
        made_at: Set(grant.now().instant),
        made_by: Set(grant.holder()?.name.clone()),
    };
    match consent_document::Entity::insert(row).exec_without_returning(&tx).await {
        Ok(_) => {}
        Err(error) if matches!(error.sql_err(), Some(sea_orm::SqlErr::UniqueConstraintViolation(_))) => {
            return if document.is_none() { Ok(()) } else { Err(Error::form(super::problem::NEW_VERSION)) };
        }
        Err(error) => return Err(error.into()),
    }
    tx.commit().await?;
    Ok(())
}

/// Asks a document no more. What was signed stays.
///
/// # Errors
/// `NotFound` for a department or a document that the caller does not keep; `NotAllowed` for whoever changes nothing there.
pub async fn withdraw(grant: &Grant<ManageCalendars>, department: Uuid, document: Uuid) -> Result<(), Error> {
    keeps(grant, department).await?;
    if !of_office(grant, department).await?.iter().any(|found| found.id == document) {
        return Err(Error::NotFound);
    }
    let tx = grant.begin().await?;
    retire(&tx, document).await?;
    tx.commit().await?;
    Ok(())
}

async fn retire(tx: &sea_orm::DatabaseTransaction, document: Uuid) -> Result<(), Error> {
    consent_document::Entity::update_many()
        .col_expr(consent_document::Column::Current, Expr::value(false))
        .filter(consent_document::Column::Id.eq(document))
        .exec(tx)
        .await?;
    Ok(())
}

async fn keeps(grant: &Grant<ManageCalendars>, department: Uuid) -> Result<(), Error> {
    if !departments(grant).await?.contains(&department) {
        return Err(Error::NotFound);
    }
    if changes(grant, department).await? { Ok(()) } else { Err(Error::NotAllowed) }
}
