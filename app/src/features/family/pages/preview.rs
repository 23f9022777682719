use leptos::{prelude::*, server_fn::ServerFn};

use super::own_chart::own_chart;
use crate::{
    access::{Level, allow, policy::ManageAccess},
    base::{
        error::Error,
        i18n::{Texts, param, texts},
    },
    features::family::{
        api::{SendInvitation, WithdrawInvitation},
        invitations::own_invitation,
        model::InvitationState,
        preview::{self, Preview},
        words::{last_day_in_words, level_in_words},
    },
    people::relation::AdultLevel,
    view::{
        document::{Document, Part},
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Facts, Section},
    },
};

/// Exactly what the other will see, before anything is sent.
///
/// # Errors
/// `NotFound` for an invitation into another chart, or one that was answered.
pub async fn preview(request: PageRequest) -> Result<Page, Error> {
    let own = own_chart().await?;
    let grant = allow::<ManageAccess>(own).await?;
    let (t, zone) = (grant.texts(), grant.zone());
    let row = own_invitation(&grant, request.id(0)?).await?;
    if !matches!(row.state, InvitationState::Draft | InvitationState::Sent) {
        return Err(Error::NotFound);
    }
    let found = preview::preview(&grant, row.level).await?;
    let upcoming = found.upcoming.iter().map(|(at, title)| format!("{}: {title}", t.date_and_time(*at, &zone))).collect();
    let (send, end) = match row.state {
        InvitationState::Sent => (t.family_send_again().to_owned(), t.family_withdraw()),
        _ => (t.family_send(&row.name), t.family_discard()),
    };
    let until = row.access_until.map(|at| last_day_in_words(t, at, &zone));
    let about = vec![Part::facts([
        (t.family_name(), Some(row.name.clone())),
        (t.signup_email(), Some(row.email)),
        (t.family_what(), Some(level_in_words(t, Level::Adult(row.level)))),
        (t.family_until(), until),
        (t.family_may_share(), Some(if row.may_share { t.family_yes() } else { t.family_no() }.to_owned())),
    ])];
    let hidden = vec![("patient", own.to_string()), ("id", row.id.to_string())];
    let page = Page::new(t.family_preview_title(&row.name), t.family_preview_lead(&row.name));
    Ok(page.back("/sharing/invite", t.family_invite()).body(view! {
        <Section heading=t.family_preview_sees(&row.name)><Seen level=row.level found upcoming/></Section>
        <Section heading=t.family_invitation()>
            <Document parts=about/>
            <p class="text">{t.family_preview_how(&row.name)}</p>
            <PostForm action=SendInvitation::PATH submit=send hidden=hidden.clone()/>
            <PostForm action=WithdrawInvitation::PATH submit=end quiet=true hidden/>
        </Section>
    }))
}

#[component]
fn Seen(level: AdultLevel, found: Preview, upcoming: Vec<String>) -> impl IntoView {
    let t = texts();
    let upcoming = upcoming.into_iter().map(|line| view! { <li>{line}</li> }).collect::<Vec<_>>();
    let visits = if upcoming.is_empty() {
        view! { <p class="text">{t.family_preview_no_visits()}</p> }.into_any()
    } else {
        view! { <ul class="ticks">{upcoming}</ul> }.into_any()
    };
    view! {
        <Facts facts=opened(t, level)/>
        <h3>{t.family_preview_visits()}</h3>
        {visits}
        <p class="text">{t.family_preview_past(&found.past_visits.to_string())}</p>
        <h3>{t.family_preview_notes()}</h3>
        <p class="text">{t.family_preview_counts(param::Hidden(&found.notes_hidden.to_string()), param::Notes(&found.notes.to_string()))}</p>
    }
}

/// What a level opens and what it does not.
fn opened(t: Texts, level: AdultLevel) -> Vec<(String, Option<String>)> {
    let sees = Level::Adult(level);
    [
        (t.family_sees_person(), true),
        (t.family_sees_visits(), sees.sees_schedule()),
        (t.family_sees_notes(), sees.sees_clinical()),
        (t.family_sees_results(), sees.sees_clinical()),
        (t.family_sees_health(), sees.sees_clinical()),
        (t.family_sees_sensitive(), sees.sees_sensitive()),
    ]
    .map(|(what, yes)| (what.to_owned(), Some(if yes { t.family_yes() } else { t.family_no() }.to_owned())))
    .into()
}
