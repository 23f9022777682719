//! Which documents are asked before visits, and what was decided about them.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, Condition, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait, Select};
use uuid::Uuid;

use super::entity::{consent_document, consent_signature};
use crate::{
    base::{i18n::Texts, locale::Locale},
    desk::questionnaires::asked::About,
    platform::batch::{Batch, Rows},
};

/// A document that is asked before a visit, with the decision that counts.
#[derive(Clone, Debug)]
pub struct AskedDocument {
    pub document: consent_document::Model,
    pub decided: Option<consent_signature::Model>,
}

impl consent_document::Model {
    pub fn title(&self, t: Texts) -> &str {
        if t.0 == Locale::Es { &self.title_es } else { &self.title_en }
    }

    pub fn text(&self, t: Texts) -> &str {
        if t.0 == Locale::Es { &self.text_es } else { &self.text_en }
    }
}

/// Asks for the documents of these departments, and for what these patients decided; of the answers, what is asked before each visit.
pub fn ask(
    batch: &mut Batch,
    departments: Vec<Uuid>,
    patients: Vec<Uuid>,
) -> impl FnOnce(&mut Rows, &[About]) -> Result<HashMap<Uuid, Vec<AskedDocument>>, DbErr> + use<> {
    let documents = of_departments(departments);
    let ids = documents.clone().select_only().column(consent_document::Column::Id).into_query();
    let documents = batch.ask(documents);
    let signatures = batch.ask(
        consent_signature::Entity::find()
            .filter(consent_signature::Column::PatientId.is_in(patients))
            .filter(consent_signature::Column::DocumentId.in_subquery(ids)),
    );
    move |answers, visits| {
        let (mut documents, mut signatures) = (answers.take(documents)?, answers.take(signatures)?);
        documents.sort_by(|one, other| (&one.title_en, one.id).cmp(&(&other.title_en, other.id)));
        signatures.sort_by_key(|row| (row.at, row.id));
        let of = |about: &About| {
            let is_asked = |found: &&consent_document::Model| {
                found.department_id.is_none_or(|id| Some(id) == about.department)
                    && found.kind_id.is_none_or(|kind| Some(kind) == about.kind)
            };
            let with = |document: &consent_document::Model| {
                let mut own = signatures.iter().filter(|row| row.patient_id == about.patient);
                let decided = own.rfind(|row| counts(document, row, about)).cloned();
                AskedDocument { document: document.clone(), decided }
            };
            documents.iter().filter(is_asked).map(with).collect::<Vec<_>>()
        };
        Ok(visits.iter().map(|about| (about.visit, of(about))).collect())
    }
}

/// Whether a decision counts for a visit: about the version that is asked, for this visit where each is asked anew, and not before the
/// office asked again.
fn counts(document: &consent_document::Model, row: &consent_signature::Model, about: &About) -> bool {
    let same = row.document_id == document.id && row.version == document.version;
    let this = !document.each_visit || row.visit_id == Some(about.visit);
    same && this && row.at <= about.at && is_after(row.at, about.reopened)
}

fn is_after(at: DateTime<Utc>, reopened: Option<DateTime<Utc>>) -> bool {
    reopened.is_none_or(|again| at > again)
}

/// The versions that are asked by these departments, and by all.
fn of_departments(departments: Vec<Uuid>) -> Select<consent_document::Entity> {
    let theirs = Condition::any()
        .add(consent_document::Column::DepartmentId.is_null())
        .add(consent_document::Column::DepartmentId.is_in(departments));
    consent_document::Entity::find().filter(consent_document::Column::Current.eq(true)).filter(theirs)
}
