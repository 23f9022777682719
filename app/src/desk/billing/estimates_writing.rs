//! Estimates as the office writes them.

use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::{
    estimates::{AskedEstimate, New, newest, write},
    staff,
};
use crate::{
    access::{
        Grant, allow,
        policy::{KeepLedgers, OpenLedger},
    },
    base::{
        error::{Error, Problem},
        i18n::Texts,
        ids::PatientId,
        locale::Locale,
        money::cents,
        why::Why,
    },
    desk::requests::{decide::close, entity::request, kind::RequestDetails, model::RequestState, store::to_decide},
    people::relation::StaffRole,
    record::visit::entity::visit,
};

/// So many services has an estimate.
const MOST_LINES: usize = 40;

/// What an estimate is for, by what the office has before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About {
    /// The visit of a bill.
    Bill(Uuid),
    Visit(Uuid),
    /// What somebody asked for.
    Request(Uuid),
}

/// What an estimate is about, found.
pub struct Subject {
    pub patient: Uuid,
    pub visit: Option<Uuid>,
    /// What it is called so far.
    pub title: String,
    /// What was asked.
    pub asked: Option<String>,
    /// A name for the page: the number of the bill or of the request.
    pub number: String,
    request: Option<request::Model>,
}

/// Finds what an estimate is to be written about.
///
/// # Errors
/// `NotFound` when there is no such bill, visit or request; `Invalid` for a request that was answered.
pub async fn subject(grant: &Grant<KeepLedgers>, about: About) -> Result<Subject, Error> {
    match about {
        About::Bill(id) => {
            let (bill, _) = staff::bill_of(grant, id).await?;
            let title = bill.title.clone().unwrap_or_default();
            Ok(Subject { patient: bill.patient_id, visit: bill.visit_id, title, asked: None, number: bill.number, request: None })
        }
        About::Visit(id) => {
            let found = visit::Entity::find_by_id(id).one(grant.db()).await?.ok_or(Error::NotFound)?;
            allow::<OpenLedger>(PatientId(found.patient_id)).await?;
            let (number, title) = (found.title.clone(), found.title);
            Ok(Subject { patient: found.patient_id, visit: Some(id), title, asked: None, number, request: None })
        }
        About::Request(id) => {
            let row = to_decide(grant, id, StaffRole::Billing).await?;
            if row.kind != AskedEstimate::KEY {
                return Err(Error::NotFound);
            }
            let patient = row.patient_id.ok_or(Error::NotFound)?;
            allow::<OpenLedger>(PatientId(patient)).await?;
            let asked: AskedEstimate = row.details()?;
            Ok(Subject {
                patient,
                visit: asked.visit,
                title: asked.title.unwrap_or_default(),
                asked: Some(asked.words),
                number: row.number.clone(),
                request: Some(row),
            })
        }
    }
}

/// An estimate as it is typed: what for, a service and its price a line, a note.
pub struct Typed<'a> {
    pub title: &'a str,
    pub lines: &'a str,
    pub note: &'a str,
}

impl Typed<'_> {
    /// The services and their prices.
    ///
    /// # Errors
    /// `Invalid` with everything that is wrong.
    fn read(&self) -> Result<Vec<(String, i64)>, Error> {
        let mut problems = Vec::new();
        let mut refuse = |field: &str, why: Why| problems.push(Problem { field: field.into(), why });
        match self.title.trim().chars().count() {
            0 => refuse("title", Why::MISSING),
            1..=300 => {}
            _ => refuse("title", Why::TOO_LONG),
        }
        if self.note.trim().chars().count() > 500 {
            refuse("note", Why::TOO_LONG);
        }
        let typed: Vec<&str> = self.lines.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        let parts: Option<Vec<(String, i64)>> = typed.iter().map(|line| service(line)).collect();
        match &parts {
            _ if typed.is_empty() => refuse("lines", Why::MISSING),
            _ if typed.len() > MOST_LINES => refuse("lines", Why::TOO_LONG),
            None => refuse("lines", Why::of("ledgers_why_lines")),
            Some(_) => {}
        }
        parts.filter(|_| problems.is_empty()).ok_or(Error::Invalid(problems))
    }
}

/// "Office visit 185.00", "X-ray: $85". A number that may as well be a code, or a part of one, is no price: it has cents or a dollar sign,
/// and no other number just before it.
fn service(line: &str) -> Option<(String, i64)> {
    let (title, sum) = line.rsplit_once([' ', '\t'])?;
    let (title, sum) = match sum.split_once('$') {
        Some((before, sum)) if title.is_empty() || before.is_empty() => (title, sum),
        Some(_) => return None,
        None if sum.contains('.') => (title.strip_suffix('$').unwrap_or(title), sum),
        None => (title.strip_suffix('$')?, sum),
    };
    let title = title.trim().trim_end_matches([':', ',', '-', '–']).trim();
    let last = title.rsplit([' ', '\t']).next().unwrap_or_default();
    let unclear = title.contains('$') || !last.is_empty() && last.chars().all(|c| c.is_ascii_digit() || matches!(c, ',' | '.'));
    if title.is_empty() || unclear { None } else { Some((title.to_owned(), cents(sum)?)) }
}

/// Writes an estimate, or a new version of one, and answers whoever asked for it.
///
/// # Errors
/// `NotFound` when there is nothing to write it about; `Invalid` with everything that is wrong.
pub async fn by_office(grant: &Grant<KeepLedgers>, about: About, typed: &Typed<'_>) -> Result<(), Error> {
    let subject = subject(grant, about).await?;
    let parts = typed.read()?;
    let tx = grant.begin().await?;
    let before = match subject.visit {
        Some(visit) => {
            lock(&tx, visit).await?;
            newest(&tx, visit).await?
        }
        None => None,
    };
    let note = typed.note.trim();
    let new = New {
        series: before.map(|before| before.series),
        patient: subject.patient,
        visit: subject.visit,
        title: typed.title.trim(),
        lines: &parts,
        note: Some(note.to_owned()).filter(|note| !note.is_empty()),
        by: &grant.holder()?.name,
    };
    write(&tx, &new, grant.now().instant).await?;
    answer(&tx, grant, &subject).await?;
    tx.commit().await?;
    Ok(())
}

/// Holds a visit, so that two who write its first estimate write two versions of one. On SQLite the transaction holds the database already.
async fn lock(tx: &DatabaseTransaction, visit: Uuid) -> Result<(), DbErr> {
    let mut query = visit::Entity::find_by_id(visit);
    if tx.get_database_backend() == DbBackend::Postgres {
        query = query.lock_exclusive();
    }
    query.one(tx).await.map(|_| ())
}

/// Closes what was asked: the request itself, and every other one for the same visit.
async fn answer(tx: &DatabaseTransaction, grant: &Grant<KeepLedgers>, subject: &Subject) -> Result<(), Error> {
    let mut open: Vec<request::Model> = subject.request.iter().cloned().collect();
    if let Some(visit) = subject.visit {
        let pending = request::Entity::find()
            .filter(request::Column::PatientId.eq(subject.patient))
            .filter(request::Column::Kind.eq(AskedEstimate::KEY))
            .filter(request::Column::State.is_in(RequestState::PENDING))
            .all(tx)
            .await?;
        for row in pending {
            if row.details::<AskedEstimate>()?.visit == Some(visit) && open.iter().all(|known| known.id != row.id) {
                open.push(row);
            }
        }
    }
    for row in open {
        let t = Texts(Locale::from_tag(&row.locale).unwrap_or_default());
        close(tx, grant, &row, RequestState::Accepted, t.billing_estimate_written()).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_what_can_be_nothing_else() {
        let read = |line: &str| service(line).map(|(title, cents)| format!("{title}={cents}"));
        for (line, says) in [
            ("Office visit 185.00", "Office visit=18500"),
            ("Office visit: $1,185", "Office visit=118500"),
            ("X-ray, two views $ 85.50", "X-ray, two views=8550"),
            ("Office visit 99213 $185", ""),
            ("Office visit (99213) 185.00", "Office visit (99213)=18500"),
            ("MRI $1 200", ""),
            ("MRI 1 200.00", ""),
            ("Office visit 99213", ""),
            ("X-ray, level 3", ""),
            ("185.00", ""),
            ("$85", ""),
            ("Visit -5.00", ""),
        ] {
            assert_eq!(read(line).unwrap_or_default(), says, "{line}");
        }
    }
}
