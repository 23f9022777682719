//! Where a correction is asked for, and what stands beside the record afterwards.

use leptos::server_fn::ServerFn;

use super::{api, request_kind::KIND, store};
use crate::{
    access::{Grant, Permission, allow, policy::AskCorrection},
    base::{error::Error, ids::PatientId},
    record::annotation::{
        entity::amendment,
        model::{Place, Voice},
    },
    view::screens::{
        link,
        model::{Field, Form, Kind as FieldKind, Part, Screen},
        query_value,
    },
};

/// The form; the place is in the address.
///
/// # Errors
/// `NotFound` when the chart is closed to the caller, or there is no such place in it.
pub async fn ask(patient: &str, query: &str) -> Result<Screen, Error> {
    let patient: PatientId = patient.parse().map_err(|_| Error::NotFound)?;
    let grant = allow::<AskCorrection>(patient).await?;
    let t = grant.texts();
    let place: Place = query_value(query, "about").and_then(|about| about.parse().ok()).ok_or(Error::NotFound)?;
    let found = store::find(&grant, place).await?;
    let mut said = vec![Part::Heading(found.title.clone())];
    if !found.quote.is_empty() {
        said.push(Part::Quote(found.quote.clone()));
    }
    let form = Form::post(api::Ask::PATH, t.correction_send()).hidden("patient", patient);
    let form = if found.paragraphs.is_empty() {
        form.hidden("about", place)
    } else {
        let whole = std::iter::once((place.to_string(), t.correction_whole().to_owned()));
        let each = found
            .paragraphs
            .iter()
            .enumerate()
            .map(|(number, words)| (Place { paragraph: Some(number), ..place }.to_string(), shortened(words)));
        form.field(Field::select("about", t.correction_where(), whole.chain(each).collect()))
    };
    let due = KIND.due.on(grant.now().today);
    let form = form
        .field(Field::new("wrong", t.correction_wrong(), FieldKind::Area))
        .field(Field::new("right", t.correction_right(), FieldKind::Area).hint(t.correction_right_hint()).optional())
        .done();
    Ok(Screen::new(t.correction_title(), t.correction_lead(&t.long_date(due)))
        .narrow()
        .back(found.page, t.correction_back())
        .sheet(t.correction_says(), said)
        .sheet("", vec![form, Part::small(t.correction_rule())]))
}

fn shortened(words: &str) -> String {
    let short: String = words.chars().take(90).collect();
    if short.len() < words.len() { format!("{}…", short.trim_end()) } else { short }
}

/// The small way to the form, under each item.
pub fn wrong_here<P: Permission<Scope = PatientId>>(grant: &Grant<P>, place: Place) -> Part {
    Part::Aside(link(place.address(grant.patient()), grant.texts().correction_title()))
}

/// What was added to an item or a result.
pub fn additions<P: Permission<Scope = PatientId>>(grant: &Grant<P>, rows: &[amendment::Model]) -> Vec<Part> {
    let t = grant.texts();
    let mut parts = Vec::new();
    for row in rows {
        let at = t.date_and_time(row.at, &grant.zone());
        parts.push(Part::small(match row.voice {
            Voice::Addendum => t.correction_added(&row.by_name, &at),
            Voice::Disagreement => t.correction_disagreed(&row.by_name, &at),
        }));
        parts.push(Part::Quote(row.text.clone()));
    }
    parts
}
