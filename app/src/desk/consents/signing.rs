//! Deciding about a document: signing it by typing one's name, or saying that one does not agree.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{
    entity::{consent_document, consent_signature},
    problem,
};
use crate::{
    access::{Grant, Permission, policy::SignConsents},
    base::{error::Error, i18n::Texts, ids::PatientId, ids::new_id, locale::Locale, why::Why},
    desk::outgoing::{model::ActKind, store::announce},
    people::{
        folding::folded,
        patient::{alone_with, with_merged},
    },
    record::visit::entity::visit,
};

/// Letters of why somebody does not agree.
const MOST: usize = 1000;
const MOST_NAME: usize = 200;
/// The same decision within so long is the same form.
const SENT_AGAIN: TimeDelta = TimeDelta::minutes(1);

/// What somebody typed under a document.
pub struct Typed<'a> {
    pub version: i32,
    /// `agree` or `refuse`.
    pub decision: &'a str,
    pub name: &'a str,
    pub words: &'a str,
}

/// Writes down what somebody decided about the version that they read.
///
/// # Errors
/// `Invalid` without a decision or a name, with a name that is not theirs, or when there is a newer version.
pub async fn decide(
    grant: &Grant<SignConsents>,
    visit: Uuid,
    patient: Uuid,
    document: &consent_document::Model,
    typed: &Typed<'_>,
) -> Result<(), Error> {
    let (holder, name, words) = (grant.holder()?, typed.name.trim(), typed.words.trim());
    if typed.version != document.version {
        return Err(Error::form(problem::NEW_VERSION));
    }
    let agreed = match typed.decision {
        "agree" => true,
        "refuse" => false,
        _ => return Err(Error::field("decision", problem::DECIDE)),
    };
    if words.chars().count() > MOST {
        return Err(Error::field("words", Why::TOO_LONG));
    }
    if agreed {
        match name {
            "" => return Err(Error::field("name", Why::MISSING)),
            name if name.chars().count() > MOST_NAME => return Err(Error::field("name", Why::TOO_LONG)),
            name if !is_name_of(name, &holder.name) => return Err(Error::field("name", problem::OTHER_NAME)),
            _ => {}
        }
    }
    let language = grant.locale();
    let role = grant.relationship().map(|relationship| relationship.as_str().to_owned());
    let mut row = consent_signature::Model {
        id: new_id(),
        patient_id: patient,
        visit_id: Some(visit),
        document_id: document.id,
        version: document.version,
        language: language.tag().to_owned(),
        agreed,
        typed_name: agreed.then(|| name.to_owned()),
        words: Some(words.to_owned()).filter(|words| !words.is_empty() && !agreed),
        account_id: holder.account.0,
        author: holder.name.clone(),
        role,
        at: stored(grant.now().instant),
        hash: String::new(),
    };
    row.hash = hash(document, &row);
    let tx = grant.begin().await?;
    let id = row.id;
    alone_with(&tx, patient).await?;
    if is_sent_again(&tx, &row).await? {
        return Ok(());
    }
    consent_signature::Entity::insert(consent_signature::ActiveModel::from(row)).exec_without_returning(&tx).await?;
    announce(&tx, ActKind::Consent, id, grant.now().instant).await?;
    tx.commit().await?;
    Ok(())
}

/// Whether the same was decided a moment ago: a form that is sent twice decides once.
async fn is_sent_again(tx: &DatabaseTransaction, row: &consent_signature::Model) -> Result<bool, DbErr> {
    use consent_signature::Column;
    let last = consent_signature::Entity::find()
        .filter(Column::PatientId.eq(row.patient_id))
        .filter(Column::DocumentId.eq(row.document_id))
        .filter(Column::Version.eq(row.version))
        .filter(Column::VisitId.eq(row.visit_id))
        .order_by_desc(Column::At)
        .one(tx)
        .await?;
    let same = |last: &consent_signature::Model| {
        (last.agreed, &last.typed_name, &last.words, last.account_id) == (row.agreed, &row.typed_name, &row.words, row.account_id)
    };
    Ok(last.is_some_and(|last| same(&last) && row.at - last.at < SENT_AGAIN))
}

/// Databases keep microseconds: what is hashed is what is read back.
fn stored(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_micros(at.timestamp_micros()).unwrap_or(at)
}

/// Every word of the typed name is one of the holder's, the first and the last among them; middle names may be left out.
fn is_name_of(typed: &str, name: &str) -> bool {
    let (typed, name) = (folded(typed), folded(name));
    let (typed, name): (Vec<&str>, Vec<&str>) = (typed.split(' ').collect(), name.split(' ').collect());
    let ends = typed.first() == name.first() && typed.last() == name.last();
    ends && typed.iter().all(|word| name.contains(word))
}

/// SHA-256 over the document as it was shown and over the signature, in hexadecimal: whoever changes either makes another hash.
pub fn hash(document: &consent_document::Model, row: &consent_signature::Model) -> String {
    let t = Texts(Locale::from_tag(&row.language).unwrap_or_default());
    let parts = [
        document.id.to_string(),
        document.version.to_string(),
        row.language.clone(),
        document.title(t).to_owned(),
        document.text(t).to_owned(),
        row.patient_id.to_string(),
        row.account_id.to_string(),
        row.agreed.to_string(),
        row.typed_name.clone().unwrap_or_default(),
        row.words.clone().unwrap_or_default(),
        row.at.timestamp_micros().to_string(),
    ];
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What was decided in a chart, the newest first, each with the version that it is about. What was decided for a visit that is sensitive
/// is seen by whoever sees that.
///
/// # Errors
/// When the database fails.
pub async fn of_chart<P: Permission<Scope = PatientId>>(
    grant: &Grant<P>,
) -> Result<Vec<(consent_signature::Model, consent_document::Model)>, Error> {
    let charts = with_merged(grant.patient().0).into_query();
    let mut found = consent_signature::Entity::find().filter(consent_signature::Column::PatientId.in_subquery(charts));
    if !grant.sees_sensitive() {
        let open = visit::Entity::find().select_only().column(visit::Column::Id).filter(visit::Column::Sensitive.eq(false)).into_query();
        let this = consent_signature::Column::VisitId;
        found = found.filter(Condition::any().add(this.is_null()).add(this.in_subquery(open)));
    }
    let rows = found.order_by_desc(consent_signature::Column::At).order_by_desc(consent_signature::Column::Id).all(grant.db()).await?;
    let documents = consent_document::Entity::find()
        .filter(consent_document::Column::Id.is_in(rows.iter().map(|row| row.document_id)))
        .all(grant.db())
        .await?;
    let with = |row: consent_signature::Model| {
        let document = documents.iter().find(|found| found.id == row.document_id && found.version == row.version)?.clone();
        Some((row, document))
    };
    Ok(rows.into_iter().filter_map(with).collect())
}

/// How many decisions about documents there are, and which of them are not as they were made: they, or their documents, were changed.
///
/// # Errors
/// When the database fails.
pub async fn changed_signatures(db: &impl ConnectionTrait) -> Result<(usize, Vec<Uuid>), DbErr> {
    let documents = consent_document::Entity::find().all(db).await?;
    let rows = consent_signature::Entity::find().order_by_asc(consent_signature::Column::Id).all(db).await?;
    let count = rows.len();
    let is_as_made = |row: &consent_signature::Model| {
        let document = documents.iter().find(|document| document.id == row.document_id && document.version == row.version);
        document.is_some_and(|document| hash(document, row) == row.hash)
    };
    Ok((count, rows.into_iter().filter(|row| !is_as_made(row)).map(|row| row.id).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document() -> consent_document::Model {
        consent_document::Model {
            id: Uuid::from_u128(1),
            version: 2,
            department_id: None,
            kind_id: None,
            title_en: "Treatment".into(),
            title_es: "Tratamiento".into(),
            text_en: "I agree.".into(),
            text_es: "Estoy de acuerdo.".into(),
            each_visit: false,
            current: true,
            made_at: DateTime::UNIX_EPOCH,
            made_by: "Front desk".into(),
        }
    }

    fn signature() -> consent_signature::Model {
        consent_signature::Model {
            id: Uuid::from_u128(2),
            patient_id: Uuid::from_u128(3),
            visit_id: None,
            document_id: Uuid::from_u128(1),
            version: 2,
            language: "en".into(),
            agreed: true,
            typed_name: Some("Maria Rivera".into()),
            words: None,
            account_id: Uuid::from_u128(4),
            author: "Maria Rivera".into(),
            role: None,
            at: DateTime::UNIX_EPOCH,
            hash: String::new(),
        }
    }

    #[test]
    fn a_signature_is_ones_own_name_with_or_without_what_is_in_between() {
        for typed in ["Maria Rivera", "maría RIVERA", " Maria  Elena Rivera ", "Maria E Rivera"] {
            let own = is_name_of(typed.trim(), "María Elena E. Rivera");
            assert!(own, "{typed}");
        }
        for typed in ["Maria", "Rivera", "Maria Ruiz", "x", "Rivera Maria", "Maria X Rivera"] {
            assert!(!is_name_of(typed, "María Elena Rivera"), "{typed}");
        }
    }

    #[test]
    fn another_text_language_name_or_decision_has_another_hash() {
        let (document, row) = (document(), signature());
        let own = hash(&document, &row);
        let others = [
            hash(&consent_document::Model { text_en: "I agree!".into(), ..document.clone() }, &row),
            hash(&document, &consent_signature::Model { language: "es".into(), ..row.clone() }),
            hash(&document, &consent_signature::Model { typed_name: Some("Maria River".into()), ..row.clone() }),
            hash(&document, &consent_signature::Model { agreed: false, ..row.clone() }),
            hash(&document, &consent_signature::Model { patient_id: Uuid::from_u128(9), ..row.clone() }),
        ];
        assert!(others.iter().all(|other| *other != own) && own.len() == 64);
        let unread = consent_document::Model { text_es: "Otra cosa.".into(), ..document };
        assert_eq!(hash(&unread, &row), own, "what was read in English");
    }
}
