//! Making a card, and taking it back.

use leptos::{
    prelude::*,
    server_fn::codec::{MultipartData, MultipartFormData},
};
use uuid::Uuid;

use super::model::Subject;
use crate::base::{answer::Answer, error::Error, ids::PatientId, why::Why};

/// Signs a card about vaccinations (of all kinds, or against one disease) or about one result.
///
/// # Errors
/// `NotFound` when there is nothing in this chart that qualifies.
#[server(endpoint = "credentials/issue", output = Answer)]
pub async fn issue(
    patient: PatientId,
    subject: Subject,
    #[server(default)] result: Option<Uuid>,
    #[server(default)] vaccine: Option<String>,
) -> Result<(), Error> {
    use super::keys::Issuer;
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::UseHealthCards>(patient).await?;
    let id = super::issue::issue(&grant, &web::context::<Issuer>()?, subject, result, vaccine).await?;
    web::redirect_plain_form(&format!("/p/{patient}/health/credentials/{id}"));
    Ok(())
}

/// Takes a card back: from then on, whoever verifies it learns that it does not hold any more.
///
/// # Errors
/// `NotFound` when there is no such card in this chart.
#[server(endpoint = "credentials/revoke", output = Answer)]
pub async fn revoke(patient: PatientId, card: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::UseHealthCards>(patient).await?;
    super::store::revoke(&grant, card).await?;
    web::redirect_plain_form(&format!("/p/{patient}/health/credentials"));
    Ok(())
}

/// Checks a card that somebody pasted: the signed text, the digits of its codes, or what stands in its file.
///
/// # Errors
/// `Invalid` when there is nothing, or too much; `TooManyTries`.
#[server(endpoint = "credentials/check", output = Answer)]
pub async fn check(#[server(default)] card: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::VerifyCards>(()).await?;
    super::verifier::count(&grant).await?;
    super::verifier::keep(&grant, "card", &card).await?;
    web::redirect_plain_form("/verify?done=1");
    Ok(())
}

/// Checks a card from a picture of its codes, or from its file.
///
/// # Errors
/// `Invalid` when there is no code in the picture, or it is too large; `TooManyTries`.
#[server(endpoint = "credentials/check-file", input = MultipartFormData, output = Answer)]
pub async fn check_file(data: MultipartData) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::VerifyCards>(()).await?;
    let mut form = web::multipart(data, crate::base::text::MOST_BYTES).await?;
    let (_, file) = form.file.take().filter(|(_, file)| !file.is_empty()).ok_or(Error::field("card_file", Why::MISSING))?;
    if file.len() > crate::base::text::MOST_BYTES {
        return Err(Error::field("card_file", Why::FILE_LARGE));
    }
    super::verifier::count(&grant).await?;
    let text = match String::from_utf8(file) {
        Ok(text) => text,
        Err(picture) => super::picture::read_picture(picture.into_bytes()).await?,
    };
    super::verifier::keep(&grant, "card_file", &text).await?;
    web::redirect_plain_form("/verify?done=1");
    Ok(())
}
