//! What leads to health cards on pages of the record: the button on a result that makes a card of it, and the link beside
//! vaccinations.

use leptos::server_fn::ServerFn;

use super::{
    api::Issue,
    model::Subject,
    offers::{is_vaccine, signable},
};
use crate::{
    access::{
        Grant,
        policy::{UseHealthCards, ViewHealthSummary, ViewResults},
    },
    base::error::Error,
    record::{
        action::{Offer, Target},
        result::entity::{measurement, test_result},
    },
    view::link::Link,
};

/// # Errors
/// When the database fails.
pub(super) async fn card(target: Target<'_>) -> Result<Option<Offer>, Error> {
    match target {
        Target::Result { grant, result, values } => of_result(grant, result, values).await,
        Target::Immunizations { grant, codes } => Ok(of_vaccines(grant, codes)),
        Target::Vitals { .. } => Ok(None),
    }
}

fn of_vaccines(grant: &Grant<ViewHealthSummary>, codes: &[&str]) -> Option<Offer> {
    let (t, patient) = (grant.texts(), grant.patient());
    let possible = grant.would_allow::<UseHealthCards>(&patient) && codes.iter().any(|code| is_vaccine(code));
    let link = Link::new(format!("/p/{patient}/health/credentials"), t.credentials_title());
    possible.then(|| Offer::Page(link, t.credentials_lead().to_owned()))
}

async fn of_result(grant: &Grant<ViewResults>, result: &test_result::Model, values: &[measurement::Model]) -> Result<Option<Offer>, Error> {
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
