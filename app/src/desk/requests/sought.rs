//! Whom a request is about: the patients who may be meant, compared with what was asked.

use chrono::NaiveDate;
use uuid::Uuid;

use crate::{
    access::{Grant, policy::FindPatients},
    base::{
        error::{Error, Problem},
        i18n::Texts,
        why::Why,
    },
    people::{find::find, patient},
    view::document::Part,
};

/// So many patients are offered for a choice.
const MOST: usize = 10;

/// A person, as whoever asked named them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sought {
    pub given_name: String,
    pub family_name: String,
    pub birth_date: NaiveDate,
    /// Empty where it was not asked for.
    pub zip: String,
    /// A whole number, or its last four digits; empty where it was not asked for.
    pub phone: String,
}

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fact {
    GivenName,
    FamilyName,
    BirthDate,
    Zip,
    Phone,
}

impl Fact {
    const ALL: [Fact; 5] = [Fact::GivenName, Fact::FamilyName, Fact::BirthDate, Fact::Zip, Fact::Phone];

    pub fn name(self, t: Texts) -> &'static str {
        match self {
            Fact::GivenName => t.signup_given_name(),
            Fact::FamilyName => t.signup_family_name(),
            Fact::BirthDate => t.signup_birth_date(),
            Fact::Zip => t.signup_zip(),
            Fact::Phone => t.signup_phone(),
        }
    }
}

/// One fact as it was asked and as the record has it.
pub struct Compared {
    pub fact: Fact,
    pub asked: String,
    /// Empty where the record says nothing.
    pub recorded: String,
    pub agrees: bool,
}

impl Compared {
    /// The record says something else. Where it says nothing, nothing speaks against it.
    pub fn differs(&self) -> bool {
        !self.agrees && !self.recorded.is_empty()
    }

    /// Both sides in a table under these headings; what is different is said in words.
    pub fn table(t: Texts, caption: String, one: &str, other: &str, compared: Vec<Compared>) -> Part {
        let says = |found: &Compared| match (found.agrees, found.differs()) {
            (true, _) => t.queue_same(),
            (false, true) => t.queue_different(),
            (false, false) => t.queue_not_recorded(),
        };
        let rows = compared.into_iter().map(|found| {
            let says = says(&found).to_owned();
            vec![found.fact.name(t).to_owned(), found.asked, found.recorded, says]
        });
        let head = [t.queue_fact(), one, other, t.queue_compared()].map(str::to_owned).into();
        Part::Table { caption, head, rows: rows.collect() }
    }
}

impl Sought {
    /// What was asked beside what a record says, without the facts that were not asked for.
    pub fn compared(&self, t: Texts, patient: &patient::Model) -> Vec<Compared> {
        let phones = [&patient.phone_mobile, &patient.phone_home, &patient.phone_work];
        let phones: Vec<&str> = phones.into_iter().flatten().map(String::as_str).collect();
        let of = |fact| {
            let (asked, recorded, agrees) = match fact {
                Fact::GivenName => (&*self.given_name, patient.given_name.clone(), patient.has_given_name(&self.given_name)),
                Fact::FamilyName => (&*self.family_name, patient.family_name.clone(), patient.has_family_name(&self.family_name)),
                Fact::BirthDate => {
                    let agrees = patient.is_born_on(self.birth_date);
                    return Some(Compared { fact, asked: t.date(self.birth_date), recorded: t.when_as_said(&patient.born()), agrees });
                }
                Fact::Zip => {
                    let recorded = patient.postal_code.clone().unwrap_or_default();
                    (&*self.zip, recorded, patient.has_zip(&self.zip))
                }
                Fact::Phone => (&*self.phone, phones.join(", "), patient.has_phone(&self.phone)),
            };
            (!asked.trim().is_empty()).then(|| Compared { fact, asked: asked.to_owned(), recorded, agrees })
        };
        Fact::ALL.into_iter().filter_map(of).collect()
    }

    /// The facts in which a record says something else.
    pub fn differences(&self, t: Texts, patient: &patient::Model) -> Vec<Fact> {
        self.compared(t, patient).into_iter().filter(Compared::differs).map(|compared| compared.fact).collect()
    }
}

/// "Date of birth. Birth certificate seen": the differences that somebody of the staff confirmed, and how they know.
///
/// # Errors
/// `Invalid` when the differences are not confirmed, or nothing says how it is known.
pub fn confirmed_words(t: Texts, differing: &[Fact], is_confirmed: bool, known_by: &str) -> Result<String, Error> {
    let mut problems = Vec::new();
    if !differing.is_empty() && !is_confirmed {
        problems.push(Problem { field: "differences_confirmed".into(), why: Why::NOT_CONFIRMED });
    }
    let known_by = known_by.trim();
    if known_by.is_empty() || known_by.chars().count() > 200 {
        problems.push(Problem { field: "known_by".into(), why: if known_by.is_empty() { Why::MISSING } else { Why::TOO_LONG } });
    }
    if !problems.is_empty() {
        return Err(Error::Invalid(problems));
    }
    let facts: Vec<&str> = differing.iter().map(|fact| fact.name(t)).collect();
    Ok(if facts.is_empty() { known_by.to_owned() } else { format!("{}. {known_by}", facts.join(", ")) })
}

/// Who may be meant: by name and by birth date, or whom staff looked for; those first whose record says the fewest other things.
///
/// # Errors
/// When the database fails.
pub async fn candidates(grant: &Grant<FindPatients>, sought: &Sought, query: &str) -> Result<Vec<patient::Model>, Error> {
    let (db, t) = (grant.db(), grant.texts());
    let queries = if query.trim().is_empty() {
        let first = |name: &str| name.split_whitespace().next().unwrap_or_default().to_owned();
        let name = format!("{} {}", first(&sought.given_name), sought.family_name);
        vec![sought.birth_date.to_string(), name, sought.family_name.clone()]
    } else {
        vec![query.to_owned()]
    };
    let mut found: Vec<patient::Model> = Vec::new();
    for query in queries {
        let (patients, _) = find(db, &query, 1, 50).await?;
        for patient in patients.into_iter().filter(|patient| patient.merged_into.is_none()) {
            if !found.iter().any(|known: &patient::Model| known.id == patient.id) {
                found.push(patient);
            }
        }
    }
    let key = |patient: &patient::Model| -> (usize, String, Uuid) {
        (sought.differences(t, patient).len(), patient.search_name.clone(), patient.id)
    };
    found.sort_by_cached_key(key);
    found.truncate(MOST);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::i18n::Locale;

    const T: Texts = Texts(Locale::En);

    fn emma() -> patient::Model {
        patient::Model {
            id: Uuid::nil(),
            resource_id: Uuid::nil(),
            mrn: None,
            mrn_key: None,
            given_name: "Emma Lucia".into(),
            family_name: "Rivera-Gomez".into(),
            search_name: "emma lucia rivera-gomez".into(),
            born_by: None,
            changes_on: None,
            several_sources: false,
            birth_date: NaiveDate::from_ymd_opt(2016, 5, 3).expect("a day"),
            sex: None,
            deceased: false,
            deceased_on: None,
            language: None,
            marital_status: None,
            address_line: None,
            city: None,
            state: None,
            postal_code: Some("06457-1234".into()),
            phone_home: None,
            phone_mobile: Some("(860) 555-0123".into()),
            phone_work: None,
            email: None,
            emancipated_on: None,
            access_until: None,
            merged_into: None,
        }
    }

    fn sought() -> Sought {
        Sought {
            given_name: "emma".into(),
            family_name: "Rivera Gomez".into(),
            birth_date: NaiveDate::from_ymd_opt(2016, 5, 3).expect("a day"),
            zip: "06457".into(),
            phone: "0123".into(),
        }
    }

    #[test]
    fn the_same_in_another_spelling_is_no_difference() {
        assert_eq!(sought().differences(T, &emma()), []);
        assert_eq!(sought().compared(T, &emma()).len(), 5);
    }

    #[test]
    fn each_fact_that_the_record_says_otherwise_is_a_difference() {
        let day = NaiveDate::from_ymd_opt(2016, 3, 5).expect("a day");
        let other = Sought { given_name: "Noah".into(), birth_date: day, zip: "10001".into(), phone: "9999".into(), ..sought() };
        assert_eq!(other.differences(T, &emma()), [Fact::GivenName, Fact::BirthDate, Fact::Zip, Fact::Phone]);
    }

    #[test]
    fn what_was_not_asked_or_is_not_recorded_is_no_difference() {
        let unknown = patient::Model { postal_code: None, phone_mobile: None, ..emma() };
        assert_eq!(sought().differences(T, &unknown), []);
        let bare = Sought { zip: String::new(), phone: String::new(), ..sought() };
        assert_eq!(bare.compared(T, &emma()).len(), 3);
    }
}
