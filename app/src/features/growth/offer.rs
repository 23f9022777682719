//! The link to the growth charts beside a child's vital signs.

use super::measured::is_for;
use crate::{
    base::when::When,
    record::action::{Offer, Target},
    view::link::Link,
};

/// For a child; for nobody else.
pub(super) fn charts(target: Target<'_>) -> Option<Offer> {
    let Target::Vitals { grant, person } = target else { return None };
    let t = grant.texts();
    let link = Link::new(format!("/p/{}/health/growth", grant.patient()), t.growth_title());
    matches!(person.born(), When::Day(born) if is_for(born, grant.now().today)).then(|| Offer::Page(link, t.growth_lead().to_owned()))
}
