//! The pages of sharing.

use leptos::server_fn::ServerFn;
use uuid::Uuid;

use super::{
    api,
    model::InvitationState,
    store::{self, Access},
};
use crate::{
    access::{
        Grant, Level, allow,
        policy::{self, ManageAccess, UseOwnAccount},
    },
    base::{clock::local_date, end_reason::EndReason, error::Error, i18n::Texts, ids::PatientId},
    people::relation::{AdultLevel, Basis, Relationship},
    view::screens::{
        good, link,
        model::{Field, Form, Kind, Part, Screen},
        plain, query_value,
    },
};

/// Who sees my chart, and whose charts I see.
pub async fn sharing(query: &str) -> Result<Screen, Error> {
    let grant = allow::<UseOwnAccount>(()).await?;
    let t = grant.texts();
    let mut screen = Screen::new(t.family_title(), t.family_lead());
    let done = match query_value(query, "done").as_deref() {
        Some("sent") => Some(t.family_done_sent()),
        Some("withdrawn") => Some(t.family_done_withdrawn()),
        Some("changed") => Some(t.family_done_changed()),
        Some("ended") => Some(t.family_done_ended()),
        Some("given-up") => Some(t.family_done_given_up()),
        _ => None,
    };
    if let Some(done) = done {
        screen = screen.notice("", done);
    }
    if let Some(own) = grant.holder()?.own_chart.as_ref().map(|own| own.patient) {
        screen = screen.sheet(t.family_who_sees(), who_sees(&allow::<ManageAccess>(own).await?).await?);
    }
    screen = screen.sheet(t.family_i_see(), i_see(&grant)?);
    Ok(screen.sheet(
        t.family_ask(),
        vec![Part::Ways(vec![
            (link("/sharing/child", t.family_child()), t.family_child_says().into()),
            (link("/sharing/papers", t.family_papers()), t.family_papers_says().into()),
            (link("/requests", t.requests_title()), t.requests_says().into()),
        ])],
    ))
}

async fn who_sees(grant: &Grant<ManageAccess>) -> Result<Vec<Part>, Error> {
    let t = grant.texts();
    let zone = grant.zone();
    let mut parts = vec![Part::button("/sharing/invite", t.family_invite())];
    let (open, over): (Vec<Access>, Vec<Access>) =
        store::accesses(grant, grant.patient().0).await?.into_iter().partition(|access| access.level.is_ok());
    let invitations = store::invitations(grant).await?;
    if open.is_empty() && invitations.is_empty() {
        parts.push(Part::text(t.family_nobody()));
    }
    for access in open {
        let mut lines = vec![access.level.map(|level| level_in_words(t, level)).unwrap_or_default()];
        lines.extend(facts(t, &access, &zone));
        let mut change = Vec::new();
        if access.basis == Basis::AdultAdult {
            let form = Form::post(api::ChangeAccess::PATH, t.family_save())
                .hidden("patient", grant.patient())
                .hidden("id", access.id)
                .field(levels(t, &format!("level-{}", access.id)).value(access.chosen.map_or("", AdultLevel::as_str)))
                .field(
                    Field::new("until", t.family_until(), Kind::Date)
                        .id(format!("until-{}", access.id))
                        .hint(t.family_until_hint())
                        .value(access.until.map(|at| last_day(at, &zone)).unwrap_or_default())
                        .optional(),
                )
                .done();
            change.push(Part::More { summary: t.family_change(&access.name), parts: vec![form] });
        }
        change.push(
            Form::post(api::EndAccess::PATH, t.family_end(&access.name))
                .quiet()
                .hidden("patient", grant.patient())
                .hidden("id", access.id)
                .done(),
        );
        let tag = good(relationship_in_words(t, access.relationship));
        parts.push(Part::Entry { title: access.name, tag, lines, parts: change });
    }
    for invitation in invitations {
        let draft = invitation.state == InvitationState::Draft;
        let state = if draft { t.family_draft() } else { t.family_waiting() };
        let over = invitation.expires_at <= grant.now().instant;
        let lines = vec![
            level_in_words(t, Level::Adult(invitation.level)),
            if over {
                t.family_invitation_over().into()
            } else {
                t.family_invitation_until(&t.date(local_date(invitation.expires_at, &zone)))
            },
        ];
        let mut acts = vec![Part::quiet(format!("/sharing/invitations/{}", invitation.id), t.family_look_again())];
        acts.push(
            Form::post(api::WithdrawInvitation::PATH, t.family_withdraw())
                .quiet()
                .hidden("patient", grant.patient())
                .hidden("id", invitation.id)
                .done(),
        );
        parts.push(Part::Entry { title: invitation.name, tag: plain(state), lines, parts: acts });
    }
    // A new adult brings a parent back with one tap; the preview comes before anything is sent.
    for access in over.iter().filter(|access| access.level == Err(EndReason::TurnedEighteen)) {
        let Some(email) = &access.email else { continue };
        let again = Form::post(api::DraftInvitation::PATH, t.family_invite_again(&access.name))
            .quiet()
            .hidden("patient", grant.patient())
            .hidden("name", &access.name)
            .hidden("email", email)
            .hidden("relationship", Relationship::Parent.as_str())
            .hidden("level", AdultLevel::All.as_str())
            .done();
        parts.push(Part::Entry {
            title: access.name.clone(),
            tag: plain(t.family_over()),
            lines: vec![t.family_adult_now().into()],
            parts: vec![again],
        });
    }
    if !over.is_empty() {
        let rows = over
            .into_iter()
            .map(|access| {
                let ended = access.ended_at.or(access.until).map(|at| t.date(local_date(at, &zone))).unwrap_or_default();
                vec![access.name, access.level.err().map(|reason| ended_in_words(t, reason).to_owned()).unwrap_or_default(), ended]
            })
            .collect();
        let head = vec![t.family_name().into(), t.family_why().into(), t.family_when().into()];
        let table = Part::Table { caption: t.family_over().into(), head, rows };
        parts.push(Part::More { summary: t.family_over().into(), parts: vec![table] });
    }
    Ok(parts)
}

fn facts(t: Texts, access: &Access, zone: &chrono_tz::Tz) -> Vec<String> {
    let mut lines = vec![match &access.given_by {
        Some(by) => t.family_since_by(&t.date(local_date(access.since, zone)), by),
        None => t.family_since(&t.date(local_date(access.since, zone))),
    }];
    lines.extend(access.until.map(|at| t.family_ends(&last_day_in_words(t, at, zone))));
    lines.push(access.last_used.map_or(t.family_never_used().into(), |at| t.family_last_used(&t.date_and_time(at, zone))));
    lines
}

/// The last day on which access that ends at a midnight is open.
fn last_day(until: chrono::DateTime<chrono::Utc>, zone: &chrono_tz::Tz) -> String {
    local_date(until - chrono::TimeDelta::seconds(1), zone).to_string()
}

fn last_day_in_words(t: Texts, until: chrono::DateTime<chrono::Utc>, zone: &chrono_tz::Tz) -> String {
    t.date(local_date(until - chrono::TimeDelta::seconds(1), zone))
}

fn i_see(grant: &Grant<UseOwnAccount>) -> Result<Vec<Part>, Error> {
    let t = grant.texts();
    let mine = store::mine(grant)?;
    if mine.is_empty() {
        return Ok(vec![Part::text(t.family_no_charts())]);
    }
    Ok(mine
        .into_iter()
        .map(|chart| {
            let mut lines = vec![level_in_words(t, chart.level), t.age(chart.age)];
            lines.extend(chart.until.map(|at| t.family_ends(&last_day_in_words(t, at, &grant.zone()))));
            lines.extend((chart.basis == Basis::ParentChild).then(|| t.family_by_age().to_owned()));
            let patient = chart.person.patient;
            let give_up =
                Form::post(api::GiveUpAccess::PATH, t.family_give_up(&chart.person.given_name)).quiet().hidden("patient", patient);
            let acts = vec![
                Part::quiet(format!("/people/{patient}"), t.family_look()),
                Part::More { summary: t.family_give_up_ask().into(), parts: vec![Part::text(t.family_give_up_text()), give_up.done()] },
            ];
            Part::Entry { title: chart.person.full_name, tag: plain(relation_of(t, chart.relationship)), lines, parts: acts }
        })
        .collect())
}

/// Whom to invite, and to what.
pub async fn invite() -> Result<Screen, Error> {
    let own = own_chart().await?;
    let grant = allow::<ManageAccess>(own).await?;
    let t = grant.texts();
    let form = Form::post(api::DraftInvitation::PATH, t.family_see_preview())
        .hidden("patient", own)
        .field(Field::text("name", t.family_their_name()))
        .field(Field::new("email", t.family_their_email(), Kind::Email).hint(t.family_their_email_hint()))
        .field(Field::select(
            "relationship",
            t.family_relationship(),
            std::iter::once((String::new(), t.signup_choose().to_owned()))
                .chain(
                    [Relationship::Spouse, Relationship::Child, Relationship::Parent, Relationship::Caregiver]
                        .map(|found| (found.as_str().to_owned(), relationship_in_words(t, found).to_owned())),
                )
                .collect(),
        ))
        .field(levels(t, "level"))
        .field(Field::new("until", t.family_until(), Kind::Date).hint(t.family_until_hint()).optional())
        .done();
    Ok(Screen::new(t.family_invite(), t.family_invite_lead()).narrow().back("/sharing", t.family_title()).sheet("", vec![form]))
}

/// Exactly what the other will see, before anything is sent.
pub async fn invitation_preview(id: &str) -> Result<Screen, Error> {
    let own = own_chart().await?;
    let grant = allow::<ManageAccess>(own).await?;
    let t = grant.texts();
    let id: Uuid = id.parse().map_err(|_| Error::NotFound)?;
    let row = store::own_invitation(&grant, id).await?;
    if !matches!(row.state, InvitationState::Draft | InvitationState::Sent) {
        return Err(Error::NotFound);
    }
    let preview = store::preview(&grant, row.level).await?;
    let level = Level::Adult(row.level);
    let zone = grant.zone();
    let sees = |yes: bool, what: &str| (what.to_owned(), if yes { t.family_yes().to_owned() } else { t.family_no().to_owned() });
    let mut seen: Vec<Part> = vec![Part::Facts(vec![
        sees(true, t.family_sees_person()),
        sees(level.sees_schedule(), t.family_sees_visits()),
        sees(row.level >= AdultLevel::ScheduleMessagesBilling, t.family_sees_bills()),
        sees(level.sees_clinical(), t.family_sees_notes()),
        sees(level.sees_sensitive(), t.family_sees_sensitive()),
    ])];
    seen.push(Part::Heading(t.family_preview_visits().into()));
    if preview.upcoming.is_empty() {
        seen.push(Part::text(t.family_preview_no_visits()));
    } else {
        seen.push(Part::Bullets(preview.upcoming.iter().map(|(at, title)| format!("{}: {title}", t.date_and_time(*at, &zone))).collect()));
    }
    seen.push(Part::text(t.family_preview_past(&preview.past_visits.to_string())));
    seen.push(Part::Heading(t.family_preview_notes().into()));
    seen.push(Part::text(t.family_preview_counts(&preview.notes_hidden.to_string(), &preview.notes.to_string())));
    let send = if row.state == InvitationState::Sent { t.family_send_again().to_owned() } else { t.family_send(&row.name) };
    let acts = vec![
        Part::facts([
            (t.family_name(), Some(row.name.clone())),
            (t.signup_email(), Some(row.email)),
            (t.family_what(), Some(level_in_words(t, level))),
            (t.family_until(), row.access_until.map(|at| last_day_in_words(t, at, &zone))),
        ]),
        Part::text(t.family_preview_how(&row.name)),
        Form::post(api::SendInvitation::PATH, send).hidden("patient", own).hidden("id", id).done(),
        Form::post(api::WithdrawInvitation::PATH, t.family_withdraw()).quiet().hidden("patient", own).hidden("id", id).done(),
    ];
    Ok(Screen::new(t.family_preview_title(&row.name), t.family_preview_lead(&row.name))
        .back("/sharing/invite", t.family_invite())
        .sheet(t.family_preview_sees(&row.name), seen)
        .sheet(t.family_invitation(), acts))
}

/// Behind the link of an invitation.
pub async fn invitation(query: &str) -> Result<Screen, Error> {
    let grant = allow::<policy::ReadInvitation>(()).await?;
    let t = grant.texts();
    let token = query_value(query, "token").unwrap_or_default();
    let (row, patient) = match store::invited_by(&grant, &token).await {
        Err(Error::Invalid(_)) => {
            return Ok(Screen::new(t.family_over_title(), t.family_over_lead())
                .narrow()
                .sheet("", vec![Part::quiet("/help", t.help_title())]));
        }
        other => other?,
    };
    let about = Part::facts([
        (t.family_what(), Some(level_in_words(t, Level::Adult(row.level)))),
        (t.family_until(), row.access_until.map(|at| last_day_in_words(t, at, &grant.zone()))),
    ]);
    let decline = Form::post(api::DeclineInvitation::PATH, t.family_decline()).quiet().hidden("token", &token).done();
    let screen = Screen::new(t.family_invited_title(&patient), t.family_invited_lead(&patient)).narrow();
    if grant.holder().is_err() {
        let next = format!("/invitation%3Ftoken%3D{token}");
        let begin = Form::post(api::BeginAsInvited::PATH, t.family_create())
            .hidden("token", &token)
            .field(Field::text("name", t.family_your_name()).value(row.name).autocomplete("name"))
            .field(birth_date(t).hint(t.family_your_birth_date_hint()))
            .done();
        return Ok(screen
            .sheet(
                t.family_have_account(),
                vec![about, Part::text(t.family_have_account_text()), Part::button(format!("/sign-in?next={next}"), t.sign_in_title())],
            )
            .sheet(t.family_no_account(), vec![Part::text(t.family_no_account_text()), begin])
            .sheet(t.family_not_for_you(), vec![decline]));
    }
    let accept = Form::post(api::AcceptInvitation::PATH, t.family_accept())
        .hidden("token", &token)
        .field(birth_date(t).hint(t.family_birth_date_of(&patient)))
        .field(Field::check("terms", t.family_terms_accept(), false))
        .done();
    Ok(screen
        .sheet(t.family_terms(), vec![about, Part::bullets([t.family_terms_1(), t.family_terms_2(), t.family_terms_3()]), accept])
        .sheet(t.family_not_for_you(), vec![decline]))
}

pub async fn invitation_declined() -> Result<Screen, Error> {
    let grant = allow::<policy::ReadInvitation>(()).await?;
    let t = grant.texts();
    Ok(Screen::new(t.family_declined_title(), t.family_declined_lead()).narrow())
}

/// A parent asks for a child's chart.
pub async fn child() -> Result<Screen, Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let t = grant.texts();
    let form = Form::post(api::AskForChild::PATH, t.family_child_submit())
        .field(Field::text("given_name", t.family_child_given_name()))
        .field(Field::text("family_name", t.family_child_family_name()))
        .field(Field::new("birth_date", t.family_child_birth_date(), Kind::Date))
        .field(Field::radio(
            "relationship",
            t.family_child_relationship(),
            [("parent", t.family_child_parent(), ""), ("guardian", t.family_child_guardian(), "")],
        ))
        .field(Field::check("attested", t.family_child_attest(), false))
        .done();
    Ok(Screen::new(t.family_child(), t.family_child_lead()).narrow().back("/sharing", t.family_title()).sheet("", vec![form]).sheet(
        t.family_child_rules(),
        vec![Part::bullets([t.help_proxy_child(), t.help_proxy_teen()]), Part::text(t.help_proxy_eighteen())],
    ))
}

/// Papers are brought.
pub async fn papers() -> Result<Screen, Error> {
    let grant = allow::<policy::ManageOwnAccount>(()).await?;
    let t = grant.texts();
    let form = Form::post(api::BringPapers::PATH, t.family_papers_submit())
        .files()
        .field(Field::radio(
            "kind",
            t.family_papers_kind(),
            [
                ("power_of_attorney", t.family_papers_attorney(), t.family_papers_attorney_says()),
                ("guardianship", t.family_papers_guardian(), t.family_papers_guardian_says()),
            ],
        ))
        .field(Field::text("given_name", t.family_papers_given_name()))
        .field(Field::text("family_name", t.family_papers_family_name()))
        .field(Field::new("birth_date", t.family_papers_birth_date(), Kind::Date))
        .field(Field::new("until", t.family_papers_until(), Kind::Date).hint(t.family_papers_until_hint()).optional())
        .field(
            Field::new("file", t.family_papers_file(), Kind::File { accept: "application/pdf,image/jpeg,image/png".into() })
                .hint(t.family_papers_file_hint()),
        )
        .done();
    Ok(Screen::new(t.family_papers(), t.family_papers_lead()).narrow().back("/sharing", t.family_title()).sheet("", vec![form]))
}

/// How one person is shown to me.
pub async fn look(patient: &str) -> Result<Screen, Error> {
    let patient: PatientId = patient.parse().map_err(|_| Error::NotFound)?;
    let grant = allow::<policy::OpenChart>(patient).await?;
    let t = grant.texts();
    let look = store::look(&grant).await?;
    let holder = grant.holder()?;
    let person = holder
        .own_chart
        .iter()
        .chain(holder.proxies.iter().map(|found| &found.person))
        .find(|person| person.patient == patient)
        .ok_or(Error::NotFound)?;
    let given = holder.proxies.iter().find(|found| found.person.patient == patient).map_or(0, |found| found.hue);
    let hue = look.as_ref().and_then(|look| look.hue).unwrap_or(i32::from(given)).to_string();
    let hues =
        [t.look_hue_0(), t.look_hue_1(), t.look_hue_2(), t.look_hue_3(), t.look_hue_4(), t.look_hue_5(), t.look_hue_6(), t.look_hue_7()];
    let hues = hues.into_iter().enumerate().map(|(index, words)| (index.to_string(), words.to_owned())).collect();
    let form = Form::post(api::KeepLook::PATH, t.family_save())
        .hidden("patient", patient)
        .field(Field::select("hue", t.look_hue(), hues).value(hue))
        .field(
            Field::text("nickname", t.look_nickname())
                .hint(t.look_nickname_hint())
                .value(look.as_ref().and_then(|look| look.nickname.clone()).unwrap_or_default())
                .optional(),
        )
        .done();
    let has_photo = look.is_some_and(|look| look.photo.is_some());
    let mut photo = Vec::new();
    if has_photo {
        photo.push(Part::Picture { src: format!("/files/photo/{patient}"), alt: t.look_photo_of(&person.given_name) });
        photo.push(Form::post(api::ForgetPhoto::PATH, t.look_photo_remove()).quiet().hidden("patient", patient).done());
    }
    photo.push(
        Form::post(api::KeepPhoto::PATH, t.look_photo_keep())
            .quiet()
            .files()
            .hidden("patient", patient)
            .field(
                Field::new("photo", t.look_photo(), Kind::File { accept: "image/jpeg,image/png,image/webp".into() })
                    .hint(t.look_photo_hint()),
            )
            .done(),
    );
    Ok(Screen::new(t.look_title(&person.given_name), t.look_lead())
        .narrow()
        .back("/people", t.people_title())
        .sheet(t.look_color(), vec![form])
        .sheet(t.look_photo(), photo))
}

async fn own_chart() -> Result<PatientId, Error> {
    let grant = allow::<UseOwnAccount>(()).await?;
    grant.holder()?.own_chart.as_ref().map(|own| own.patient).ok_or(Error::NotFound)
}

pub(crate) fn levels(t: Texts, id: &str) -> Field {
    let choices = [
        (AdultLevel::ScheduleMessages.as_str(), t.staff_level_schedule(), t.family_level_schedule_says()),
        (AdultLevel::ScheduleMessagesBilling.as_str(), t.staff_level_schedule_billing(), t.family_level_billing_says()),
        (AdultLevel::AllButSensitive.as_str(), t.staff_level_all_but_sensitive(), t.family_level_but_says()),
        (AdultLevel::All.as_str(), t.staff_level_all(), t.family_level_all_says()),
    ];
    Field::radio("level", t.family_level(), choices).id(id)
}

pub(crate) fn level_in_words(t: Texts, level: Level) -> String {
    match level {
        Level::Full | Level::Adult(AdultLevel::All) => t.staff_level_all(),
        Level::Demographics => t.staff_level_demographics(),
        Level::Adult(AdultLevel::ScheduleMessages) => t.staff_level_schedule(),
        Level::Adult(AdultLevel::ScheduleMessagesBilling) => t.staff_level_schedule_billing(),
        Level::Adult(AdultLevel::AllButSensitive) => t.staff_level_all_but_sensitive(),
    }
    .to_owned()
}

pub(crate) fn ended_in_words(t: Texts, reason: EndReason) -> &'static str {
    match reason {
        EndReason::TurnedEighteen => t.staff_ended_eighteen(),
        EndReason::Emancipated => t.staff_ended_emancipated(),
        EndReason::Expired => t.staff_ended_expired(),
        EndReason::Revoked => t.staff_ended_revoked(),
    }
}

/// What the patient is to the reader, who is `relationship` to the patient.
fn relation_of(t: Texts, relationship: Relationship) -> &'static str {
    match relationship {
        Relationship::Parent => t.people_your_child(),
        Relationship::Child => t.people_your_parent(),
        Relationship::Spouse => t.people_your_spouse(),
        Relationship::Caregiver => t.people_you_care_for(),
        Relationship::Guardian => t.people_your_ward(),
    }
}

pub(crate) fn relationship_in_words(t: Texts, relationship: Relationship) -> &'static str {
    match relationship {
        Relationship::Parent => t.family_parent(),
        Relationship::Child => t.family_adult_child(),
        Relationship::Spouse => t.family_spouse(),
        Relationship::Caregiver => t.family_caregiver(),
        Relationship::Guardian => t.family_guardian(),
    }
}

fn birth_date(t: Texts) -> Field {
    Field::new("birth_date", t.signup_birth_date(), Kind::Date).autocomplete("bday")
}
