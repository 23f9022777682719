//! Choosing when results are shown.

use leptos::prelude::*;

use crate::base::{answer::Answer, error::Error, ids::PatientId, why::Why};

/// Keeps the choice for each kind of results.
///
/// # Errors
/// `NotAllowed` for whoever acts for an adult; `Invalid` for a choice that there is not.
#[server(endpoint = "results/choose-timing", output = Answer)]
pub async fn choose_timing(
    patient: PatientId,
    #[server(default)] laboratory: String,
    #[server(default)] imaging: String,
    #[server(default)] pathology: String,
    #[server(default)] other: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        platform::request as web,
        record::result::model::{Choice, Kind},
    };
    let grant = allow::<policy::ChooseResultTiming>(patient).await?;
    let mut choices = Vec::new();
    for (kind, text) in [(Kind::Laboratory, laboratory), (Kind::Imaging, imaging), (Kind::Pathology, pathology), (Kind::Other, other)] {
        let choice = Choice::ALL.iter().find(|choice| choice.as_str() == text).ok_or(Error::field(kind.as_str(), Why::MISSING))?;
        choices.push((kind, *choice));
    }
    crate::record::release::choose(&grant, &choices).await?;
    web::redirect_plain_form(&format!("/p/{patient}/results?done=timing"));
    Ok(())
}
