//! What the billing office posts: statements, and letters for paying as a guest.

use chrono::NaiveDate;
use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::{
    access::{Grant, allow, policy::KeepLedgers},
    base::{
        boot::Boot,
        error::Error,
        i18n::{Texts, param},
        money::price,
    },
    desk::billing::{
        entity::{bill, guarantor},
        guest::{CODE_LIFE, GuestPay},
        papers::StatementInWords,
        payer::due,
        staff,
        statements::{months, of_month},
        store,
    },
    platform::request::{context, shown_once},
    view::document::{Paper, Part},
};

/// What stands in the letter with the code of one bill. It names the house, the amount and the day, and nothing of anybody's health.
pub struct Letter {
    pub organisation: String,
    pub name: String,
    pub address: String,
    pub number: String,
    pub account: String,
    pub amount: String,
    pub code: String,
    /// What the QR code opens.
    pub link: String,
    /// Without one, the code opens nothing.
    pub has_birth_date: bool,
    due: String,
    until: String,
    phone: String,
}

/// The sentences of a letter that name a day or a number.
pub struct Says {
    pub due: String,
    pub until: String,
    pub other: String,
}

impl Letter {
    /// `None` when its code is not at hand any more.
    ///
    /// # Errors
    /// `NotFound` for a bill that nobody is asked to pay.
    pub async fn of(grant: &Grant<KeepLedgers>, found: &bill::Model) -> Result<Option<Self>, Error> {
        let Some(code) = shown_once(found.id) else { return Ok(None) };
        let (t, brand) = (grant.texts(), context::<Boot>()?.brand);
        let payer = guarantor::Entity::find_by_id(found.guarantor_id.ok_or(Error::NotFound)?).one(grant.db()).await?;
        let payer = payer.ok_or(Error::NotFound)?;
        let until = (grant.now().instant + CODE_LIFE).with_timezone(&grant.zone()).date_naive();
        Ok(Some(Self {
            organisation: brand.organisation.to_string(),
            name: format!("{} {}", payer.given_name, payer.family_name),
            address: payer.address.unwrap_or_default(),
            number: t.billing_bill_no(&found.number),
            account: t.billing_account_number_is(&payer.number),
            amount: price(due(found)),
            link: grant.link(&format!("/pay?code={code}")),
            code,
            has_birth_date: payer.birth_date.is_some(),
            due: t.long_date(found.due_on),
            until: t.long_date(until),
            phone: brand.support_phone.to_string(),
        }))
    }

    pub fn says(&self, t: Texts) -> Says {
        Says {
            due: t.ledgers_letter_due(&self.due),
            until: t.ledgers_letter_until(&self.until),
            other: t.ledgers_letter_other(&self.phone),
        }
    }

    fn paper(self, t: Texts) -> Paper {
        let says = self.says(t);
        Paper {
            texts: t,
            file: "letter".to_owned(),
            title: self.number.clone(),
            parts: vec![
                Part::facts([(t.billing_amount(), Some(self.amount))]),
                Part::text(says.due),
                Part::text(t.ledgers_letter_how()),
                Part::Code { text: self.link.clone(), alt: t.ledgers_letter_qr().to_owned() },
                Part::facts([
                    (t.billing_guest_code(), Some(self.code)),
                    (t.ledgers_letter_address(), self.link.split('?').next().map(str::to_owned)),
                ]),
                Part::text(says.until),
                Part::text(says.other),
            ],
            name: self.name,
            lines: [self.address, self.organisation, self.account].into_iter().filter(|line| !line.is_empty()).collect(),
        }
    }
}

/// The letter of a bill as a file.
///
/// # Errors
/// `NotFound` when there is no such bill, or its code is not at hand any more.
pub async fn letter(bill: Uuid) -> Result<Paper, Error> {
    let grant = allow::<KeepLedgers>(()).await?;
    let (found, _) = staff::bill_of(&grant, bill).await?;
    Ok(Letter::of(&grant, &found).await?.ok_or(Error::NotFound)?.paper(grant.texts()))
}

/// The statement of a month to be posted: as the person responsible may read it, with how to pay.
///
/// # Errors
/// `NotFound` when there is no such account, or no statement of the month.
pub async fn statement(guarantor: Uuid, month: NaiveDate) -> Result<Paper, Error> {
    let grant = allow::<KeepLedgers>(()).await?;
    let (t, zone, brand) = (grant.texts(), grant.zone(), context::<Boot>()?.brand);
    let (account, _) = staff::account(&grant, guarantor).await?;
    if !months(grant.db(), guarantor, grant.now().instant, zone).await?.contains(&month) {
        return Err(Error::NotFound);
    }
    let found = of_month(grant.db(), guarantor, month, zone).await?.ok_or(Error::NotFound)?;
    let bills = found.entries.iter().map(|(bill, _)| bill.clone()).collect();
    let shown = store::written(&grant, &account, bills).await?;
    let guests = GuestPay::here().is_ok().then(|| {
        let (address, number) = (grant.link("/pay"), account.number.clone());
        Part::text(t.ledgers_statement_guest(param::Address(&address), param::Number(&number)))
    });
    let more = guests.into_iter().chain([Part::text(t.ledgers_letter_other(&brand.support_phone))]).collect();
    let words = StatementInWords::of(t, zone, &account, &found, &shown);
    Ok(words.paper(brand.organisation.to_string(), account.address.clone(), more))
}
