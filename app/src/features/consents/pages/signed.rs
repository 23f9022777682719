use leptos::prelude::*;
use uuid::Uuid;

use crate::{
    access::{allow, policy::ViewConsents},
    base::{error::Error, i18n::Texts, i18n::param, ids::PatientId, locale::Locale},
    desk::{
        consents::signing::{hash, of_chart},
        office::words::author,
    },
    features::consents::in_words::{facts, tag},
    view::{
        document::{Document, Part},
        page::{Page, PageRequest},
        sections::{Item, PrintButton, QuietButton, Section},
    },
};

/// Everything that was signed or refused in a chart.
///
/// # Errors
/// As the policy decides.
pub async fn signed(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<ViewConsents>(patient).await?;
    let (t, zone, given) = (grant.texts(), grant.zone(), grant.person()?.given_name.clone());
    let lines: Vec<_> = of_chart(&grant)
        .await?
        .into_iter()
        .map(|(row, document)| {
            let by = author(t, &row.author, row.role.as_deref(), &given);
            let line = t.consents_by(param::At(&t.date_and_time(row.at, &zone)), param::By(&by));
            (document.title(t).to_owned(), tag(t, &row), vec![line], format!("/p/{patient}/consents/{}", row.id))
        })
        .collect();
    let none = lines.is_empty();
    Ok(Page::new(t.consents_title(), t.consents_title_lead(&given)).narrow().body(view! {
        <Section>
            {none.then(|| view! { <p class="text">{t.consents_none()}</p> })}
            {lines.into_iter().map(|(title, tag, lines, href)| view! {
                <Item title tag=Some(tag) lines><QuietButton href label=t.consents_see()/></Item>
            }).collect_view()}
        </Section>
    }))
}

/// What was decided about one document: its text as it was shown, and who decided what and when.
///
/// # Errors
/// `NotFound` for a decision of another chart.
pub async fn one(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let grant = allow::<ViewConsents>(patient).await?;
    let (t, zone, given) = (grant.texts(), grant.zone(), grant.person()?.given_name.clone());
    let (row, document) = of_chart(&grant).await?.into_iter().find(|(row, _)| row.id == id).ok_or(Error::NotFound)?;
    // In the language in which it was read: that is what was decided about.
    let read = Texts(Locale::from_tag(&row.language).unwrap_or_default());
    let facts = facts(t, &zone, &row, &given);
    let whole = hash(&document, &row) == row.hash;
    let (text, language) = (Part::text(document.text(read)), row.language.clone());
    Ok(Page::new(document.title(read).to_owned(), t.consents_one_lead(&given))
        .narrow()
        .back(format!("/p/{patient}/consents"), t.consents_title())
        .body(view! {
            <Section heading=t.consents_decision()>
                <div>{tag(t, &row).draw()}</div>
                <Document parts=vec![facts]/>
                <p class="meta">{if whole { t.consents_unchanged() } else { t.consents_changed() }}</p>
                <PrintButton label=t.billing_print()/>
            </Section>
            <Section heading=t.consents_text()>
                <div lang=language><Document parts=vec![text]/></div>
            </Section>
        }))
}
