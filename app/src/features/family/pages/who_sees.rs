use chrono_tz::Tz;
use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::change_access::ChangeAccessForm;
use crate::{
    access::{Grant, Level, policy::ManageAccess},
    base::{
        clock::local_date,
        end_reason::EndReason,
        error::Error,
        i18n::{Texts, param, texts},
        ids::PatientId,
    },
    features::family::{
        api::{DraftInvitation, EndAccess, WithdrawInvitation},
        grants::{Access, accesses},
        invitations::invitations,
        model::InvitationState,
        words::{ended_in_words, last_day, last_day_in_words, level_in_words, relationship_in_words},
    },
    people::relation::{AdultLevel, Basis, Relationship},
    view::{
        form::PostForm,
        sections::{Disclosure, Item, MainButton, QuietButton, Table, Tag},
    },
};

/// Who sees the reader's chart: those with access, those who are invited, those who had it.
pub(super) struct Found {
    patient: PatientId,
    open: Vec<Opened>,
    invited: Vec<Invited>,
    /// Parents of somebody who turned eighteen, whom one tap invites again: name and e-mail.
    parents: Vec<(String, String)>,
    /// Name, why and when of access that is over.
    over: Vec<Vec<String>>,
}

struct Opened {
    access: Access,
    lines: Vec<String>,
    /// The last day, as a date field has it.
    last_day: String,
}

struct Invited {
    id: Uuid,
    name: String,
    tag: Tag,
    lines: Vec<String>,
}

/// # Errors
/// When the database fails.
pub(super) async fn who_sees(grant: &Grant<ManageAccess>) -> Result<Found, Error> {
    let (t, zone, now) = (grant.texts(), grant.zone(), grant.now().instant);
    let (open, over): (Vec<Access>, Vec<Access>) =
        accesses(grant, grant.patient().0).await?.into_iter().partition(|access| access.level.is_ok());
    let invited = invitations(grant).await?.into_iter().map(|invitation| {
        let state = if invitation.state == InvitationState::Draft { t.family_draft() } else { t.family_waiting() };
        let until = if invitation.expires_at <= now {
            t.family_invitation_over().to_owned()
        } else {
            t.family_invitation_until(&t.date(local_date(invitation.expires_at, &zone)))
        };
        let lines = vec![level_in_words(t, Level::Adult(invitation.level)), until];
        Invited { id: invitation.id, name: invitation.name, tag: Tag::neutral(state), lines }
    });
    let turned_eighteen = over.iter().filter(|access| access.level == Err(EndReason::TurnedEighteen));
    let parents = turned_eighteen.filter_map(|access| Some((access.name.clone(), access.email.clone()?))).collect();
    let over = over.into_iter().map(|access| {
        let ended = access.ended_at.or(access.until).map(|at| t.date(local_date(at, &zone))).unwrap_or_default();
        vec![access.name, access.level.err().map(|reason| ended_in_words(t, reason).to_owned()).unwrap_or_default(), ended]
    });
    Ok(Found { patient: grant.patient(), invited: invited.collect(), parents, over: over.collect(), open: open_accesses(t, open, &zone) })
}

fn open_accesses(t: Texts, open: Vec<Access>, zone: &Tz) -> Vec<Opened> {
    let open = open.into_iter().map(|access| {
        let since = t.date(local_date(access.since, zone));
        let mut lines = vec![access.level.map(|level| level_in_words(t, level)).unwrap_or_default()];
        lines.push(
            access.given_by.as_ref().map_or_else(|| t.family_since(&since), |by| t.family_since_by(param::At(&since), param::By(by))),
        );
        lines.extend(access.until.map(|at| t.family_ends(&last_day_in_words(t, at, zone))));
        lines.push(access.last_used.map_or(t.family_never_used().into(), |at| t.family_last_used(&t.date_and_time(at, zone))));
        Opened { lines, last_day: access.until.map(|at| last_day(at, zone)).unwrap_or_default(), access }
    });
    open.collect()
}

#[component]
pub(super) fn WhoSees(found: Found) -> impl IntoView {
    let t = texts();
    let Found { patient, open, invited, parents, over } = found;
    let nobody = open.is_empty() && invited.is_empty();
    view! {
        <MainButton href="/sharing/invite" label=t.family_invite()/>
        {nobody.then(|| view! { <p class="text">{t.family_nobody()}</p> })}
        {open.into_iter().map(|open| view! { <OpenAccess patient open/> }).collect_view()}
        {invited.into_iter().map(|invited| view! { <Invitation patient invited/> }).collect_view()}
        <p class="text">{t.family_shared_too()}</p>
        <QuietButton href=format!("/p/{patient}/share") label=t.share_title()/>
        // A new adult brings a parent back with one tap; the preview comes before anything is sent.
        {parents.into_iter().map(|(name, email)| view! { <InviteAgain patient name email/> }).collect_view()}
        {(!over.is_empty()).then(|| {
            let head = vec![t.family_name().to_owned(), t.family_why().to_owned(), t.family_when().to_owned()];
            view! { <Disclosure summary=t.family_over()><Table caption=t.family_over() head rows=over/></Disclosure> }
        })}
    }
}

#[component]
fn OpenAccess(patient: PatientId, open: Opened) -> impl IntoView {
    let t = texts();
    let Opened { access, lines, last_day } = open;
    let Access { id, name, relationship, basis, chosen, may_share, .. } = access;
    let hidden = vec![("patient", patient.to_string()), ("id", id.to_string())];
    let end = t.family_end(&name);
    let change = (basis == Basis::AdultAdult).then(|| {
        view! { <Disclosure summary=t.family_change(&name)><ChangeAccessForm patient id level=chosen may_share last_day/></Disclosure> }
    });
    view! {
        <Item title=name tag=Some(Tag::good(relationship_in_words(t, relationship))) lines>
            {change}
            <Disclosure summary=t.family_end_ask()>
                <p class="text">{t.family_end_text()}</p>
                <PostForm action=EndAccess::PATH submit=end quiet=true hidden/>
            </Disclosure>
        </Item>
    }
}

#[component]
fn Invitation(patient: PatientId, invited: Invited) -> impl IntoView {
    let t = texts();
    let Invited { id, name, tag, lines } = invited;
    let hidden = vec![("patient", patient.to_string()), ("id", id.to_string())];
    view! {
        <Item title=name tag=Some(tag) lines>
            <QuietButton href=format!("/sharing/invitations/{id}") label=t.family_look_again()/>
            <PostForm action=WithdrawInvitation::PATH submit=t.family_withdraw() quiet=true hidden/>
        </Item>
    }
}

#[component]
fn InviteAgain(patient: PatientId, name: String, email: String) -> impl IntoView {
    let t = texts();
    let submit = t.family_invite_again(&name);
    let hidden = vec![
        ("patient", patient.to_string()),
        ("name", name.clone()),
        ("email", email),
        ("relationship", Relationship::Parent.as_str().to_owned()),
        ("level", AdultLevel::All.as_str().to_owned()),
    ];
    view! {
        <Item title=name tag=Some(Tag::neutral(t.family_over())) lines=vec![t.family_adult_now().to_owned()]>
            <PostForm action=DraftInvitation::PATH submit quiet=true hidden/>
        </Item>
    }
}
