//! The public page on which anybody checks a health card.

use card_reader::{
    card::Trust,
    report::{Report, reports},
};
use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{allow, policy::VerifyCards},
    base::{boot::Boot, error::Error, i18n::texts},
    features::credentials::{
        api::{Check, CheckFile},
        issuer::Issuer,
        verifier::{CardReader, issuers, kept},
        verify_words::words,
    },
    platform::request as web,
    view::{
        Notice,
        document::{Document, Part},
        fields::{Field, Input},
        form::PostForm,
        page::{Page, PageRequest},
        sections::Section,
    },
};

/// What was found in the last card, and the ways to show one.
///
/// # Errors
/// When the database fails.
pub async fn verify(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<VerifyCards>(()).await?;
    let t = grant.texts();
    let (mut found, mut gone, mut shown) = (Vec::new(), false, String::new());
    if request.query("done").is_some() {
        match kept(&grant).await? {
            Some(text) => {
                let (issuer, boot, trust) = (web::context::<Issuer>()?, web::context::<Boot>()?, web::context::<Trust>()?);
                let issuers = issuers(grant.db(), &issuer, &boot.brand.organisation, &trust).await?;
                found = reports(text.trim(), &issuers, grant.now().instant.timestamp(), &words(t));
                shown = text;
            }
            None => gone = true,
        }
    }
    let script = web::context::<CardReader>()?.0.map(|src| src.to_string());
    let file = Input::File { accept: "image/*,.smart-health-card,.txt" };
    Ok(Page::new(t.verify_title(), t.verify_lead()).narrow().body(view! {
        {gone.then(|| view! { <Notice><h2>{t.verify_gone()}</h2></Notice> })}
        {found.into_iter().map(|report| view! { <Verdict report/> }).collect_view()}
        <Reader script/>
        <Section heading=t.verify_by_picture()>
            <PostForm action=CheckFile::PATH submit=t.verify_check() files=true>
                <Field name="card_file" label=t.verify_file() input=file hint=t.verify_file_hint()/>
            </PostForm>
        </Section>
        <Section heading=t.verify_by_text()>
            <PostForm action=Check::PATH submit=t.verify_check() quiet=true>
                <Field name="card" label=t.verify_text() input=Input::Paste value=shown hint=t.verify_text_hint()/>
            </PostForm>
            <p class="meta">{t.verify_rule()}</p>
        </Section>
    }))
}

/// What the module for cards works with in the browser: its words, the place for its verdicts, the camera. Hidden until it is
/// there. The page is loaded anew when it is opened, so that the script runs.
#[component]
fn Reader(
    /// Where the module lies; nothing where it was not built.
    script: Option<String>,
) -> impl IntoView {
    let t = texts();
    let words = serde_json::to_string(&words(t)).unwrap_or_default();
    view! {
        <div class="made">
            <div id="card-reader" data-words=words>
                <div id="card-verdict" class="screen screen--narrow" tabindex="-1"></div>
                <section class="sheet stack">
                    <h2>{t.verify_by_camera()}</h2>
                    <p class="text">{t.verify_local()}</p>
                    <div class="acts"><button class="btn" type="button" data-card="scan">{t.verify_scan()}</button></div>
                    <div id="card-camera" class="stack" hidden>
                        <video id="card-video" muted playsinline aria-label=t.verify_sees()></video>
                        <p id="card-status" class="text" role="status"></p>
                        <div class="acts"><button class="btn quiet" type="button" data-card="stop">{t.verify_stop()}</button></div>
                    </div>
                </section>
                {script.map(|src| view! { <script type="module" src=src></script> })}
            </div>
        </div>
    }
    .into_any()
}

/// Whether a card holds, and what it says.
#[component]
fn Verdict(report: Report) -> impl IntoView {
    let says = report.says.into_iter().map(|words| view! { <p class="text">{words}</p> }).collect_view();
    let claims = report.claims.map(|claims| {
        let entries = claims.entries.into_iter().map(|entry| Part::Entry {
            title: entry.title,
            tag: None,
            lines: entry.day.into_iter().collect(),
            parts: vec![Part::Facts(entry.facts)],
        });
        let parts = std::iter::once(Part::Facts(claims.person)).chain(entries).collect();
        view! { <Section heading=claims.heading><Document parts/></Section> }
    });
    view! {
        <Notice warn=!report.good><h2>{report.title}</h2>{says}</Notice>
        {claims}
    }
}
