//! What is no page: photos, papers, the access log, documents and trends as files. Each asks for its own permission.

use app::{
    access::{Access, allow, as_system, policy},
    base::{
        error::Error,
        i18n,
        ids::{PatientId, VisitId},
    },
    desk::{questionnaires, requests},
    features::{
        access_log, billing, calendar, check_in, credentials, family, health, ledgers,
        messages::{files, handing_out},
        results, sharing,
    },
    record::{
        chapter::{Chapter, RecordSection},
        fhir::attachment,
        resource::reference,
    },
    view::document::Paper,
};
use axum::{
    Router,
    body::Body,
    extract::{Path, Request, State as Extract},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use chrono::NaiveDate;
use futures_util::stream;
use leptos::{
    prelude::{Owner, provide_context},
    reactive::computed::ScopedFuture,
};
use serde_json::json;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::{State, export, router::provide_contexts, shield::percent_encoded};

/// Calendars. Source: RFC 5545, section 8.1.
const CALENDAR: &str = "text/calendar; charset=utf-8";

pub fn routes() -> Router<State> {
    Router::new()
        .route("/.well-known/jwks.json", get(public_keys))
        .route("/.well-known/crl/{list}", get(revocations))
        .route("/calendar/{file}", get(calendar_feed))
        .route("/files/card/{patient}/{id}", get(card))
        .route("/files/pdf/{patient}/{section}", get(pdf))
        .route("/files/message/{patient}/{id}", get(message_file))
        .route("/files/staff-message/{id}", get(staff_message_file))
        .route("/files/answer/{patient}/{id}/{file}", get(answer_file))
        .route("/files/staff-answer/{patient}/{id}/{file}", get(staff_answer_file))
        .route("/files/photo/{patient}", get(photo))
        .route("/files/access-log/{patient}", get(log))
        .route("/files/attachment/{id}", get(attachment))
        .route("/files/record/{patient}/{id}", get(record))
        .route("/files/take-along/{patient}/{id}", get(take_along))
        .route("/files/trend/{patient}", get(trend))
        .route("/p/{patient}/visits/{visit}/calendar.ics", get(visit_calendar))
        .route("/files/statement/{guarantor}/{month}", get(statement))
        .route("/files/receipt/{id}", get(receipt))
        .route("/files/check-in/{visit}", get(check_in_paper))
        .route("/files/guest-receipt/{id}", get(guest_receipt))
        .route("/files/guest-letter/{bill}", get(guest_letter))
        .route("/files/posted-statement/{guarantor}/{month}", get(posted_statement))
        .route("/files/ledger/{guarantor}", get(ledger))
        .route("/verify/issuers.json", get(issuers))
}

async fn photo(Extract(state): Extract<State>, Path(patient): Path<Uuid>, request: Request) -> Response {
    let found = with_contexts(state, request, || async move {
        let grant = allow::<policy::OpenChart>(PatientId(patient)).await?;
        family::appearance::photo(&grant).await
    });
    match found.await {
        Ok(jpeg) => ([(header::CONTENT_TYPE, "image/jpeg"), (header::CACHE_CONTROL, "private, no-store")], jpeg).into_response(),
        Err(error) => refused(&error),
    }
}

async fn log(Extract(state): Extract<State>, Path(patient): Path<Uuid>, request: Request) -> Response {
    match with_contexts(state, request, move || access_log::csv(PatientId(patient))).await {
        Ok(csv) => {
            let headers = [
                (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"access-log.csv\""),
            ];
            (headers, csv).into_response()
        }
        Err(error) => refused(&error),
    }
}

/// Papers are downloaded and never shown in our own origin, whatever they are.
async fn attachment(Extract(state): Extract<State>, Path(id): Path<Uuid>, request: Request) -> Response {
    let found = with_contexts(state, request, move || async move {
        let grant = allow::<policy::SeeQueues>(()).await?;
        requests::store::file(&grant, id).await
    });
    match found.await {
        Ok(file) => {
            let extension = file.media_type.rsplit('/').next().unwrap_or("bin").to_owned();
            let headers = [
                (header::CONTENT_TYPE, file.media_type),
                (header::CONTENT_DISPOSITION, format!("attachment; filename=\"papers.{extension}\"")),
            ];
            (headers, file.body).into_response()
        }
        Err(error) => refused(&error),
    }
}

/// A file of a message, for the patient's side.
async fn message_file(Extract(state): Extract<State>, Path((patient, id)): Path<(Uuid, Uuid)>, request: Request) -> Response {
    let found = with_contexts(state.clone(), request, move || async move {
        handing_out::of_patient(&allow::<policy::ReadMessages>(PatientId(patient)).await?, id).await
    });
    handed_out(state, found.await)
}

/// The same for the staff of the departments that answer it.
async fn staff_message_file(Extract(state): Extract<State>, Path(id): Path<Uuid>, request: Request) -> Response {
    let found = with_contexts(state.clone(), request, move || async move {
        let patient = handing_out::patient_of(&allow::<policy::SeeInbox>(()).await?, id).await?;
        handing_out::of_office(&allow::<policy::OpenThread>(patient).await?, id).await
    });
    handed_out(state, found.await)
}

/// A file that is an answer to a questionnaire, for the patient's side.
async fn answer_file(Extract(state): Extract<State>, Path((patient, id, file)): Path<(Uuid, Uuid, Uuid)>, request: Request) -> Response {
    let found = with_contexts(state, request, move || async move {
        let grant = allow::<policy::ViewQuestionnaires>(PatientId(patient)).await?;
        let row = questionnaires::store::one(&grant, id).await?;
        questionnaires::files::read(&grant, &row, file).await
    });
    answer(found.await)
}

/// The same for the care team.
async fn staff_answer_file(
    Extract(state): Extract<State>,
    Path((patient, id, file)): Path<(Uuid, Uuid, Uuid)>,
    request: Request,
) -> Response {
    let found = with_contexts(state, request, move || async move {
        let grant = allow::<policy::OpenAnswers>(PatientId(patient)).await?;
        let row = questionnaires::staff::one(&grant, id).await?;
        questionnaires::files::read(&grant, &row, file).await
    });
    answer(found.await)
}

/// A picture was made anew here, and may be looked at; anything else is kept.
fn answer(found: Result<questionnaires::entity::questionnaire_file::Model, Error>) -> Response {
    let file = match found {
        Ok(file) => file,
        Err(error) => return refused(&error),
    };
    let shown = if file.content_type == "image/jpeg" { "inline" } else { "attachment" };
    let headers = [
        (header::CONTENT_TYPE, file.content_type),
        (header::CONTENT_DISPOSITION, format!("{shown}; filename*=UTF-8''{}", percent_encoded(&file.name))),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    (headers, file.content).into_response()
}

/// Piece by piece, to be kept and not to be shown as a page of ours, whatever it is.
fn handed_out(state: State, found: Result<handing_out::File, Error>) -> Response {
    let file = match found {
        Ok(file) => file,
        Err(error) => return refused(&error),
    };
    let encoded = percent_encoded(&file.name);
    // A picture was made anew here, and may be looked at.
    let shown = if file.media_type == "image/jpeg" { "inline" } else { "attachment" };
    let headers = [
        (header::CONTENT_TYPE, file.media_type.clone()),
        (header::CONTENT_LENGTH, file.size.to_string()),
        (header::CONTENT_DISPOSITION, format!("{shown}; filename*=UTF-8''{encoded}")),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    let system = as_system(&state.db, "message file");
    let pieces = stream::try_unfold((system, state, file.id, 0), |(system, state, id, number)| async move {
        let piece = files::piece(system.db(), &state.issuer.secret, id, number).await?;
        Ok::<_, Error>(piece.map(|piece| (piece, (system, state, id, number + 1))))
    });
    (headers, Body::from_stream(pieces)).into_response()
}

/// A document or a report as the file that it is, or as the one of several that is asked for; any other record as the FHIR
/// resource that the hospital sent.
async fn record(Extract(state): Extract<State>, Path((patient, id)): Path<(Uuid, Uuid)>, request: Request) -> Response {
    let number: Option<usize> = query_value(&request, "file").and_then(|number| number.parse().ok());
    match with_contexts(state, request, move || health::resource(PatientId(patient), id)).await {
        Ok((body, files)) => {
            let (media_type, extension, content) =
                attached(&files, number.unwrap_or(0)).unwrap_or_else(|| ("application/fhir+json", "json", body.into_bytes()));
            let headers = [
                (header::CONTENT_TYPE, media_type.to_owned()),
                (header::CONTENT_DISPOSITION, format!("attachment; filename=\"record.{extension}\"")),
            ];
            (headers, content).into_response()
        }
        Err(error) => refused(&error),
    }
}

/// The file with this number among those that a document or a report carries: media type, extension, bytes.
fn attached(value: &serde_json::Value, number: usize) -> Option<(&'static str, &'static str, Vec<u8>)> {
    let (file, content) = attachment::files(value).nth(number)?;
    let (media_type, extension) = attachment::kind(file);
    Some((media_type, extension, content))
}

async fn trend(Extract(state): Extract<State>, Path(patient): Path<Uuid>, request: Request) -> Response {
    let code = query_value(&request, "code").unwrap_or_default();
    match with_contexts(state, request, move || async move { results::csv(PatientId(patient), &code).await }).await {
        Ok(csv) => {
            let headers =
                [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, "attachment; filename=\"trend.csv\"")];
            (headers, csv).into_response()
        }
        Err(error) => refused(&error),
    }
}

/// A health card for wallets.
async fn card(Extract(state): Extract<State>, Path((patient, id)): Path<(Uuid, Uuid)>, request: Request) -> Response {
    match with_contexts(state, request, move || credentials::file(PatientId(patient), id)).await {
        Ok(card) => {
            let headers = [
                (header::CONTENT_TYPE, "application/smart-health-card"),
                (header::CONTENT_DISPOSITION, "attachment; filename=\"card.smart-health-card\""),
            ];
            (headers, card).into_response()
        }
        Err(error) => refused(&error),
    }
}

/// One visit for one's own calendar.
async fn visit_calendar(Extract(state): Extract<State>, Path((patient, visit)): Path<(Uuid, Uuid)>, request: Request) -> Response {
    let brand = state.brand.clone();
    let file = with_contexts(state, request, move || async move {
        calendar::one_visit(PatientId(patient), VisitId(visit), &brand.product, &brand.organisation).await
    });
    match file.await {
        Ok(file) => {
            let headers = [(header::CONTENT_TYPE, CALENDAR), (header::CONTENT_DISPOSITION, "attachment; filename=\"visit.ics\"")];
            (headers, file).into_response()
        }
        Err(error) => refused(&error),
    }
}

/// The visits behind a private address. Calendar programs ask often: what is as it was is not sent again.
async fn calendar_feed(Extract(state): Extract<State>, Path(file): Path<String>, request: Request) -> Response {
    let Some(token) = file.strip_suffix(".ics").map(str::to_owned) else { return StatusCode::NOT_FOUND.into_response() };
    let known = request.headers().get(header::IF_NONE_MATCH).cloned();
    let brand = state.brand.clone();
    let calendar = with_contexts(state, request, move || async move {
        let grant = allow::<policy::ReadShared>(()).await?;
        calendar::feeds::read(&grant, &token, &brand.product, &brand.organisation).await
    });
    match calendar.await {
        Ok(calendar) => {
            let tag = format!("\"{}\"", &reference::hash(&calendar)[..32]);
            let headers = [(header::CONTENT_TYPE, CALENDAR), (header::CACHE_CONTROL, "private, no-cache")];
            let is_known = known.is_some_and(|known| known.to_str().is_ok_and(|known| known.contains(&tag)));
            let headers = (headers, [(header::ETAG, tag)]);
            if is_known { (StatusCode::NOT_MODIFIED, headers).into_response() } else { (headers, calendar).into_response() }
        }
        Err(error) => refused(&error),
    }
}

/// The keys of health cards, for whoever verifies one, from any page. Names nobody.
async fn public_keys(Extract(state): Extract<State>) -> Response {
    published(credentials::published::keys(as_system(&state.db, "public keys").db()).await)
}

/// Which cards of a key were taken back: `{kid}.json`.
async fn revocations(Extract(state): Extract<State>, Path(list): Path<String>) -> Response {
    let kid = list.strip_suffix(".json").unwrap_or_default();
    published(credentials::published::revocations(as_system(&state.db, "revocations").db(), kid).await)
}

/// Whose cards are believed here, for the page that checks them in the browser. All of it is published elsewhere, too.
async fn issuers(Extract(state): Extract<State>) -> Response {
    let system = as_system(&state.db, "card issuers");
    let found = credentials::verifier::issuers(system.db(), &state.issuer, &state.brand.organisation, &state.trust).await;
    published(found.map(|issuers| json!(issuers)))
}

/// The record as a file.
async fn take_along(Extract(state): Extract<State>, Path((patient, id)): Path<(Uuid, Uuid)>, request: Request) -> Response {
    match with_contexts(state, request, move || sharing::api::file(PatientId(patient), id)).await {
        Ok(file) => {
            let headers =
                [(header::CONTENT_TYPE, "application/zip"), (header::CONTENT_DISPOSITION, "attachment; filename=\"health-record.zip\"")];
            (headers, file).into_response()
        }
        Err(error) => refused(&error),
    }
}

/// A section of the record as a PDF, for whoever wants just this page.
async fn pdf(Extract(state): Extract<State>, Path((patient, section)): Path<(Uuid, String)>, request: Request) -> Response {
    let brand = state.brand.clone();
    let name = format!("attachment; filename=\"{section}.pdf\"");
    let found = with_contexts(state, request, move || async move {
        let (grant, reader, chapters) = sharing::api::sections(PatientId(patient), &section).await?;
        Ok::<_, Error>((export::cover(&grant, &reader, &brand).await?, chapters))
    });
    let (cover, chapters) = match found.await {
        Ok(found) => found,
        Err(error) => return refused(&error),
    };
    match spawn_blocking(move || export::as_pdf(&cover, &chapters)).await {
        // A section's name is one of ours by now, so that it is a header's value.
        Ok(Ok(file)) => ([(header::CONTENT_TYPE, "application/pdf".to_owned()), (header::CONTENT_DISPOSITION, name)], file).into_response(),
        _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// A statement of an account, for whoever may see its bills.
async fn statement(Extract(state): Extract<State>, Path((guarantor, month)): Path<(Uuid, NaiveDate)>, request: Request) -> Response {
    as_paper(with_contexts(state, request, move || billing::papers::statement(guarantor, month)).await).await
}

/// The same, for the billing office to post it.
async fn posted_statement(Extract(state): Extract<State>, Path((guarantor, month)): Path<(Uuid, NaiveDate)>, request: Request) -> Response {
    as_paper(with_contexts(state, request, move || ledgers::papers::statement(guarantor, month)).await).await
}

/// The check-in of a visit to be filled in by hand, for the desk.
async fn check_in_paper(Extract(state): Extract<State>, Path(visit): Path<Uuid>, request: Request) -> Response {
    as_paper(with_contexts(state, request, move || check_in::papers::packet(visit)).await).await
}

/// The receipt of a payment, for whoever paid.
async fn receipt(Extract(state): Extract<State>, Path(id): Path<Uuid>, request: Request) -> Response {
    as_paper(with_contexts(state, request, move || billing::papers::receipt(id)).await).await
}

/// The receipt of a guest's payment.
async fn guest_receipt(Extract(state): Extract<State>, Path(id): Path<Uuid>, request: Request) -> Response {
    as_paper(with_contexts(state, request, move || billing::papers::guest_receipt(id)).await).await
}

/// The letter with which somebody pays as a guest, for the billing office, as long as its code is at hand.
async fn guest_letter(Extract(state): Extract<State>, Path(bill): Path<Uuid>, request: Request) -> Response {
    as_paper(with_contexts(state, request, move || ledgers::papers::letter(bill)).await).await
}

async fn as_paper(found: Result<Paper, Error>) -> Response {
    let paper = match found {
        Ok(paper) => paper,
        Err(error) => return refused(&error),
    };
    let t = paper.texts;
    let cover = export::Cover {
        language: t.0.tag(),
        name: paper.name,
        lines: paper.lines,
        page: |t, page, pages| t.take_page(i18n::param::Page(page), i18n::param::Pages(pages)),
        texts: t,
        not_drawn: t.take_not_drawn(t.billing_title()),
    };
    let chapter = Chapter { section: RecordSection::Visits, heading: paper.title, parts: paper.parts, resources: Vec::new() };
    match spawn_blocking(move || export::as_pdf(&cover, &[chapter])).await {
        // The name of a file is made of numbers and words of ours, so that it is a header's value.
        Ok(Ok(file)) => {
            let headers = [
                (header::CONTENT_TYPE, "application/pdf".to_owned()),
                (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}.pdf\"", paper.file)),
                (header::CACHE_CONTROL, "private, no-store".to_owned()),
            ];
            (headers, file).into_response()
        }
        _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// Every entry of an account, for the billing office.
async fn ledger(Extract(state): Extract<State>, Path(guarantor): Path<Uuid>, request: Request) -> Response {
    match with_contexts(state, request, move || ledgers::csv::csv(guarantor)).await {
        Ok(csv) => {
            let headers =
                [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, "attachment; filename=\"ledger.csv\"")];
            (headers, csv).into_response()
        }
        Err(error) => refused(&error),
    }
}

fn published(found: Result<serde_json::Value, Error>) -> Response {
    match found {
        Ok(found) => {
            let headers = [
                (header::CONTENT_TYPE, "application/json"),
                (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
                (header::CACHE_CONTROL, "public, max-age=300"),
            ];
            (headers, found.to_string()).into_response()
        }
        Err(error) => refused(&error),
    }
}

/// The first value of a name in the query; `None` when it is empty or not there.
pub(crate) fn query_value(request: &Request, name: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(request.uri().query()?.as_bytes());
    pairs.find(|(found, _)| found == name).map(|(_, value)| value.into_owned()).filter(|value| !value.is_empty())
}

/// Runs work with the contexts that server functions have.
pub(crate) async fn with_contexts<T, F>(state: State, request: Request, work: impl FnOnce() -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, Error>>,
{
    let (parts, _) = request.into_parts();
    let locale = parts.extensions.get::<Access>().map(|access| access.locale).unwrap_or(i18n::Locale::default());
    let owner = Owner::new();
    let work = owner.with(|| {
        provide_context(parts);
        provide_context(locale);
        provide_contexts(&state);
        ScopedFuture::new(work())
    });
    work.await
}

fn refused(error: &Error) -> Response {
    match error {
        Error::SignInNeeded => StatusCode::UNAUTHORIZED,
        Error::NotAllowed => StatusCode::FORBIDDEN,
        Error::NotFound | Error::AccessEnded(_) => StatusCode::NOT_FOUND,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    }
    .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_documents_and_reports_are_taken_out_by_their_number() {
        let report = json!({"resourceType": "DiagnosticReport", "presentedForm": [
            {"contentType": "text/plain", "data": "QQ=="},
            {"contentType": "application/pdf", "data": "Qg=="},
            {"contentType": "image/png", "data": "Qw=="},
        ]});
        assert_eq!(attached(&report, 0), Some(("application/pdf", "pdf", b"B".to_vec())), "the text is a note");
        assert_eq!(attached(&report, 1), Some(("image/png", "png", b"C".to_vec())));
        assert_eq!(attached(&report, 2), None);
        let document = json!({"content": [{"attachment": {"contentType": "application/pdf", "data": "Qg=="}}]});
        assert_eq!(attached(&document, 0).map(|(_, ending, _)| ending), Some("pdf"));
        let elsewhere = json!({"content": [{"attachment": {"contentType": "application/pdf", "url": "Binary/1"}}]});
        assert_eq!(attached(&elsewhere, 0), None);
    }
}
