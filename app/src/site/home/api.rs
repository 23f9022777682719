//! What the home page asks.

use leptos::prelude::*;

use super::model::Needs;
use crate::base::error::Error;

/// What needs the account holder. Of a chart that they may not see, nothing is looked up.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
#[server(endpoint = "home/needs-you")]
pub async fn needs_you() -> Result<Needs, Error> {
    use crate::access::{allow, policy};
    let own = allow::<policy::UseOwnAccount>(()).await?;
    let mut items = super::store::changes_of_access(&own)?;
    for (patient, hue) in super::store::people(&own)? {
        if own.would_allow::<policy::ViewVisits>(&patient) {
            let grant = allow::<policy::ViewVisits>(patient).await?;
            items.extend(super::store::visits(&grant, hue).await?);
        }
        if own.would_allow::<policy::ViewSummaries>(&patient) {
            let grant = allow::<policy::ViewSummaries>(patient).await?;
            items.extend(super::store::follow_ups(&grant, hue).await?);
        }
    }
    Ok(Needs { items: super::model::in_order(items), ended: super::store::ended(&own)? })
}
