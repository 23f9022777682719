//! A parent asks for a child's chart. Access is given at once when the record names the parent and nobody took it back before;
//! otherwise the front desk decides.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::giving::{Given, give, give_as_asked, is_adult_holder};
use crate::{
    access::{
        Grant,
        policy::{DecideRequests, ManageOwnAccount},
        proxy::is_adult,
    },
    base::{
        end_reason::EndReason,
        error::{Error, Problem},
        i18n::Texts,
        ids::PatientId,
        text::date,
        why::Why,
    },
    desk::requests::{
        entity::request,
        kind::{About, Answer, Decision, Due, GoOn, RequestDetails, RequestKind, decided_state},
        opening::open,
        sought::Sought,
        store::any_open,
    },
    features::{
        account::core::own,
        family::{email, problem},
    },
    people::{
        account,
        folding::folded,
        patient, related_person,
        relation::{Basis, Relationship, StaffRole},
    },
    platform::mail::store::{organization_here, post},
    view::document::Part,
};

pub const KIND: RequestKind = RequestKind {
    at: |_| None,
    goes_out: false,
    key: WantedChild::KEY,
    letter: 'C',
    role: StaffRole::FrontDesk,
    due: Due::USUAL,
    emails: true,
    title: |t| t.requests_child(),
    state: decided_state,
    describe,
    answer: Answer::Decision(Decision {
        about: About::Chosen(sought),
        accept_says: |t| t.queue_accept_child(),
        accept: |tx, grant, row, patient| Box::pin(accept(tx, grant, row, patient)),
    }),
    own: None,
};

/// The child as the request names it.
#[derive(Serialize, Deserialize)]
pub struct WantedChild {
    given_name: String,
    family_name: String,
    birth_date: NaiveDate,
    /// Of whoever asks: a parent or a guardian.
    relationship: Relationship,
}

impl WantedChild {
    /// Whether it is the same child, however the name is spelled.
    fn is(&self, other: &WantedChild) -> bool {
        self.birth_date == other.birth_date
            && folded(&self.given_name) == folded(&other.given_name)
            && folded(&self.family_name) == folded(&other.family_name)
    }
}

impl RequestDetails for WantedChild {
    const KEY: &'static str = "child_access";
}

fn sought(row: &request::Model) -> Result<Sought, Error> {
    let WantedChild { given_name, family_name, birth_date, .. } = row.details()?;
    Ok(Sought { given_name, family_name, birth_date, ..Sought::default() })
}

fn describe(t: Texts, row: &request::Model) -> Result<Vec<Part>, Error> {
    let WantedChild { given_name, family_name, birth_date, relationship } = row.details()?;
    let relationship = if relationship == Relationship::Guardian { t.family_guardian() } else { t.family_parent() };
    Ok(vec![Part::facts([
        (t.queue_child(), Some(format!("{given_name} {family_name}"))),
        (t.signup_birth_date(), Some(t.date(birth_date))),
        (t.queue_child_relationship(), Some(relationship.to_owned())),
    ])])
}

/// Gives the access that was asked for, to the chart that staff found.
async fn accept(
    tx: &DatabaseTransaction,
    grant: &Grant<DecideRequests>,
    row: &request::Model,
    patient: &patient::Model,
) -> Result<Option<GoOn>, Error> {
    if is_adult(patient.birth_date, grant.now().today) || patient.emancipated_on.is_some() {
        return Err(Error::form(problem::NOT_A_CHILD));
    }
    let relationship = row.details::<WantedChild>()?.relationship;
    give_as_asked(tx, grant, row.account_id, |account| as_parent(account, patient.id, relationship)).await?;
    Ok(None)
}

/// A parent's access; age alone decides how far it reaches.
fn as_parent(account: Uuid, patient: Uuid, relationship: Relationship) -> Given {
    Given { account, patient, basis: Basis::ParentChild, relationship, level: None, may_share: false, until: None, by: None }
}

/// A child, as a parent names it.
pub struct Child {
    pub given_name: String,
    pub family_name: String,
    pub birth_date: String,
    pub relationship: String,
    pub attested: bool,
}

/// What came of asking for a child's chart.
pub enum ChildAccess {
    Given(PatientId),
    /// The front desk decides; the number of the request.
    Requested(String),
}

/// Asks for access to a child's chart. It is there at once when the record names the parent already, unless access was ended
/// before by somebody's decision; else staff decide.
///
/// # Errors
/// `Invalid` for an adult's name or date, without the attestation, or from a minor.
pub async fn ask_for_child(grant: &Grant<ManageOwnAccount>, typed: Child) -> Result<ChildAccess, Error> {
    let now = grant.now();
    let mut problems = Vec::new();
    for (field, text) in [("given_name", &typed.given_name), ("family_name", &typed.family_name)] {
        if text.trim().is_empty() {
            problems.push(Problem { field: field.into(), why: Why::MISSING });
        } else if text.chars().count() > 100 {
            problems.push(Problem { field: field.into(), why: Why::TOO_LONG });
        }
    }
    if !typed.attested {
        problems.push(Problem { field: "attested".into(), why: Why::NOT_CONFIRMED });
    }
    let relationship = match typed.relationship.as_str() {
        "parent" => Relationship::Parent,
        "guardian" => Relationship::Guardian,
        _ => {
            problems.push(Problem { field: "relationship".into(), why: Why::MISSING });
            Relationship::Parent
        }
    };
    let born = Error::gather(date("birth_date", &typed.birth_date), &mut problems)?;
    if born.is_some_and(|born| is_adult(born, now.today) || born > now.today) {
        problems.push(Problem { field: "birth_date".into(), why: problem::NOT_A_CHILD });
    }
    let (Some(born), true) = (born, problems.is_empty()) else { return Err(Error::Invalid(problems)) };
    let account = own(grant).await?;
    is_adult_holder(grant.db(), &account, now.today, "").await?;
    let mut matches = patient::Entity::in_use()
        .filter(patient::Column::BirthDate.eq(born))
        .filter(patient::Column::BornBy.is_null())
        .all(grant.db())
        .await?
        .into_iter()
        .filter(|child| child.is_named(&typed.given_name, &typed.family_name));
    let child = match (matches.next(), matches.next()) {
        (Some(child), None) => Some(child),
        _ => None,
    };
    let wanted = WantedChild {
        given_name: typed.given_name.trim().to_owned(),
        family_name: typed.family_name.trim().to_owned(),
        birth_date: born,
        relationship,
    };
    let before = child.as_ref().and_then(|child| grant.holder().ok()?.proxy(PatientId(child.id), now)).map(|(_, level)| level);
    if matches!(before, Some(Ok(_))) {
        return Err(Error::form(problem::HAS_ACCESS));
    }
    // Who lost access by somebody's decision gets it back by a decision, whatever the record says.
    if let Some(child) = &child
        && before != Some(Err(EndReason::Revoked))
        && child.emancipated_on.is_none()
        && !child.deceased
        && is_named(grant, child, &account).await?
    {
        let tx = grant.begin().await?;
        give(&tx, as_parent(account.id, child.id, relationship), now.instant).await?;
        if let Some(to) = account.recipient() {
            post(&tx, &to, email::access_given(grant.link("/sharing")), &organization_here()?, now.instant, grant.zone()).await?;
        }
        tx.commit().await?;
        return Ok(ChildAccess::Given(PatientId(child.id)));
    }
    if any_open(grant, |asked: &WantedChild| asked.is(&wanted)).await? {
        return Err(Error::form(problem::ALREADY_ASKED));
    }
    let row = open(grant, &account.display_name, None, child.map(|child| child.id), &wanted).await?;
    Ok(ChildAccess::Requested(row.number))
}

/// Whether the record itself names this account's owner as a person related to the child: the full name, and something that the
/// two records share, since names are not rare: a phone number, the street address, or a proved e-mail address.
async fn is_named(grant: &Grant<ManageOwnAccount>, child: &patient::Model, account: &account::Model) -> Result<bool, Error> {
    let key = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let last_ten = |text: &str| {
        let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
        digits[digits.len().saturating_sub(10)..].iter().collect::<String>()
    };
    let related = related_person::Entity::find().filter(related_person::Column::PatientId.eq(child.id)).all(grant.db()).await?;
    let Some(named) = related.iter().find(|person| key(&person.name) == key(&account.display_name)) else { return Ok(false) };
    let same_email = account.email_verified_at.is_some()
        && matches!((&account.email, &child.email), (Some(one), Some(other)) if one.eq_ignore_ascii_case(other));
    if same_email {
        return Ok(true);
    }
    let Some(own) = account.patient_id else { return Ok(false) };
    let Some(own) = patient::Entity::find_by_id(own).one(grant.db()).await? else { return Ok(false) };
    let same_street =
        matches!((&own.address_line, &child.address_line), (Some(one), Some(other)) if !key(one).is_empty() && key(one) == key(other));
    let theirs = [&named.phone, &child.phone_mobile, &child.phone_home, &child.phone_work].map(|phone| phone.as_deref().map(last_ten));
    let mine = [&own.phone_mobile, &own.phone_home, &own.phone_work].map(|phone| phone.as_deref().map(last_ten));
    let same_phone = mine.iter().flatten().any(|phone| phone.len() == 10 && theirs.iter().flatten().any(|other| other == phone));
    Ok(same_street || same_phone)
}
