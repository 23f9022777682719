use leptos::{prelude::*, server_fn::ServerFn};
use uuid::Uuid;

use super::levels::{Levels, MayShare};
use crate::{
    base::{i18n::texts, ids::PatientId},
    features::family::api::ChangeAccess,
    people::relation::AdultLevel,
    view::{
        fields::{Field, Input},
        form::PostForm,
    },
};

/// What an adult may see, and until when, ready to be changed.
#[component]
pub(super) fn ChangeAccessForm(
    patient: PatientId,
    id: Uuid,
    level: Option<AdultLevel>,
    may_share: bool,
    last_day: String,
) -> impl IntoView {
    let t = texts();
    let hidden = vec![("patient", patient.to_string()), ("id", id.to_string())];
    view! {
        <PostForm action=ChangeAccess::PATH submit=t.family_save() hidden>
            <Levels id=format!("level-{id}") value=level/>
            <MayShare id=format!("may-share-{id}") checked=may_share/>
            <Field name="until" label=t.family_until() input=Input::Date id=format!("until-{id}") hint=t.family_until_hint() value=last_day
                optional=true/>
        </PostForm>
    }
}
