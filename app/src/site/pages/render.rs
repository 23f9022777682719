use leptos::prelude::*;

use crate::{
    access::current,
    base::error::Error,
    features::Feature,
    view::{form::RefusedForm, fragment::Fragment},
};

/// The page of the feature that answers at this address.
///
/// # Errors
/// `NotFound` for an address without a page, and whatever the feature refuses.
pub async fn render(path: &str, query: &str) -> Result<Fragment, Error> {
    let features = use_context::<&'static [Feature]>().unwrap_or_default();
    for route in features.iter().flat_map(|feature| feature.pages) {
        if let Some(request) = route.request(path, query) {
            provide_context(request.clone());
            current()?.look();
            let refused = RefusedForm::of(&request);
            provide_context(refused.clone());
            let page = (route.page)(request).await?;
            return Ok(page.above(refused.left()).render());
        }
    }
    Err(Error::NotFound)
}
