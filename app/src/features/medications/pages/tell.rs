use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{
        allow,
        policy::{RequestMedicine, ViewHealthSummary},
    },
    base::{
        error::Error,
        i18n::{Texts, texts},
        ids::PatientId,
    },
    features::{
        health::store::current,
        medications::{api, model::ProposalKind},
    },
    record::item::model::{Kind, State},
    view::{
        fields::{Field, Input},
        form::PostForm,
        link::Link,
        page::{Page, PageRequest},
        sections::{LinkList, Section},
    },
};

/// Telling the office what is taken differently from what the record says: first what it is about, then the words.
///
/// # Errors
/// What the policy refuses; `NotFound` for an item that is not in the chart.
pub async fn tell(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<RequestMedicine>(patient).await?;
    let chart = allow::<ViewHealthSummary>(patient).await?;
    let t = grant.texts();
    let items = current(&chart, &[Kind::Medication, Kind::Allergy]).await?;
    let asked = request.query("kind").unwrap_or_default();
    let kind = ProposalKind::ALL.iter().copied().find(|found| found.as_str() == asked);
    let page = Page::new(t.medications_tell(), t.medications_tell_lead(&grant.person()?.full_name)).narrow();
    let back = format!("/p/{patient}/medications");
    let Some(kind) = kind else {
        let way = |kind: ProposalKind, item: &str, label: String, says: &str| {
            (Link::new(format!("/p/{patient}/medications/tell?kind={}&item={item}", kind.as_str()), label), says.to_owned())
        };
        let mut ways: Vec<(Link, String)> = Vec::new();
        for item in items.iter().filter(|item| item.kind == Kind::Medication && item.state != State::Planned) {
            let id = item.id.to_string();
            ways.push(way(ProposalKind::Differently, &id, t.medications_told_differently(&item.title), t.medications_way_differently()));
            ways.push(way(ProposalKind::Stopped, &id, t.medications_told_stopped(&item.title), t.medications_way_stopped()));
        }
        ways.push(way(ProposalKind::Another, "", t.medications_way_another_title().to_owned(), t.medications_way_another()));
        ways.push(way(ProposalKind::Allergy, "", t.medications_way_allergy_title().to_owned(), t.medications_way_allergy()));
        for item in items.iter().filter(|item| item.kind == Kind::Allergy) {
            let id = item.id.to_string();
            ways.push(way(ProposalKind::NoAllergy, &id, t.medications_told_no_allergy(&item.title), t.medications_way_no_allergy()));
        }
        return Ok(page
            .back(back, t.medications_title())
            .body(view! { <Section heading=t.medications_tell_what()><LinkList links=ways/></Section> }));
    };
    let item = match request.query("item") {
        Some(id) if kind.is_about_item() => {
            let found = items.into_iter().find(|item| item.id.to_string() == id && item.kind == kind.item_kind()).ok_or(Error::NotFound)?;
            Some((id, found.title))
        }
        _ if kind.is_about_item() => return Err(Error::NotFound),
        _ => None,
    };
    let heading = item.as_ref().map(|(_, title)| about(t, kind, title)).unwrap_or_default();
    Ok(page.back(format!("{back}/tell"), t.medications_tell()).body(view! {
        <Section heading>
            <TellForm patient kind item=item.map(|(id, _)| id)/>
            <p class="meta">{t.medications_told_says()}</p>
        </Section>
    }))
}

fn about(t: Texts, kind: ProposalKind, title: &str) -> String {
    match kind {
        ProposalKind::Stopped => t.medications_told_stopped(title),
        ProposalKind::NoAllergy => t.medications_told_no_allergy(title),
        _ => t.medications_told_differently(title),
    }
}

#[component]
fn TellForm(patient: PatientId, kind: ProposalKind, item: Option<String>) -> impl IntoView {
    let t = texts();
    let named = item.is_none();
    let mut hidden = vec![("patient", patient.to_string()), ("kind", kind.as_str().to_owned())];
    hidden.extend(item.map(|id| ("item", id)));
    let (title, words) = match kind {
        ProposalKind::Allergy => (t.medications_substance(), t.medications_reaction()),
        ProposalKind::Another => (t.medications_name(), t.medications_how_taken()),
        ProposalKind::Stopped => ("", t.medications_stopped_words()),
        ProposalKind::NoAllergy => ("", t.medications_no_allergy_words()),
        ProposalKind::Differently => ("", t.medications_how_taken()),
    };
    view! {
        <PostForm action=api::Tell::PATH submit=t.medications_tell_send() hidden>
            {named.then(|| view! { <Field name="title" label=title/> })}
            <Field name="words" label=words input=Input::Area hint=t.medications_comment_hint() optional={kind == ProposalKind::Stopped}/>
        </PostForm>
    }
}
