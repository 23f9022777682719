use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use crate::{
    access::{
        Grant, Permission, allow,
        policy::{ArrangeVisits, JoinVideo, SeeSchedules},
    },
    base::{
        error::Error,
        i18n::{param, texts},
        ids::PatientId,
    },
    desk::{
        scheduling::staff_visits::patient_of_visit,
        video::{
            day,
            entity::video_guest,
            guests,
            model::{Gate, MOST_GUESTS, Way},
            room::VideoVisit,
        },
    },
    features::video::api,
    platform::{request as web, secret::Secret},
    view::{
        Notice,
        fields::Field,
        form::PostForm,
        page::{Page, PageRequest},
        sections::{Disclosure, Item, Section},
    },
};

/// The guests of a visit, for the patient's side: a page of its own, so that nobody leaves the room to invite somebody.
///
/// # Errors
/// `NotFound` for a visit that is not of this chart, or that is none by video.
pub async fn of_patient(request: PageRequest) -> Result<Page, Error> {
    let (patient, id): (PatientId, Uuid) = (request.id(0)?, request.id(1)?);
    let grant = allow::<JoinVideo>(patient).await?;
    let found = VideoVisit::of(&grant, id).await?;
    page(&grant, &request, &found, (api::InviteGuest::PATH, api::EndGuest::PATH)).await
}

/// The same for its office.
///
/// # Errors
/// `NotFound` for a visit of other departments, or that is none by video.
pub async fn of_staff(request: PageRequest) -> Result<Page, Error> {
    let id: Uuid = request.id(0)?;
    let patient = patient_of_visit(&allow::<SeeSchedules>(()).await?, id).await?;
    let grant = allow::<ArrangeVisits>(patient).await?;
    let found = day::video_visit(&grant, id).await?;
    page(&grant, &request, &found, (api::StaffInvite::PATH, api::StaffEndGuest::PATH)).await
}

async fn page<P: Permission<Scope = PatientId>>(
    grant: &Grant<P>,
    request: &PageRequest,
    found: &VideoVisit,
    (invite, end): (&'static str, &'static str),
) -> Result<Page, Error> {
    let (t, zone, patient, visit) = (grant.texts(), grant.zone(), grant.patient(), found.visit.id);
    let secret: Secret = web::context()?;
    let links = guests::of_visit(grant, &secret, visit).await?.into_iter().map(|(row, code)| GuestLink {
        link: code.map(|code| grant.link(&format!("/video/guest/{code}"))),
        made_at: t.date_and_time(row.made_at, &zone),
        row,
    });
    let links: Vec<GuestLink> = links.collect();
    let done = match request.query("done").as_deref() {
        Some("invited") => Some(t.video_guest_invited()),
        Some("guest-ended") => Some(t.video_guest_ended()),
        _ => None,
    };
    let is_open = found.way == Way::Portal && matches!(found.gate, Gate::Open | Gate::Early(_));
    let room = request.path().trim_end_matches("/guests").to_owned() + "/video";
    Ok(Page::new(t.video_guests(), t.video_title()).narrow().back(room, t.video_title()).body(view! {
        {done.map(|words| view! { <Notice><p class="text">{words}</p></Notice> })}
        <Guests patient visit links invite end is_open/>
    }))
}

/// A guest's link as the page shows it.
struct GuestLink {
    row: video_guest::Model,
    /// The whole address; nothing when it was sealed with another secret.
    link: Option<String>,
    made_at: String,
}

/// The links that live, and making one.
#[component]
fn Guests(patient: PatientId, visit: Uuid, links: Vec<GuestLink>, invite: &'static str, end: &'static str, is_open: bool) -> impl IntoView {
    let t = texts();
    let hidden = move || vec![("patient", patient.to_string()), ("visit", visit.to_string())];
    let has_room = is_open && links.len() < MOST_GUESTS;
    let links = links.into_iter().map(|GuestLink { row, link, made_at }| {
        let made = t.video_guest_made(param::At(&made_at), param::By(&row.made_by));
        let called = row.name.as_ref().map(|name| t.video_guest_called(name));
        let lines: Vec<String> = [Some(made), called].into_iter().flatten().collect();
        let (label, id) = (t.video_guest_link(&row.whom), format!("guest-{}", row.id));
        let shown = match link {
            Some(link) => {
                let words: String = form_urlencoded::byte_serialize(t.video_guest_letter(&link).as_bytes()).collect();
                // A space is no plus there.
                let words = words.replace('+', "%20");
                view! {
                    <div class="field"><label for=id.clone()>{label}</label><input id=id readonly value=link/></div>
                    <div class="acts">
                        <a class="btn quiet" href=format!("sms:?&body={words}") rel="external">{t.video_guest_by_text()}</a>
                        <a class="btn quiet" href=format!("mailto:?body={words}") rel="external">{t.video_guest_by_mail()}</a>
                    </div>
                }
                .into_any()
            }
            None => view! { <p class="text">{t.video_guest_hidden()}</p> }.into_any(),
        };
        let fields = [hidden(), vec![("guest", row.id.to_string())]].concat();
        view! { <Item title=row.whom lines>{shown}<PostForm action=end submit=t.video_guest_end() quiet=true hidden=fields/></Item> }
    });
    let links = links.collect_view();
    view! {
        <Section heading=t.video_guests() id="guests">
            <p class="text">{t.video_guests_says()}</p>
            {links}
            {has_room.then(|| view! {
                <Disclosure summary=t.video_guest_invite()>
                    <PostForm action=invite submit=t.video_guest_invite() quiet=true hidden=hidden()>
                        <Field name="whom" label=t.video_guest_whom() hint=t.video_guest_whom_hint()/>
                    </PostForm>
                </Disclosure>
            })}
        </Section>
    }
}
