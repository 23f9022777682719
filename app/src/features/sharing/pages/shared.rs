//! The public pages of somebody who was given a code.

use leptos::{prelude::*, server_fn::ServerFn};

use crate::{
    access::{allow, policy::ReadShared},
    base::{
        error::Error,
        i18n::{Texts, param},
    },
    features::sharing::{
        api::{COOKIE, Enter, Finish, LeaveNote},
        model::READING,
        reader::{self, Shared},
    },
    platform::request as web,
    view::{
        Notice,
        document::Document,
        fields::{Field, Input},
        form::PostForm,
        link::Link,
        page::{Page, PageRequest},
        sections::{Buttons, PrintButton, Section},
    },
};

/// Where somebody who was given a code begins.
///
/// # Errors
/// When the caller cannot be made out.
pub async fn enter(request: PageRequest) -> Result<Page, Error> {
    let t = allow::<ReadShared>(()).await?.texts();
    let finished = request.query("done").is_some();
    Ok(Page::new(t.shared_title(), t.shared_lead()).narrow().body(view! {
        {finished.then(|| view! { <Notice><h2>{t.shared_finished()}</h2><p class="text">{t.shared_finished_text()}</p></Notice> })}
        <Section>
            <PostForm action=Enter::PATH submit=t.shared_open()>
                <Field name="share_code" label=t.share_the_code() hint=t.shared_code_hint()/>
                <Field name="birth_date" label=t.shared_birth_date() input=Input::Date/>
            </PostForm>
            <p class="meta">{t.shared_rule()}</p>
        </Section>
    }))
}

/// After the hour, or when whoever shared it ended it.
fn over(t: Texts) -> Page {
    Page::new(t.shared_over_title(), t.shared_over_lead()).narrow().body(view! {
        <Section><Buttons links=vec![Link::new("/shared", t.shared_other_code())]/></Section>
    })
}

/// The shared record, all on one page.
///
/// # Errors
/// `NotFound` when nothing is being read, or the access it rests on is over.
pub async fn record(request: PageRequest) -> Result<Page, Error> {
    let grant = allow::<ReadShared>(()).await?;
    let t = grant.texts();
    let cookie = web::cookie(COOKIE);
    let came = cookie.is_some();
    let Shared { row, person, chapters } = match reader::read(&grant, &web::context()?, cookie).await {
        Err(error) if came && error.is_absence() => {
            web::set_page_status(&error);
            return Ok(over(t));
        }
        read => read?,
    };
    let until = row.opened_at.map(|at| t.time(at + READING, &grant.zone())).unwrap_or_default();
    let name = format!("{} {}", person.given_name, person.family_name);
    let lead = format!(
        "{} · {}",
        t.health_born(&t.when_as_said(&person.born())),
        t.shared_for(param::Recipient(&row.recipient), param::Until(&until))
    );
    let links = chapters.iter().map(|chapter| Link::new(format!("#{}", chapter.section.as_str()), chapter.heading.clone())).collect();
    let noted = request.query("done").is_some();
    Ok(Page::new(name, lead).narrow().body(view! {
        {noted.then(|| view! { <Notice><h2>{t.shared_note_left()}</h2></Notice> })}
        <Section>
            <Buttons links/>
            <PrintButton label=t.health_print()/>
            <PostForm action=Finish::PATH submit=t.shared_finish() quiet=true/>
        </Section>
        {chapters.into_iter().map(|chapter| view! {
            <Section id=chapter.section.as_str() heading=chapter.heading><Document parts=chapter.parts/></Section>
        }).collect_view()}
        <Section heading=t.shared_note_title()>
            <PostForm action=LeaveNote::PATH submit=t.shared_send_note()>
                <Field name="note" label=t.shared_note() input=Input::Area hint=t.shared_note_hint()/>
            </PostForm>
        </Section>
    }))
}
