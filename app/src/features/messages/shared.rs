//! What another app on a phone hands over (the share target of the manifest): it goes into a new message that somebody finishes. Source:
//! W3C Web Share Target API.

use std::collections::BTreeMap;

use leptos::{
    prelude::*,
    server_fn::{
        ServerFn,
        codec::{MultipartData, MultipartFormData},
    },
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    attaching::attach,
    drafts,
    entity::{message_draft, message_file},
    files::{added, forget_refused, unsent},
    model::Place,
};
use crate::{
    access::{
        Grant, allow,
        policy::{UseOwnAccount, WriteMessages},
    },
    base::{answer::Answer, error::Error, ids::PatientId, text::visible},
    platform::request as web,
    view::{
        Notice,
        form::PostForm,
        page::{Page, PageRequest},
        sections::{KeptNames, MainButton, Section},
    },
};

/// Bytes of a text.
const MOST: usize = 4000;
/// Fields and files of one form.
const FIELDS: usize = 20;

/// Takes what another app hands over: fields `title`, `text` and `url`, and files. Always posted by a browser, which shows what follows:
/// also to whoever is not signed in, since nothing is kept of somebody unknown.
///
/// # Errors
/// `NotFound` for what is no such form.
#[server(endpoint = "messages/share", input = MultipartFormData, output = Answer)]
pub async fn share_file(data: MultipartData) -> Result<(), Error> {
    let grant = match allow::<UseOwnAccount>(()).await {
        Ok(grant) => grant,
        Err(Error::SignInNeeded) => {
            web::redirect_plain_form("/sign-in?left=share");
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    web::redirect_plain_form(&take(&grant, data).await?);
    Ok(())
}

/// Puts what was handed over into a message about somebody else.
///
/// # Errors
/// What the policy refuses for either of them.
#[server(endpoint = "messages/move-shared", output = Answer)]
pub async fn move_shared(
    from: PatientId,
    to: PatientId,
    #[server(default)] files: String,
    #[server(default)] text: String,
) -> Result<(), Error> {
    let grant = allow::<WriteMessages>(from).await?;
    allow::<WriteMessages>(to).await?;
    let files: Vec<Uuid> = files.split(',').filter_map(|id| id.parse().ok()).take(FIELDS).collect();
    move_to(&grant, to, &files, text == "true").await?;
    web::redirect_plain_form(&format!("/p/{to}/messages/new"));
    Ok(())
}

/// The people about whom the caller may write, with their given names: oneself first.
fn people(grant: &Grant<UseOwnAccount>) -> Result<Vec<(PatientId, String)>, Error> {
    let holder = grant.holder()?;
    let own = holder.own_chart.iter().map(|person| (person.patient, person.given_name.clone()));
    let others = holder.acts_for(grant.now()).into_iter().map(|(found, _)| (found.person.patient, found.person.given_name.clone()));
    Ok(own.chain(others).filter(|(patient, _)| grant.would_allow::<WriteMessages>(patient)).collect())
}

/// Returns the page to go on to.
async fn take(own: &Grant<UseOwnAccount>, data: MultipartData) -> Result<String, Error> {
    let Some((patient, _)) = people(own)?.into_iter().next() else { return Ok("/home".to_owned()) };
    let grant = allow::<WriteMessages>(patient).await?;
    let (db, account, at) = (grant.db(), grant.holder()?.account.0, Place { patient, thread: Uuid::nil() });
    drafts::drop_discarded(db, account, at).await?;
    forget_refused(&grant, at, grant.now().instant).await?;
    let mut all: Vec<Uuid> = added(db, account, at).await?.into_iter().filter(|file| file.state.is_kept()).map(|file| file.id).collect();
    let (mut texts, mut came, mut refused) = (BTreeMap::new(), Vec::new(), false);
    let mut form = data.into_inner().ok_or(Error::NotFound)?;
    let mut fields = 0;
    while let Some(mut field) = form.next_field().await.map_err(|_| Error::NotFound)? {
        fields += 1;
        if fields > FIELDS {
            // What came until then is there, and that there is more is said.
            refused = true;
            continue;
        }
        if field.file_name().is_none() {
            let name = field.name().unwrap_or_default().to_owned();
            let mut bytes = Vec::new();
            while let Some(piece) = field.chunk().await.map_err(|_| Error::NotFound)? {
                let room = MOST.saturating_sub(bytes.len()).min(piece.len());
                bytes.extend_from_slice(&piece[..room]);
            }
            texts.insert(name, visible(&String::from_utf8_lossy(&bytes)).into_owned());
            continue;
        }
        match attach(&grant, at, &mut field, &all).await? {
            Some((file, state)) if state.is_kept() => {
                all.push(file);
                came.push(file.to_string());
            }
            Some(_) => refused = true,
            None => {}
        }
    }
    let text = keep_text(own, &grant, at, &texts).await?;
    let refused = if refused { "&refused=1" } else { "" };
    Ok(format!("/messages/shared?for={patient}&files={}&text={text}{refused}", came.join(",")))
}

/// Keeps a text as the draft of a message, where none is begun. Returns whether it did.
async fn keep_text(
    own: &Grant<UseOwnAccount>,
    grant: &Grant<WriteMessages>,
    at: Place,
    texts: &BTreeMap<String, String>,
) -> Result<bool, Error> {
    let text = |name: &str| texts.get(name).map_or("", String::as_str).trim();
    let body = [text("text"), text("url")].into_iter().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n");
    let nothing = body.is_empty() && text("title").is_empty();
    if nothing || web::refuse_payment_cards(texts).is_err() || drafts::find(grant, at.thread).await?.is_some() {
        return Ok(false);
    }
    drafts::keep(own, at, &drafts::Typed { topic: "", recipient: "", subject: text("title"), body: &body }).await?;
    Ok(true)
}

async fn move_to(grant: &Grant<WriteMessages>, to: PatientId, files: &[Uuid], text: bool) -> Result<(), Error> {
    let (account, from) = (grant.holder()?.account.0, Place { patient: grant.patient(), thread: Uuid::nil() });
    let tx = grant.begin().await?;
    let there = message_file::ActiveModel { patient_id: Set(to.0), ..Default::default() };
    let these = unsent(account, from).add(message_file::Column::Id.is_in(files.iter().copied()));
    message_file::Entity::update_many().set(there).filter(these).exec(&tx).await?;
    // What was begun about somebody else is not written over.
    let begun = message_draft::Entity::find_by_id((account, to.0, Uuid::nil())).one(&tx).await?.is_some();
    if text && !begun {
        message_draft::Entity::update_many()
            .set(message_draft::ActiveModel { patient_id: Set(to.0), ..Default::default() })
            .filter(message_draft::Column::AccountId.eq(account))
            .filter(message_draft::Column::PatientId.eq(from.patient.0))
            .filter(message_draft::Column::ThreadId.eq(Uuid::nil()))
            .exec(&tx)
            .await?;
    }
    tx.commit().await?;
    Ok(())
}

/// What came from another app, and about whom the message is.
///
/// # Errors
/// What the policy refuses.
pub async fn page(request: PageRequest) -> Result<Page, Error> {
    let patient: PatientId = request.query("for").and_then(|id| id.parse().ok()).ok_or(Error::NotFound)?;
    let (own, grant) = (allow::<UseOwnAccount>(()).await?, allow::<WriteMessages>(patient).await?);
    let t = grant.texts();
    let name = grant.person()?.given_name.clone();
    let (ids, text) = (request.query("files").unwrap_or_default(), request.query("text").as_deref() == Some("true"));
    let refused = request.query("refused").is_some();
    let here = Place { patient, thread: Uuid::nil() };
    let files = added(grant.db(), grant.holder()?.account.0, here).await?;
    let files: Vec<String> =
        files.into_iter().filter(|file| ids.split(',').any(|id| *id == file.id.to_string())).map(|file| file.name).collect();
    let nothing = files.is_empty() && !text;
    let others = people(&own)?.into_iter().filter(|(other, _)| *other != patient).map(|(other, name)| {
        let hidden = vec![("from", patient.to_string()), ("to", other.to_string()), ("files", ids.clone()), ("text", text.to_string())];
        view! { <PostForm action=MoveShared::PATH submit=t.messages_shared_other(&name) quiet=true hidden/> }
    });
    let others = if nothing { Vec::new() } else { others.collect::<Vec<_>>() };
    Ok(Page::new(t.messages_shared_title(), t.messages_shared_lead())
        .narrow()
        .back(format!("/p/{patient}/messages"), t.messages_title())
        .body(view! {
            {refused.then(|| view! { <Notice warn=true><p class="text">{t.messages_shared_refused()}</p></Notice> })}
            <Section heading=t.messages_shared_about(&name)>
                <KeptNames><ul class="dots">{files.into_iter().map(|file| view! { <li>{file}</li> }).collect_view()}</ul></KeptNames>
                {nothing.then(|| view! { <p class="text">{t.messages_shared_nothing()}</p> })}
                <MainButton href=format!("/p/{patient}/messages/new") label=t.messages_shared_go_on(&name)/>
                {others.into_iter().collect_view()}
            </Section>
        }))
}
