//! What the home page asks.

use leptos::prelude::*;

use super::model::Needs;
use crate::base::{answer::Answer, error::Error};

/// What needs the account holder. Of a chart that they may not see, nothing is looked up.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
#[server(endpoint = "home/needs-you", output = Answer)]
pub async fn needs_you() -> Result<Needs, Error> {
    use super::store::{self, Opened};
    use crate::access::{allow, policy};
    let own = allow::<policy::UseOwnAccount>(()).await?;
    let (mut visits, mut summaries, mut messages, mut offers, mut medicines) = (Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (patient, hue) in store::people(&own)? {
        // Of a chart that shows nothing here nobody reads anything.
        if !own.would_allow::<policy::ViewVisits>(&patient) && !own.would_allow::<policy::ViewSummaries>(&patient) {
            continue;
        }
        let chart = allow::<policy::GatherHome>(patient).await?;
        visits.extend(chart.part::<policy::ViewVisits>().map(|grant| Opened { grant, hue }));
        summaries.extend(chart.part::<policy::ViewSummaries>().map(|grant| Opened { grant, hue }));
        messages.extend(chart.part::<policy::ReadMessages>().map(|grant| Opened { grant, hue }));
        offers.extend(chart.part::<policy::DecideEVisit>().map(|grant| Opened { grant, hue }));
        medicines.extend(chart.part::<policy::RequestMedicine>().map(|grant| Opened { grant, hue }));
    }
    let mut items = store::changes_of_access(&own)?;
    items.extend(store::visits(&visits).await?);
    items.extend(store::follow_ups(&summaries).await?);
    items.extend(store::answers(&messages).await?);
    items.extend(store::offers(&offers).await?);
    items.extend(super::supplies::medicines(&medicines).await?);
    let today = own.now().today.to_string();
    Ok(Needs { items: super::model::in_order(items, &today), ended: store::ended(&own)? })
}
