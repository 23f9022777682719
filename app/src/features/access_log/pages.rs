//! The access log of a chart.

use leptos::{prelude::*, server_fn::ServerFn};

use super::{
    api::ReportAccess,
    model::{Filter, Line},
    store,
    words::{what_in_words, who_in_words},
};
use crate::{
    access::{AccessKind, allow, policy},
    base::{error::Error, i18n::texts, ids::PatientId},
    view::{
        fields::Select,
        form::{PostForm, SearchForm},
        link::Link,
        page::{Page, PageRequest},
        sections::{Buttons, Disclosure, Item, QuietButton, Section, Tag},
    },
};

/// So many lines are on a page.
const MOST: usize = 200;

/// Who opened this chart.
///
/// # Errors
/// `NotFound` or `AccessEnded` when this chart is not open to the caller.
pub async fn log(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.id(0)?;
    let grant = allow::<policy::ViewAccessLog>(patient).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let chosen = request.query("who").unwrap_or_default();
    let before = request.query("before").and_then(|id| id.parse().ok());
    let mut lines = store::lines(&grant, filter(&chosen), before, MOST as u64 + 1).await?;
    let more = lines.len() > MOST;
    lines.truncate(MOST);
    let older = lines.last().filter(|_| more).map(|last| format!("/p/{patient}/access-log?who={chosen}&before={}", last.id));
    let own = grant.access_kind() == AccessKind::Own;
    let choices = [("", t.log_everybody()), ("me", t.log_you()), ("proxies", t.log_proxies()), ("staff", t.log_staff())];
    let choices = choices.into_iter().filter(|(key, _)| own || *key != "proxies");
    let choices = choices.map(|(value, words)| (value.to_owned(), words.to_owned())).collect();
    let lead = if own { t.log_lead() } else { t.log_lead_proxy() };
    Ok(Page::new(t.log_title(), lead).narrow().body(view! {
        <Section>
            <SearchForm submit=t.log_show()>
                <Select name="who" label=t.log_who() choices value=chosen optional=true/>
            </SearchForm>
            <Buttons links=vec![Link::new(format!("/files/access-log/{patient}"), t.log_download())]/>
        </Section>
        <Section heading=t.log_lines()>
            {lines.is_empty().then(|| view! { <p class="text">{t.log_none()}</p> })}
            {lines.into_iter().map(|line| {
                let when = t.date_and_time(line.at, &zone);
                view! { <LogLine patient line when/> }
            }).collect_view()}
            {older.map(|href| view! { <QuietButton href label=t.log_older()/> })}
        </Section>
    }))
}

#[component]
fn LogLine(patient: PatientId, line: Line, when: String) -> impl IntoView {
    let t = texts();
    let title = format!("{}: {}", who_in_words(t, &line.who), what_in_words(t, &line));
    let details = std::iter::once(when).chain(line.device).collect::<Vec<_>>().join(" · ");
    let tag = match (line.allowed, line.not_done) {
        (false, _) => Some(Tag::muted(t.log_refused())),
        (true, true) => Some(Tag::muted(t.log_not_done())),
        (true, false) => None,
    };
    view! {
        <Item title tag lines=vec![details]>
            <Disclosure summary=t.log_wrong()>
                <PostForm action=ReportAccess::PATH submit=t.log_not_me() quiet=true
                    hidden=vec![("patient", patient.to_string()), ("event", line.id.to_string())]/>
            </Disclosure>
        </Item>
    }
}

fn filter(chosen: &str) -> Filter {
    match chosen {
        "me" => Filter::Me,
        "proxies" => Filter::Proxies,
        "staff" => Filter::Staff,
        _ => Filter::Everybody,
    }
}
