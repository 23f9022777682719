//! Steps that have parts: questionnaires, documents, and what is due.

use leptos::{prelude::*, server_fn::ServerFn};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    access::{
        Grant, allow,
        policy::{CheckIn as MayCheckIn, UseBilling},
    },
    base::{error::Error, i18n::param, money::price},
    desk::{
        billing::{entity::bill, payer::due, plans::not_planned, store::guarantors},
        check_in::{store::CheckIn, way_back},
        questionnaires::model::State,
    },
    features::check_in::api,
    people::patient::with_merged,
    view::{
        form::PostForm,
        sections::{Item, MainButton, QuietButton, Section, Tag},
    },
};

/// The questionnaires that are asked, each with how far it is.
pub fn forms(grant: &Grant<MayCheckIn>, found: &CheckIn) -> AnyView {
    let (t, zone, patient, visit) = (grant.texts(), grant.zone(), grant.patient(), found.visit.id);
    let all: Vec<_> = found
        .forms()
        .iter()
        .map(|form| {
            // What it is called says what it asks.
            let hidden = form.form.sensitive && !grant.sees_sensitive();
            let title = if hidden { t.check_in_form_hidden().to_owned() } else { form.form.title(t).to_owned() };
            let (tag, line) = match (&form.done, &form.begun) {
                (Some(row), _) => {
                    let at = row.authored_at.map(|at| t.date_and_time(at, &zone)).unwrap_or_default();
                    (Tag::good(t.check_in_tag_step_done()), Some(t.check_in_form_answered(&at)))
                }
                (None, Some(row)) if row.state == State::Begun => (Tag::warning(t.check_in_form_begun()), None),
                _ => (Tag::warning(t.check_in_tag_step_open()), None),
            };
            let open = form.begun.as_ref().filter(|_| form.done.is_none()).or(form.done.as_ref()).map(|row| row.id);
            let label = match (&form.done, &form.begun) {
                (Some(_), _) => t.check_in_form_look(),
                (None, Some(row)) if row.state == State::Begun => t.check_in_go_on(),
                _ => t.check_in_begin(),
            };
            let action = match open {
                _ if hidden => None,
                Some(id) => {
                    let href = format!("/p/{patient}/questionnaires/{id}?visit={visit}");
                    Some(view! { <QuietButton href label/> }.into_any())
                }
                None => {
                    let hidden = vec![("patient", patient.to_string()), ("visit", visit.to_string()), ("form", form.form.id.to_string())];
                    Some(view! { <PostForm action=api::BeginForm::PATH submit=label quiet=true hidden/> }.into_any())
                }
            };
            (title, tag, line.into_iter().collect::<Vec<_>>(), action)
        })
        .collect();
    view! {
        <Section>
            <p class="text">{t.check_in_forms_says()}</p>
            {all.into_iter().map(|(title, tag, lines, action)| view! { <Item title tag=Some(tag) lines>{action}</Item> }).collect_view()}
        </Section>
    }
    .into_any()
}

/// The documents that are asked, each with what was decided.
pub fn consents(grant: &Grant<MayCheckIn>, found: &CheckIn) -> AnyView {
    let (t, zone, patient, visit) = (grant.texts(), grant.zone(), grant.patient(), found.visit.id);
    let all: Vec<_> = found
        .documents()
        .iter()
        .map(|asked| {
            let (tag, line) = match &asked.decided {
                Some(row) if row.agreed => (Tag::good(t.consents_tag_signed()), Some(t.date_and_time(row.at, &zone))),
                Some(row) => (Tag::warning(t.consents_tag_refused()), Some(t.date_and_time(row.at, &zone))),
                None => (Tag::warning(t.check_in_tag_step_open()), None),
            };
            let label = if asked.decided.is_some() { t.consents_change() } else { t.consents_read() };
            let href = format!("/p/{patient}/visits/{visit}/consents/{}", asked.document.id);
            (asked.document.title(t).to_owned(), tag, line.into_iter().collect::<Vec<_>>(), href, label)
        })
        .collect();
    view! {
        <Section>
            <p class="text">{t.consents_step_says()}</p>
            {all.into_iter().map(|(title, tag, lines, href, label)| view! {
                <Item title tag=Some(tag) lines><QuietButton href label/></Item>
            }).collect_view()}
        </Section>
    }
    .into_any()
}

/// What is due for this patient of whoever is signed in, and paying it now or later.
pub async fn payment(grant: &Grant<MayCheckIn>, found: &CheckIn) -> Result<AnyView, Error> {
    let (t, patient) = (grant.texts(), grant.patient());
    let own = guarantors(&allow::<UseBilling>(()).await?).await?;
    let charts = sea_orm::QueryTrait::into_query(with_merged(patient.0));
    let bills = bill::Entity::find()
        .filter(bill::Column::PatientId.in_subquery(charts))
        .filter(bill::Column::GuarantorId.is_in(own.iter().map(|row| row.id)))
        .filter(bill::Column::IsOpen.eq(true))
        .filter(not_planned())
        .all(grant.db())
        .await?;
    let sum: i64 = bills.iter().map(due).sum();
    let pays: Vec<_> = own
        .into_iter()
        .filter(|row| bills.iter().any(|bill| bill.guarantor_id == Some(row.id) && due(bill) > 0))
        .map(|row| format!("/billing/of/{}/pay?for={patient}", row.id))
        .collect();
    let given = grant.person()?.given_name.clone();
    let hidden = vec![("patient", patient.to_string()), ("visit", found.visit.id.to_string())];
    if sum > 0 {
        way_back::remember(patient, found.visit.id)?;
    }
    let must = found.office.must_pay() && sum > 0;
    let says = match sum {
        0 => t.check_in_payment_others(&given),
        _ => t.check_in_payment_due(param::Name(&given), param::Sum(&price(sum))),
    };
    let submit = if sum > 0 { t.check_in_payment_later() } else { t.check_in_payment_on() };
    Ok(view! {
        <Section>
            <p class="text">{says}</p>
            {(sum > 0).then(|| pays.into_iter().map(|href| view! { <MainButton href label=t.check_in_payment_now()/> }).collect_view())}
            {must.then(|| view! { <p class="text">{t.check_in_payment_must()}</p> })}
            {(!must).then(|| view! { <PostForm action=api::PayLater::PATH submit quiet=true hidden/> })}
        </Section>
    }
    .into_any())
}
