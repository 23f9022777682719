//! Papers that give access to a chart: a power of attorney, a guardianship. The front desk looks at them and decides.

use chrono::NaiveDate;
use sea_orm::DatabaseTransaction;
use serde::{Deserialize, Serialize};

use super::giving::{Given, give_as_asked, is_adult_holder, midnight_after};
use crate::{
    access::{
        Grant,
        policy::{DecideRequests, ManageOwnAccount},
    },
    base::{
        error::{Error, Problem},
        i18n::Texts,
        text::date,
        why::Why,
    },
    desk::requests::{
        entity::request,
        files::{Attached, media_type},
        kind::{About, Answer, Decision, Due, GoOn, RequestDetails, RequestKind, decided_state},
        opening::open_with_file,
        sought::Sought,
    },
    features::{account::core::own, family::problem},
    people::{
        patient,
        relation::{AdultLevel, Basis, Relationship, StaffRole},
    },
    view::document::Part,
};

pub const KIND: RequestKind = RequestKind {
    at: |_| None,
    goes_out: false,
    key: BroughtPapers::KEY,
    letter: 'P',
    role: StaffRole::FrontDesk,
    due: Due::USUAL,
    emails: true,
    title: |t| t.requests_papers(),
    state: decided_state,
    describe,
    answer: Answer::Decision(Decision {
        about: About::Chosen(sought),
        accept_says: |t| t.queue_accept_papers(),
        accept: |tx, grant, row, patient| Box::pin(accept(tx, grant, row, patient)),
    }),
    own: None,
};

/// The papers as the request names them; the file is beside it.
#[derive(Serialize, Deserialize)]
pub struct BroughtPapers {
    given_name: String,
    family_name: String,
    birth_date: NaiveDate,
    papers: PapersKind,
    /// The last day for which they give access.
    until: Option<NaiveDate>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PapersKind {
    PowerOfAttorney,
    Guardianship,
}

impl RequestDetails for BroughtPapers {
    const KEY: &'static str = "papers";
}

fn sought(row: &request::Model) -> Result<Sought, Error> {
    let BroughtPapers { given_name, family_name, birth_date, .. } = row.details()?;
    Ok(Sought { given_name, family_name, birth_date, ..Sought::default() })
}

fn describe(t: Texts, row: &request::Model) -> Result<Vec<Part>, Error> {
    let BroughtPapers { given_name, family_name, birth_date, papers, until } = row.details()?;
    let papers = match papers {
        PapersKind::PowerOfAttorney => t.family_papers_attorney(),
        PapersKind::Guardianship => t.family_papers_guardian(),
    };
    Ok(vec![Part::facts([
        (t.queue_person(), Some(format!("{given_name} {family_name}"))),
        (t.signup_birth_date(), Some(t.date(birth_date))),
        (t.family_papers_kind(), Some(papers.to_owned())),
        (t.family_papers_until(), until.map(|day| t.date(day))),
    ])])
}

/// Gives the access that the papers give, to the chart that staff found.
async fn accept(
    tx: &DatabaseTransaction,
    grant: &Grant<DecideRequests>,
    row: &request::Model,
    patient: &patient::Model,
) -> Result<Option<GoOn>, Error> {
    let papers: BroughtPapers = row.details()?;
    let access = |account| Given {
        account,
        patient: patient.id,
        basis: Basis::Papers,
        relationship: Relationship::Guardian,
        level: Some(AdultLevel::All),
        may_share: false,
        until: papers.until.map(|day| midnight_after(grant, day)),
        by: None,
    };
    give_as_asked(tx, grant, row.account_id, access).await?;
    Ok(None)
}

/// Papers, as somebody types what they are and chooses their file.
pub struct Papers {
    pub given_name: String,
    pub family_name: String,
    pub birth_date: String,
    pub kind: String,
    pub until: String,
    pub file_name: String,
    pub file: Vec<u8>,
}

/// Opens a request for staff to look at papers.
///
/// # Errors
/// `Invalid` with everything that is wrong.
pub async fn bring_papers(grant: &Grant<ManageOwnAccount>, typed: Papers) -> Result<String, Error> {
    let mut problems = Vec::new();
    let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
    for (field, text) in [("given_name", &typed.given_name), ("family_name", &typed.family_name)] {
        if text.trim().is_empty() {
            refuse(field, Why::MISSING);
        }
    }
    let papers = match typed.kind.as_str() {
        "power_of_attorney" => Some(PapersKind::PowerOfAttorney),
        "guardianship" => Some(PapersKind::Guardianship),
        _ => None,
    };
    if papers.is_none() {
        refuse("kind", Why::MISSING);
    }
    let media_type = media_type(&typed.file);
    if typed.file.is_empty() {
        refuse("file", Why::MISSING);
    } else if typed.file.len() > crate::base::text::MOST_BYTES {
        refuse("file", Why::FILE_LARGE);
    } else if media_type.is_none() {
        refuse("file", problem::FILE_KIND);
    }
    let born = Error::gather(date("birth_date", &typed.birth_date), &mut problems)?;
    let until = if typed.until.trim().is_empty() { None } else { Error::gather(date("until", &typed.until), &mut problems)? };
    if until.is_some_and(|day| day <= grant.now().today) {
        problems.push(Problem { field: "until".into(), why: Why::NOT_FUTURE });
    }
    let (Some(media_type), Some(papers), Some(born), true) = (media_type, papers, born, problems.is_empty()) else {
        return Err(Error::Invalid(problems));
    };
    let account = own(grant).await?;
    is_adult_holder(grant.db(), &account, grant.now().today, "").await?;
    let brought = BroughtPapers {
        given_name: typed.given_name.trim().to_owned(),
        family_name: typed.family_name.trim().to_owned(),
        birth_date: born,
        papers,
        until,
    };
    let file = Attached { name: typed.file_name, media_type, body: typed.file };
    Ok(open_with_file(grant, &account.display_name, None, &brought, file).await?.number)
}
