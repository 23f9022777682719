//! Documents that were signed or declined, as a chapter of a record that is read outside of the portal.

use super::in_words::{facts, tag};
use crate::{
    access::{DelegatedAccess, policy::ViewConsents},
    base::{error::Error, i18n::Texts, ids::PatientId, locale::Locale, period::Period},
    desk::consents::signing::of_chart,
    record::chapter::{Content, or_nothing},
    view::document::Part,
};

/// # Errors
/// `NotFound` when the chart is closed to the reader; when the database fails.
pub(super) async fn chapter(reader: &DelegatedAccess, patient: PatientId, period: Period) -> Result<Content, Error> {
    let grant = &reader.allow::<ViewConsents>(patient)?;
    let (t, zone) = (grant.texts(), grant.zone());
    let whose = &grant.person()?.given_name;
    let within = of_chart(grant).await?.into_iter().filter(|(row, _)| period.holds(row.at, zone));
    let entries = within.map(|(row, document)| {
        // In the language in which it was read: that is what was decided about.
        let read = Texts(Locale::from_tag(&row.language).unwrap_or_default());
        let parts = vec![facts(t, &zone, &row, whose), Part::Quote(document.text(read).to_owned())];
        Part::Entry { title: document.title(read).to_owned(), tag: Some(tag(t, &row)), lines: Vec::new(), parts }
    });
    Ok((t.consents_title().to_owned(), or_nothing(t, entries.collect(), period), Vec::new()))
}
