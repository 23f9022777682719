//! Kinds of visits, and how departments keep their calendars.

use std::collections::HashMap;

use leptos::prelude::*;
use uuid::Uuid;

use crate::base::{answer::Answer, error::Error};

/// Keeps a kind of visit.
///
/// # Errors
/// `NotAllowed` for whoever changes none; `Invalid` with everything that is wrong.
#[server(endpoint = "schedules/keep-kind", output = Answer)]
pub async fn keep_kind(
    #[server(default)] id: String,
    #[server(default)] name_en: String,
    #[server(default)] name_es: String,
    #[server(default)] says_en: String,
    #[server(default)] says_es: String,
    #[server(default)] minutes: String,
    #[server(default)] who: String,
    #[server(default)] way: String,
    #[server(default)] before_en: String,
    #[server(default)] before_es: String,
    #[server(default)] price: String,
    #[server(default)] cutoff_hours: String,
    #[server(default)] lead_hours: String,
    #[server(default)] least_age: String,
    #[server(default)] most_age: String,
    #[server(default)] order_code: String,
    #[server(default)] fast_pass: String,
    #[server(default)] retired: String,
    #[server(default)] offered: HashMap<String, String>,
) -> Result<(), Error> {
    use crate::features::schedules::model::parse_pair;
    use crate::{
        access::{allow, policy},
        desk::scheduling::settings::{self, Kind},
        platform::request as web,
    };
    let grant = allow::<policy::ManageCalendars>(()).await?;
    let mut pairs = Vec::new();
    for (name, how) in offered.iter().filter(|(_, how)| matches!(how.as_str(), "direct" | "request")) {
        let (clinician, department) = parse_pair(name).ok_or(Error::NotFound)?;
        pairs.push((clinician, department, how == "request"));
    }
    let kind = Kind {
        id: if id.is_empty() { None } else { Some(id.parse().map_err(|_| Error::NotFound)?) },
        name_en: &name_en,
        name_es: &name_es,
        says_en: &says_en,
        says_es: &says_es,
        minutes: &minutes,
        who: &who,
        way: &way,
        before_en: &before_en,
        before_es: &before_es,
        price: &price,
        cutoff_hours: &cutoff_hours,
        lead_hours: &lead_hours,
        least_age: &least_age,
        most_age: &most_age,
        order_code: &order_code,
        fast_pass: fast_pass == "true",
        retired: retired == "true",
        offered: pairs,
    };
    settings::keep_kind(&grant, &kind).await?;
    web::redirect_plain_form("/staff/schedule/kinds?done=kept");
    Ok(())
}

/// Keeps how a department keeps its calendar.
///
/// # Errors
/// `NotAllowed` for whoever changes none; `Invalid` with everything that is wrong.
#[server(endpoint = "schedules/keep-department", output = Answer)]
pub async fn keep_department(
    department: Uuid,
    #[server(default)] owner: String,
    #[server(default)] request_days: String,
    #[server(default)] lead_hours: String,
    #[server(default)] access_en: String,
    #[server(default)] access_es: String,
    #[server(default)] interpreter: String,
    #[server(default)] sensitive: String,
) -> Result<(), Error> {
    use crate::{
        access::{allow, policy},
        desk::scheduling::settings::{self, Office},
        platform::request as web,
    };
    let grant = allow::<policy::ManageCalendars>(()).await?;
    let office = Office {
        department,
        owner: &owner,
        request_days: &request_days,
        lead_hours: &lead_hours,
        access_en: &access_en,
        access_es: &access_es,
        interpreter: interpreter == "true",
        sensitive: sensitive == "true",
    };
    settings::keep_office(&grant, &office).await?;
    web::redirect_plain_form("/staff/schedule/kinds?done=kept");
    Ok(())
}
