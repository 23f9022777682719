//! The sections of a record as they are read outside of the portal: words for people, resources for machines. A feature hands
//! in the sections that it knows; sharing and export gather them.

use std::pin::Pin;

use uuid::Uuid;

use crate::{
    access::OnBehalf,
    base::{error::Error, i18n::Texts, ids::PatientId, period::Period, stored::stored_as_text},
    view::document::Part,
};

/// The sections of a record, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Section {
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
}

stored_as_text!(Section {
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
});

impl Section {
    /// The LOINC code of the section in a clinical document. Source: International Patient Summary, sections; LOINC document ontology.
    pub fn loinc(self) -> &'static str {
        match self {
            Section::Conditions => "11450-4",
            Section::Allergies => "48765-2",
            Section::Medications => "10160-0",
            Section::Immunizations => "11369-6",
            Section::Results => "30954-2",
            Section::Vitals => "8716-3",
            Section::Procedures => "47519-4",
            Section::Devices => "46264-8",
            Section::Preventive => "18776-5",
            Section::Goals => "61146-7",
            Section::History => "11329-0",
            Section::CareTeam => "85847-2",
            Section::Visits => "46240-8",
            Section::Summaries => "69730-0",
            Section::Notes => "34109-9",
            Section::Documents => "55112-7",
        }
    }

    /// The name of the section.
    pub fn title(self, t: Texts) -> &'static str {
        match self {
            Section::Conditions => t.health_conditions(),
            Section::Allergies => t.health_allergies(),
            Section::Medications => t.health_medications(),
            Section::Immunizations => t.health_immunizations(),
            Section::Results => t.results_title(),
            Section::Vitals => t.health_vitals(),
            Section::Procedures => t.health_procedures(),
            Section::Devices => t.health_devices(),
            Section::Preventive => t.health_preventive(),
            Section::Goals => t.health_goals_plans(),
            Section::History => t.health_history(),
            Section::CareTeam => t.health_care_team(),
            Section::Visits => t.visits_title(),
            Section::Summaries => t.portable_summaries(),
            Section::Notes => t.notes_title(),
            Section::Documents => t.health_documents(),
        }
    }

    /// Several sections, as they are stored.
    pub fn list(sections: &[Section]) -> String {
        sections.iter().map(|section| section.as_str()).collect::<Vec<_>>().join(",")
    }

    /// What [`Section::list`] wrote, in the order of the record.
    pub fn read(list: &str) -> Vec<Section> {
        Section::ALL.iter().copied().filter(|section| list.split(',').any(|name| name == section.as_str())).collect()
    }
}

/// One section: its heading, what it says, and the resources it rests on.
pub struct Chapter {
    pub section: Section,
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
    pub section: Section,
    pub read: for<'a> fn(&'a OnBehalf, PatientId, Period) -> ChapterFuture<'a>,
}

impl ChapterSource {
    pub const fn new(section: Section, read: for<'a> fn(&'a OnBehalf, PatientId, Period) -> ChapterFuture<'a>) -> Self {
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
    pub async fn gather(&self, reader: &OnBehalf, patient: PatientId, sections: &[Section], period: Period) -> Result<Vec<Chapter>, Error> {
        let mut chapters = Vec::new();
        for section in sections.iter().copied() {
            let source = self.0.iter().find(|source| source.section == section).ok_or(Error::NotFound)?;
            let (heading, parts, resources) = (source.read)(reader, patient, period).await?;
            chapters.push(Chapter { section, heading, parts: Part::outside_of_the_portal(parts), resources });
        }
        Ok(chapters)
    }
}

/// The parts of a section; without any, it says that nothing is recorded.
pub fn or_nothing(t: Texts, parts: Vec<Part>) -> Vec<Part> {
    if parts.is_empty() { vec![Part::text(t.health_nothing())] } else { parts }
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
        let some = [Section::Allergies, Section::Results];
        assert_eq!(Section::read(&Section::list(&some)), some);
        assert_eq!(Section::read("results,nonsense,allergies"), some);
        assert_eq!(Section::read(""), []);
    }
}
