//! The sections of a record as they are read outside of the portal: words for people, resources for machines. A feature hands
//! in the sections that it knows; sharing and export gather them.

use std::pin::Pin;

use uuid::Uuid;

use crate::{
    access::DelegatedAccess,
    base::{error::Error, i18n::Texts, ids::PatientId, period::Period, stored::stored_as_text},
    view::document::Part,
};

/// The sections of a record, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecordSection {
    Conditions,
    Allergies,
    Medications,
    Immunizations,
    Results,
    Vitals,
    Procedures,
    Devices,
    Preventive,
    Goals,
    History,
    CareTeam,
    Visits,
    Summaries,
    Notes,
    Documents,
    Messages,
    MedicineRequests,
    Questionnaires,
    Consents,
}

stored_as_text!(RecordSection {
    Conditions = "conditions",
    Allergies = "allergies",
    Medications = "medications",
    Immunizations = "immunizations",
    Results = "results",
    Vitals = "vitals",
    Procedures = "procedures",
    Devices = "devices",
    Preventive = "preventive-care",
    Goals = "goals",
    History = "history",
    CareTeam = "care-team",
    Visits = "visits",
    Summaries = "summaries",
    Notes = "notes",
    Documents = "documents",
    Messages = "messages",
    MedicineRequests = "medicine-requests",
    Questionnaires = "questionnaires",
    Consents = "consents",
});

impl RecordSection {
    /// The LOINC code of the section in a clinical document. Source: International Patient Summary, sections; LOINC document ontology.
    pub fn loinc(self) -> &'static str {
        match self {
            RecordSection::Conditions => "11450-4",
            RecordSection::Allergies => "48765-2",
            RecordSection::Medications => "10160-0",
            RecordSection::Immunizations => "11369-6",
            RecordSection::Results => "30954-2",
            RecordSection::Vitals => "8716-3",
            RecordSection::Procedures => "47519-4",
            RecordSection::Devices => "46264-8",
            RecordSection::Preventive => "18776-5",
            RecordSection::Goals => "61146-7",
            RecordSection::History => "11329-0",
            RecordSection::CareTeam => "85847-2",
            RecordSection::Visits => "46240-8",
            RecordSection::Summaries => "69730-0",
            RecordSection::Notes => "34109-9",
            RecordSection::Questionnaires => "74465-6",
            RecordSection::Consents => "59284-0",
            // LOINC has no section for correspondence or requests: a summary of documents.
            RecordSection::Documents | RecordSection::Messages | RecordSection::MedicineRequests => "55112-7",
        }
    }

    /// The name of the section.
    pub fn title(self, t: Texts) -> &'static str {
        match self {
            RecordSection::Conditions => t.health_conditions(),
            RecordSection::Allergies => t.health_allergies(),
            RecordSection::Medications => t.health_medications(),
            RecordSection::Immunizations => t.health_immunizations(),
            RecordSection::Results => t.results_title(),
            RecordSection::Vitals => t.health_vitals(),
            RecordSection::Procedures => t.health_procedures(),
            RecordSection::Devices => t.health_devices(),
            RecordSection::Preventive => t.health_preventive(),
            RecordSection::Goals => t.health_goals_plans(),
            RecordSection::History => t.health_history(),
            RecordSection::CareTeam => t.health_care_team(),
            RecordSection::Visits => t.visits_title(),
            RecordSection::Summaries => t.portable_summaries(),
            RecordSection::Notes => t.notes_title(),
            RecordSection::Documents => t.health_documents(),
            RecordSection::Messages => t.messages_title(),
            RecordSection::MedicineRequests => t.medications_chapter(),
            RecordSection::Questionnaires => t.questionnaires_title(),
            RecordSection::Consents => t.consents_title(),
        }
    }

    /// Several sections, as they are stored.
    pub fn list(sections: &[RecordSection]) -> String {
        sections.iter().map(|section| section.as_str()).collect::<Vec<_>>().join(",")
    }

    /// What [`RecordSection::list`] wrote, in the order of the record.
    pub fn read(list: &str) -> Vec<RecordSection> {
        RecordSection::ALL.iter().copied().filter(|section| list.split(',').any(|name| name == section.as_str())).collect()
    }
}

/// One section: its heading, what it says, and the resources it rests on.
pub struct Chapter {
    pub section: RecordSection,
    pub heading: String,
    pub parts: Vec<Part>,
    pub resources: Vec<Uuid>,
}

pub type ChapterFuture<'a> = Pin<Box<dyn Future<Output = Result<Content, Error>> + Send + 'a>>;

/// Heading, parts, and the resources behind them.
pub type Content = (String, Vec<Part>, Vec<Uuid>);

/// A section that a feature knows.
#[derive(Clone, Copy)]
pub struct ChapterSource {
    pub section: RecordSection,
    pub read: for<'a> fn(&'a DelegatedAccess, PatientId, Period) -> ChapterFuture<'a>,
}

impl ChapterSource {
    pub const fn new(section: RecordSection, read: for<'a> fn(&'a DelegatedAccess, PatientId, Period) -> ChapterFuture<'a>) -> Self {
        Self { section, read }
    }
}

/// The sections of all features.
#[derive(Clone)]
pub struct Chapters(pub Vec<ChapterSource>);

impl Chapters {
    /// Sections as far as their reader may see them, with nothing in them that leads anywhere.
    ///
    /// # Errors
    /// What the policy refuses; `NotFound` for a section of no feature; when the database fails.
    pub async fn gather(
        &self,
        reader: &DelegatedAccess,
        patient: PatientId,
        sections: &[RecordSection],
        period: Period,
    ) -> Result<Vec<Chapter>, Error> {
        let mut chapters = Vec::new();
        for section in sections.iter().copied() {
            let source = self.0.iter().find(|source| source.section == section).ok_or(Error::NotFound)?;
            let (heading, parts, resources) = (source.read)(reader, patient, period).await?;
            chapters.push(Chapter { section, heading, parts: Part::outside_of_the_portal(parts), resources });
        }
        Ok(chapters)
    }
}

/// The parts of a section; without any, it says that nothing is recorded, or nothing for these dates.
pub fn or_nothing(t: Texts, parts: Vec<Part>, period: Period) -> Vec<Part> {
    let nothing = if period == Period::default() { t.health_nothing() } else { t.portable_none_in_period() };
    if parts.is_empty() { vec![Part::text(nothing)] } else { parts }
}

/// What a visit has nothing of, or its reader may not see, is left out. Any other fault ends the whole: a chapter with a gap looks
/// like all there is.
///
/// # Errors
/// Whatever is not `NotFound` or `NotAllowed`.
pub fn if_any<T>(found: Result<T, Error>) -> Result<Option<T>, Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound | Error::NotAllowed) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_are_read_as_they_were_written() {
        let some = [RecordSection::Allergies, RecordSection::Results];
        assert_eq!(RecordSection::read(&RecordSection::list(&some)), some);
        assert_eq!(RecordSection::read("results,nonsense,allergies"), some);
        assert_eq!(RecordSection::read(""), []);
    }
}
