//! The button on a result that makes a card of it.

use leptos::server_fn::ServerFn;

use super::{api::Issue, model::Subject, offers::signable};
use crate::{
    access::policy::UseHealthCards,
    base::error::Error,
    record::action::{Offer, Target},
};

/// # Errors
/// When the database fails.
pub(super) async fn card(target: Target<'_>) -> Result<Option<Offer>, Error> {
    let Target::Result { grant, result, values } = target else { return Ok(None) };
    let patient = grant.patient();
    if !grant.would_allow::<UseHealthCards>(&patient) || signable(grant, values).await?.is_empty() {
        return Ok(None);
    }
    Ok(Some(Offer::Form {
        action: Issue::PATH,
        submit: grant.texts().results_card().to_owned(),
        hidden: vec![("patient", patient.to_string()), ("subject", Subject::Result.as_str().to_owned()), ("result", result.id.to_string())],
    }))
}
