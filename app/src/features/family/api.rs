//! Letting others in, and going where one was let in.

use leptos::{
    prelude::*,
    server_fn::codec::{MultipartData, MultipartFormData},
};
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error, ids::PatientId, why::Why};

/// Writes an invitation and shows what the other will see.
///
/// # Errors
/// `Invalid` with everything that is wrong; `NotAllowed` for a proxy.
#[server(endpoint = "family/draft-invitation", output = Answer)]
pub async fn draft_invitation(
    patient: PatientId,
    name: String,
    email: String,
    #[server(default)] relationship: String,
    #[server(default)] level: String,
    #[server(default)] may_share: String,
    #[server(default)] until: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::ManageAccess>(patient).await?;
    let id = super::invitations::draft(
        &grant,
        super::invitations::Invite { name, email, relationship, level, may_share: may_share == "true", until },
    )
    .await?;
    web::redirect_plain_form(&format!("/sharing/invitations/{id}"));
    Ok(())
}

/// Sends an invitation that was looked at, or sends it once more.
///
/// # Errors
/// `NotFound` for another chart's; `Invalid` when it was answered.
#[server(endpoint = "family/send-invitation", output = Answer)]
pub async fn send_invitation(patient: PatientId, id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::ManageAccess>(patient).await?;
    super::invitations::send(&grant, id).await?;
    web::redirect_plain_form("/sharing?done=sent");
    Ok(())
}

/// Takes an invitation back.
///
/// # Errors
/// `NotFound` for another chart's.
#[server(endpoint = "family/withdraw-invitation", output = Answer)]
pub async fn withdraw_invitation(patient: PatientId, id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::ManageAccess>(patient).await?;
    super::invitations::withdraw(&grant, id).await?;
    web::redirect_plain_form("/sharing?done=withdrawn");
    Ok(())
}

/// Accepts an invitation with the patient's birth date.
///
/// # Errors
/// `Invalid` for a wrong birth date, a minor, one's own chart, or an invitation that is over.
#[server(endpoint = "family/accept-invitation", output = Answer)]
pub async fn accept_invitation(token: String, birth_date: String, #[server(default)] terms: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    if terms != "true" {
        return Err(Error::field("terms", Why::NOT_CONFIRMED));
    }
    let patient = super::invitations::accept(&grant, &token, &birth_date).await?;
    web::redirect_plain_form(&format!("/p/{patient}/visits"));
    Ok(())
}

/// Declines an invitation. Whoever holds the link may: no account is needed for a no.
///
/// # Errors
/// `Invalid` when it is over.
#[server(endpoint = "family/decline-invitation", output = Answer)]
pub async fn decline_invitation(token: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::ReadInvitation>(()).await?;
    super::invitations::decline(&grant, &token).await?;
    web::redirect_plain_form("/invitation/declined");
    Ok(())
}

/// Changes what an adult may see, and until when.
///
/// # Errors
/// `NotFound` for access to another chart; `NotAllowed` for a proxy.
#[server(endpoint = "family/change-access", output = Answer)]
pub async fn change_access(
    patient: PatientId,
    id: Uuid,
    level: String,
    #[server(default)] may_share: String,
    #[server(default)] until: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::ManageAccess>(patient).await?;
    super::grants::change(&grant, id, &level, may_share == "true", &until).await?;
    web::redirect_plain_form("/sharing?done=changed");
    Ok(())
}

/// Ends somebody's access to one's own chart.
///
/// # Errors
/// `NotFound` for access to another chart; `NotAllowed` for a proxy.
#[server(endpoint = "family/end-access", output = Answer)]
pub async fn end_access(patient: PatientId, id: Uuid) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::ManageAccess>(patient).await?;
    super::grants::end(&grant, id).await?;
    web::redirect_plain_form("/sharing?done=ended");
    Ok(())
}

/// Gives back one's own access to somebody's chart.
///
/// # Errors
/// `NotFound` without access; `NotAllowed` for one's own chart.
#[server(endpoint = "family/give-up-access", output = Answer)]
pub async fn give_up_access(patient: PatientId) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::GiveUpAccess>(patient).await?;
    super::grants::give_up(&grant).await?;
    web::redirect_plain_form("/sharing?done=given-up");
    Ok(())
}

/// Asks for access to a child's chart.
///
/// # Errors
/// `Invalid` with everything that is wrong.
#[server(endpoint = "family/ask-for-child", output = Answer)]
pub async fn ask_for_child(
    given_name: String,
    family_name: String,
    birth_date: String,
    #[server(default)] relationship: String,
    #[server(default)] attested: String,
) -> Result<(), Error> {
    use super::children::ChildAccess;
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let child = super::children::Child { given_name, family_name, birth_date, relationship, attested: attested == "true" };
    match super::children::ask_for_child(&grant, child).await? {
        ChildAccess::Given(patient) => web::redirect_plain_form(&format!("/p/{patient}/personal-information")),
        ChildAccess::Requested(number) => web::redirect_plain_form(&format!("/requests?sent={number}")),
    }
    Ok(())
}

/// Brings papers that give access: a power of attorney, a guardianship. The fields and the file of a form.
///
/// # Errors
/// `Invalid` with everything that is wrong.
#[server(endpoint = "family/bring-papers", input = MultipartFormData, output = Answer)]
pub async fn bring_papers(data: MultipartData) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let mut form = web::multipart(data, crate::base::text::MOST_BYTES).await?;
    let (file_name, file) = form.file.take().unwrap_or_default();
    let papers = super::papers::Papers {
        given_name: form.text("given_name"),
        family_name: form.text("family_name"),
        birth_date: form.text("birth_date"),
        kind: form.text("kind"),
        until: form.text("until"),
        file_name,
        file,
    };
    let number = super::papers::bring_papers(&grant, papers).await?;
    web::redirect_plain_form(&format!("/requests?sent={number}"));
    Ok(())
}

/// Keeps a colour and a nickname for somebody whose chart one may open.
///
/// # Errors
/// `Invalid` for a nickname that is too long.
#[server(endpoint = "family/keep-look", output = Answer)]
pub async fn keep_look(patient: PatientId, hue: i32, #[server(default)] nickname: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::OpenChart>(patient).await?;
    super::appearance::keep(&grant, Some(hue), Some(nickname.trim().to_owned()), None).await?;
    web::redirect_plain_form("/people");
    Ok(())
}

/// Keeps a photo for somebody whose chart one may open.
///
/// # Errors
/// `Invalid` for what is no picture or too large.
#[server(endpoint = "family/keep-photo", input = MultipartFormData, output = Answer)]
pub async fn keep_photo(data: MultipartData) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::{picture, request as web},
    };
    let mut form = web::multipart(data, crate::base::text::MOST_BYTES).await?;
    let patient: PatientId = form.text("patient").parse().map_err(|_| Error::NotFound)?;
    let grant = allow::<policy::OpenChart>(patient).await?;
    let (_, file) = form.file.take().filter(|(_, file)| !file.is_empty()).ok_or(Error::field("photo", Why::MISSING))?;
    let small = picture::in_turn(move || super::photo::small_square(&file)).await??;
    super::appearance::keep(&grant, None, None, Some(Some(small))).await?;
    web::redirect_plain_form(&format!("/people/{patient}"));
    Ok(())
}

/// Forgets a photo.
///
/// # Errors
/// `NotFound` without access to the chart.
#[server(endpoint = "family/forget-photo", output = Answer)]
pub async fn forget_photo(patient: PatientId) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
    };
    let grant = allow::<policy::OpenChart>(patient).await?;
    super::appearance::keep(&grant, None, None, Some(None)).await?;
    web::redirect_plain_form(&format!("/people/{patient}"));
    Ok(())
}

/// Begins an account for somebody who was invited and is no patient here.
///
/// # Errors
/// `Invalid` for a minor; `NotFound` for an invitation that is over.
#[server(endpoint = "sign-up/begin-as-invited", output = Answer)]
pub async fn begin_as_invited(token: String, name: String, birth_date: String) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        features::account::sign_up::api::go_on,
    };
    let grant = allow::<policy::SignUp>(()).await?;
    let begun = super::invited::begin_as_invited(&grant, &token, &name, &birth_date).await?;
    go_on(&begun, Some(&format!("/invitation?token={token}")))
}
