//! The pages of staff.

use leptos::server_fn::ServerFn;
use qrcode::EcLevel;

use super::{api, store};
use crate::{
    access::{
        Grant, allow,
        policy::{self, ViewPatientAccount},
        proxy,
    },
    base::{boot::Boot, error::Error, i18n::Texts, ids::PatientId},
    features::{
        account::{
            core::may_hold_account,
            sign_up::{fields::question_in_words, model::QUESTIONS},
        },
        family::{
            screens::{ended_in_words, level_in_words, levels, relationship_in_words},
            store as family,
        },
    },
    platform::request as web,
    view::{
        qr,
        screens::{
            good, link,
            model::{Field, Form, Kind, Part, Screen},
            off, plain, query_value,
        },
    },
};

/// Finds a patient, and who has access to their chart.
pub async fn patients(query: &str) -> Result<Screen, Error> {
    let grant = allow::<policy::FindPatients>(()).await?;
    let t = grant.texts();
    let asked = query_value(query, "query").unwrap_or_default();
    let found = store::find(&grant, &asked).await?;
    let search = Form::search(t.staff_find())
        .field(Field::new("query", t.staff_query(), Kind::Search).hint(t.staff_hint()).value(asked.clone()).optional())
        .done();
    let mut screen = Screen::new(t.staff_title(), t.staff_lead()).narrow().sheet("", vec![search]);
    if found.is_empty() && !asked.is_empty() {
        screen = screen.sheet("", vec![Part::text(t.staff_nobody())]);
    }
    for patient in found {
        let facts = [Some(format!("{} ({})", patient.birth_date, t.age(patient.age))), patient.record_number, patient.phone];
        let line = facts.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        let tag = if patient.has_account { good(t.staff_has_account()) } else { off(t.staff_no_account()) };
        let mut parts = Vec::new();
        if !patient.proxies.is_empty() {
            let rows = patient.proxies.into_iter().map(|proxy| (proxy.name, words(t, proxy.level))).collect();
            parts.push(Part::Facts(rows));
        }
        if grant.would_allow::<ViewPatientAccount>(&PatientId(patient.id)) {
            parts.push(Part::quiet(format!("/staff/patients/{}", patient.id), t.staff_open(&patient.full_name)));
        }
        let emancipated = patient.emancipated.then(|| t.staff_emancipated().to_owned());
        let lines = [Some(line), emancipated].into_iter().flatten().collect();
        screen = screen.sheet("", vec![Part::Entry { title: patient.full_name, tag, lines, parts }]);
    }
    Ok(screen)
}

fn words(t: Texts, level: Result<crate::access::Level, crate::base::end_reason::EndReason>) -> String {
    match level {
        Ok(level) => level_in_words(t, level),
        Err(reason) => ended_in_words(t, reason).to_owned(),
    }
}

/// One patient: account, access, and what may be done.
pub async fn patient(patient: &str, query: &str) -> Result<Screen, Error> {
    let patient: PatientId = patient.parse().map_err(|_| Error::NotFound)?;
    let grant = allow::<ViewPatientAccount>(patient).await?;
    let t = grant.texts();
    let (found, account) = store::one(&grant).await?;
    let full_name = format!("{} {}", found.given_name, found.family_name);
    let today = grant.now().today;
    let mut screen = Screen::new(full_name, t.staff_patient_lead()).back("/staff/patients", t.staff_title());
    let done = match query_value(query, "done").as_deref() {
        Some("created") => Some(t.staff_done_created()),
        Some("recorded") => Some(t.staff_done_recorded()),
        Some("ended") => Some(t.family_done_ended()),
        Some("emancipated") => Some(t.staff_done_emancipated()),
        _ => None,
    };
    if let Some(done) = done {
        screen = screen.notice("", done);
    }
    let age = proxy::age_on(found.birth_date, today);
    let city: Vec<String> = [&found.address_line, &found.city, &found.state, &found.postal_code].into_iter().flatten().cloned().collect();
    screen = screen.sheet(
        t.personal_about(),
        vec![Part::facts([
            (t.personal_birth_date(), Some(format!("{} ({})", t.date(found.birth_date), t.age(age)))),
            (t.personal_record_number(), found.mrn.clone()),
            (t.personal_address(), Some(city.join(", ")).filter(|city| !city.is_empty())),
            (t.personal_phone_mobile(), found.phone_mobile.clone()),
            (t.personal_phone_home(), found.phone_home.clone()),
            (t.personal_email(), found.email.clone()),
            (t.staff_emancipated(), found.emancipated_on.map(|day| t.date(day))),
        ])],
    );
    let may_create = grant.would_allow::<policy::CreateAccounts>(&patient);
    let account_parts = match &account {
        Some(account) => vec![
            Part::Entry { title: t.staff_account().into(), tag: good(t.staff_has_account()), lines: Vec::new(), parts: Vec::new() },
            Part::facts([
                (t.staff_since(), Some(t.date_and_time(account.created_at, &grant.zone()))),
                (t.second_settings_title(), Some(if account.totp_confirmed_at.is_some() { t.second_on() } else { t.second_off() }.into())),
            ]),
            Part::text(t.staff_recover()),
        ],
        None if !may_hold_account(&found, today) => vec![Part::text(t.staff_minor())],
        None if may_create => new_account(t, patient),
        None => vec![Part::text(t.staff_no_account())],
    };
    screen = screen.named_sheet("account", t.staff_account(), account_parts);
    screen = screen.sheet(t.staff_access(), access(&grant, patient).await?);
    if grant.would_allow::<policy::RecordAccess>(&patient) {
        screen = screen.sheet(t.staff_record(), vec![record_form(t, patient)]);
        if !proxy::is_adult(found.birth_date, today) && found.emancipated_on.is_none() {
            let form = Form::post(api::RecordEmancipation::PATH, t.staff_emancipate())
                .quiet()
                .hidden("patient", patient)
                .field(Field::check("papers_seen", t.staff_emancipate_papers(), false))
                .done();
            screen = screen.sheet(t.staff_emancipation(), vec![Part::text(t.staff_emancipation_text()), form]);
        }
    }
    let tour = Part::Ways(vec![(link("/help/new-experience", t.tour_new()), t.staff_letter_demo().into())]);
    Ok(screen.sheet(t.staff_letter_next(), vec![tour]))
}

fn new_account(t: Texts, patient: PatientId) -> Vec<Part> {
    let checks = |name: &'static str, form: crate::view::screens::FormBuilder| {
        form.hidden("patient", patient)
            .field(Field::check("photo_id", t.staff_check_photo(), false).id(format!("photo-id-{name}")))
            .field(Field::check("birth_date_said", t.staff_check_birth_date(), false).id(format!("birth-date-said-{name}")))
    };
    let code = checks("code", Form::post(api::HandOutCode::PATH, t.staff_code())).done();
    let create = checks("create", Form::post(api::CreateAccount::PATH, t.staff_create()))
        .field(Field::text("username", t.signup_username()).hint(t.signup_username_hint()))
        .field(Field::new("password", t.signup_password(), Kind::NewPassword).hint(t.password_hint()).autocomplete("new-password"))
        .field(Field::new("repeat", t.signup_repeat(), Kind::Password).autocomplete("new-password"))
        .field(question(t))
        .field(Field::text("answer", t.signup_answer()).hint(t.signup_answer_hint()))
        .field(Field::new("email", t.signup_email(), Kind::Email).hint(t.signup_email_hint()))
        .field(
            Field::radio("notices", t.signup_notices(), [("yes", t.signup_notices_yes(), ""), ("no", t.signup_notices_no(), "")])
                .value("yes"),
        )
        .done();
    vec![
        Part::Heading(t.staff_code_title().into()),
        Part::text(t.staff_code_text()),
        code,
        Part::More { summary: t.staff_create_title().into(), parts: vec![Part::text(t.staff_create_text()), create] },
    ]
}

async fn access(grant: &Grant<ViewPatientAccount>, patient: PatientId) -> Result<Vec<Part>, Error> {
    let t = grant.texts();
    let found = family::accesses(grant, patient.0).await?;
    if found.is_empty() {
        return Ok(vec![Part::text(t.staff_no_access())]);
    }
    let may_end = grant.would_allow::<policy::RecordAccess>(&patient);
    Ok(found
        .into_iter()
        .map(|access| {
            let open = access.level.is_ok();
            let mut lines = vec![words(t, access.level), t.family_since(&t.date_and_time(access.since, &grant.zone()))];
            lines.extend(access.given_by.map(|by| t.staff_given_by(&by)));
            lines.extend(access.until.map(|at| t.family_ends(&t.date_and_time(at, &grant.zone()))));
            lines.extend(access.end_note);
            let mut parts = Vec::new();
            if open && may_end {
                let form = Form::post(api::EndAccess::PATH, t.family_end(&access.name))
                    .quiet()
                    .hidden("patient", patient)
                    .hidden("id", access.id)
                    .field(Field::text("reason", t.queue_reason()).id(format!("reason-{}", access.id)))
                    .done();
                parts.push(Part::More { summary: t.staff_end().into(), parts: vec![form] });
            }
            let tag = if open { plain(relationship_in_words(t, access.relationship)) } else { off(t.family_over()) };
            Part::Entry { title: access.name, tag, lines, parts }
        })
        .collect())
}

fn record_form(t: Texts, patient: PatientId) -> Part {
    Form::post(api::RecordAccess::PATH, t.staff_record_submit())
        .quiet()
        .hidden("patient", patient)
        .field(Field::text("username", t.staff_record_username()).id("record-username").hint(t.staff_record_username_hint()))
        .field(Field::radio(
            "basis",
            t.staff_record_basis(),
            [
                ("parent_child", t.staff_basis_child(), t.staff_basis_child_says()),
                ("adult_adult", t.staff_basis_adult(), t.staff_basis_adult_says()),
                ("papers", t.staff_basis_papers(), t.staff_basis_papers_says()),
            ],
        ))
        .field(levels(t, "record-level").optional())
        .field(Field::new("until", t.family_until(), Kind::Date).id("record-until").hint(t.family_until_hint()).optional())
        .done()
}

/// The letter with the activation code, to print and hand over with the After Visit Summary. The code is shown once.
pub async fn code(patient: &str) -> Result<Screen, Error> {
    let id: PatientId = patient.parse().map_err(|_| Error::NotFound)?;
    let grant = allow::<ViewPatientAccount>(id).await?;
    let t = grant.texts();
    let shown = web::take_secret()?.and_then(|shown| shown.strip_prefix(&format!("{id}=")).map(str::to_owned));
    let Some(code) = shown else { return self::patient(patient, "").await };
    let (found, _) = store::one(&grant).await?;
    let brand = web::context::<Boot>()?.brand;
    let address = grant.link(&format!("/sign-up?code={code}"));
    let until = grant.now().today + crate::features::account::sign_up::model::LIFE;
    Ok(Screen::new(t.staff_letter_title(&brand.product), t.staff_letter_lead(&found.given_name))
        .narrow()
        .back(format!("/staff/patients/{id}"), t.staff_letter_back())
        .sheet(
            "",
            vec![
                Part::facts([(t.personal_name(), Some(format!("{} {}", found.given_name, found.family_name)))]),
                Part::Code { label: t.signup_code().into(), text: code },
                Part::small(t.staff_letter_until(&t.date(until))),
                Part::Picture { src: qr::picture(&address, EcLevel::M, 220)?, alt: t.staff_letter_qr().into() },
                Part::Numbered(vec![
                    t.staff_letter_1(&grant.link("/sign-up")),
                    t.staff_letter_2().into(),
                    t.staff_letter_3().into(),
                    t.staff_letter_4(&brand.support_phone),
                ]),
                Part::Print { label: t.ui_print().into() },
            ],
        ))
}

fn question(t: Texts) -> Field {
    let choices = QUESTIONS.iter().map(|key| ((*key).to_owned(), question_in_words(t, key).to_owned()));
    Field::select("question", t.signup_question(), std::iter::once((String::new(), t.signup_choose().to_owned())).chain(choices).collect())
}
