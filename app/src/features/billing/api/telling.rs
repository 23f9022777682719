//! Asking about a bill, for help with it, and telling about insurance.

use leptos::{
    prelude::*,
    server_fn::codec::{MultipartData, MultipartFormData},
};
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error, ids::PatientId};

/// Asks the billing office about a bill.
///
/// # Errors
/// `NotFound` for somebody else's bill; `Invalid` without words.
#[server(endpoint = "billing/ask", output = Answer)]
pub async fn ask(bill: Uuid, #[server(default)] topic: String, #[server(default)] words: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::billing::store,
        features::billing::requests,
        platform::request as web,
    };
    let grant = allow::<policy::UseBilling>(()).await?;
    let (_, shown) = store::bill_of(&grant, bill).await?;
    requests::ask(&grant, &shown, &topic, &words).await?;
    web::redirect_plain_form("/requests?done=1");
    Ok(())
}

/// Asks for an estimate of what a visit may cost.
///
/// # Errors
/// `NotFound` for somebody else's chart; `Invalid` without anything that it is for.
#[server(endpoint = "billing/ask-estimate", output = Answer)]
pub async fn ask_estimate(patient: PatientId, #[server(default)] visit: String, #[server(default)] words: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        features::billing::estimate_request,
        platform::request as web,
    };
    let grant = allow::<policy::TellInsurance>(patient).await?;
    estimate_request::ask(&grant, &visit, &words).await?;
    web::redirect_plain_form("/requests?done=1");
    Ok(())
}

/// Asks for financial help, with a paper about the income.
///
/// # Errors
/// `NotFound` for somebody else's account; `Invalid` with everything that is wrong.
#[server(endpoint = "billing/hardship", input = MultipartFormData, output = Answer)]
pub async fn ask_for_help(data: MultipartData) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        base::text::MOST_BYTES,
        desk::billing::store,
        features::billing::requests,
        platform::request as web,
    };
    let grant = allow::<policy::UseBilling>(()).await?;
    let form = web::multipart(data, MOST_BYTES).await?;
    let guarantor = form.text("guarantor").parse().map_err(|_| Error::NotFound)?;
    let payer = store::payer(&grant, guarantor).await?;
    requests::ask_for_help(&grant, &payer.guarantor, &form).await?;
    web::redirect_plain_form("/requests?done=1");
    Ok(())
}

/// Tells about an insurance: a new one, a change, or its end; with a photo of the card.
///
/// # Errors
/// `NotFound` for a chart of which the caller sees no bills; `Invalid` with everything that is wrong.
#[server(endpoint = "billing/insurance", input = MultipartFormData, output = Answer)]
pub async fn tell_insurance(data: MultipartData) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        base::{ids::PatientId, text::MOST_BYTES},
        features::billing::insurance_change,
        platform::request as web,
    };
    let form = web::multipart(data, MOST_BYTES).await?;
    let patient: PatientId = form.text("patient").parse().map_err(|_| Error::NotFound)?;
    let grant = allow::<policy::TellInsurance>(patient).await?;
    insurance_change::tell_insurance(&grant, &form).await?;
    web::redirect_plain_form(&format!("/p/{patient}/insurance?done=told"));
    Ok(())
}
