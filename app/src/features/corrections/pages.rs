//! Where a correction is asked for.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{api::Ask, request_kind::KIND};
use crate::{
    access::{allow, policy::AskCorrection},
    base::{
        error::Error,
        i18n::{Texts, texts},
        ids::PatientId,
    },
    platform::request as web,
    record::{
        annotation::model::Place,
        quote::{Quote, Quotes},
    },
    view::{
        document::{Document, Part},
        fields::{Field, Input, Select},
        form::PostForm,
        page::{Page, PageRequest},
        sections::Section,
    },
};

/// The form; the place is in the address.
///
/// # Errors
/// `NotFound` when the chart is closed to the caller, or there is no such place in it.
pub async fn ask(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<AskCorrection>(patient).await?;
    let t = grant.texts();
    let place: Place = request.query("about").and_then(|about| about.parse().ok()).ok_or(Error::NotFound)?;
    let Quote { title, words, paragraphs, page } = web::context::<Quotes>()?.find(&grant, place).await?;
    let said = [Some(Part::Heading(title)), (!words.is_empty()).then_some(Part::Quote(words))].into_iter().flatten().collect();
    let due = KIND.due.on(grant.now().today);
    Ok(Page::new(t.correction_title(), t.correction_lead(&t.long_date(due))).narrow().back(page, t.correction_back()).body(view! {
        <Section heading=t.correction_says()><Document parts=said/></Section>
        <Section>
            <AskForm patient place paragraphs/>
            <p class="meta">{t.correction_rule()}</p>
        </Section>
    }))
}

#[component]
fn AskForm(patient: PatientId, place: Place, paragraphs: Vec<String>) -> impl IntoView {
    let t = texts();
    let mut hidden = vec![("patient", patient.to_string())];
    if paragraphs.is_empty() {
        hidden.push(("about", place.to_string()));
    }
    view! {
        <PostForm action=Ask::PATH submit=t.correction_send() hidden>
            {(!paragraphs.is_empty()).then(|| view! {
                <Select name="about" label=t.correction_where() choices=parts_of_note(t, place, &paragraphs)/>
            })}
            <Field name="wrong" label=t.correction_wrong() input=Input::Area/>
            <Field name="right" label=t.correction_right() input=Input::Area hint=t.correction_right_hint() optional=true/>
        </PostForm>
    }
}

/// The note as a whole, and each of its paragraphs.
fn parts_of_note(t: Texts, place: Place, paragraphs: &[String]) -> Vec<(String, String)> {
    let whole = (place.to_string(), t.correction_whole().to_owned());
    let numbered = paragraphs.iter().enumerate();
    let each = numbered.map(|(number, words)| (Place { paragraph: Some(number), ..place }.to_string(), shortened(words)));
    std::iter::once(whole).chain(each).collect()
}

fn shortened(words: &str) -> String {
    let short: String = words.chars().take(90).collect();
    if short.len() < words.len() { format!("{}…", short.trim_end()) } else { short }
}
