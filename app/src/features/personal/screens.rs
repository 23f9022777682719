//! Asking for a change of address or phone.

use leptos::server_fn::ServerFn;

use super::store;
use crate::{
    access::{allow, policy},
    base::{error::Error, ids::PatientId},
    desk::requests::api::ChangeDetails,
    view::screens::model::{Field, Form, Kind, Part, Screen},
};

/// What is known, ready to be changed.
pub async fn change(patient: &str) -> Result<Screen, Error> {
    let patient: PatientId = patient.parse().map_err(|_| Error::NotFound)?;
    let grant = allow::<policy::ChangePersonalInformation>(patient).await?;
    let t = grant.texts();
    let (name, known) = store::known(&grant).await?;
    let form = Form::post(ChangeDetails::PATH, t.personal_change_submit(&name))
        .hidden("patient", patient)
        .field(Field::text("address_line", t.personal_address()).value(known.address_line).autocomplete("street-address").optional())
        .field(Field::text("city", t.personal_city()).value(known.city).autocomplete("address-level2").optional())
        .field(Field::text("state", t.personal_state()).value(known.state).autocomplete("address-level1").optional())
        .field(Field::text("postal_code", t.signup_zip()).value(known.postal_code).autocomplete("postal-code").optional())
        .field(Field::new("phone_mobile", t.personal_phone_mobile(), Kind::Phone).value(known.phone_mobile).autocomplete("tel").optional())
        .field(Field::new("phone_home", t.personal_phone_home(), Kind::Phone).value(known.phone_home).optional())
        .done();
    Ok(Screen::new(t.personal_change(), t.personal_change_lead())
        .narrow()
        .back(format!("/p/{patient}/personal-information"), t.personal_title())
        .sheet("", vec![form, Part::small(t.personal_change_email())]))
}
