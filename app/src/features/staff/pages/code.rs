use leptos::prelude::*;
use qrcode::EcLevel;

use super::patient::patient_page;
use crate::{
    access::{allow, policy::ViewPatientAccount},
    base::{boot::Boot, error::Error, ids::PatientId},
    features::{account::sign_up::model::LIFE, staff::store},
    platform::request as web,
    view::{
        document::{Document, Part},
        page::{Page, PageRequest},
        qr,
        sections::{LargeCode, PrintButton, Section},
    },
};

/// The letter with the activation code, to print and hand over with the After Visit Summary. The code is shown once.
///
/// # Errors
/// `NotFound` for whoever is no staff.
pub async fn code(request: PageRequest) -> Result<Page, Error> {
    let id: PatientId = request.id(0)?;
    let grant = allow::<ViewPatientAccount>(id).await?;
    let t = grant.texts();
    let Some(code) = web::take_secret(id)? else { return patient_page(&grant, None).await };
    let (found, _) = store::one(&grant).await?;
    let brand = web::context::<Boot>()?.brand;
    let picture = qr::picture(&grant.link(&format!("/sign-up?code={code}")), EcLevel::M, 220)?;
    let until = t.staff_letter_until(&t.date(grant.now().today + LIFE));
    let name = vec![Part::facts([(t.personal_name(), Some(format!("{} {}", found.given_name, found.family_name)))])];
    let page = Page::new(t.staff_letter_title(&brand.product), t.staff_letter_lead(&found.given_name)).narrow();
    Ok(page.back(format!("/staff/patients/{id}"), t.staff_letter_back()).body(view! {
        <Section>
            <Document parts=name/>
            <LargeCode label=t.signup_code() text=code/>
            <p class="meta">{until}</p>
            <img class="picture" src=picture alt=t.staff_letter_qr()/>
            <ol>
                <li>{t.staff_letter_1(&grant.link("/sign-up"))}</li>
                <li>{t.staff_letter_2()}</li>
                <li>{t.staff_letter_3()}</li>
                <li>{t.staff_letter_4(&brand.support_phone)}</li>
            </ol>
            <PrintButton label=t.ui_print()/>
        </Section>
    }))
}
