//! What the home page asks.

use leptos::prelude::*;

use super::model::Needs;
use crate::base::{answer::Answer, error::Error};

/// What needs the account holder, and what is new. Of a chart that they may not see, nothing is looked up.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
#[server(endpoint = "home/needs-you", output = Answer)]
pub async fn needs_you() -> Result<Needs, Error> {
    use super::{
        messages, newest, questionnaires,
        store::{self, Opened},
        supplies, visits,
    };
    use crate::{
        access::{allow, current, policy},
        desk::questionnaires::alert_list::open_alerts,
        features::account::second_step::offer,
        platform::batch::Batch,
    };
    current()?.look();
    let own = allow::<policy::UseOwnAccount>(()).await?;
    let (mut visits, mut summaries, mut messages, mut offers) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut medicines, mut results, mut times, mut questionnaires) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let people = store::people(&own)?;
    let merged = store::merged(&own, &people).await?;
    for (patient, hue) in people {
        // Of a chart that shows nothing here nobody reads anything.
        if !own.would_allow::<policy::ViewVisits>(&patient) && !own.would_allow::<policy::ViewSummaries>(&patient) {
            continue;
        }
        let chart = allow::<policy::GatherHome>(patient).await?;
        let merged: Vec<_> = merged.iter().filter(|(_, into)| *into == patient).map(|(id, _)| *id).collect();
        visits.extend(Opened::<policy::ViewVisits>::part(&chart, hue, &merged));
        summaries.extend(Opened::<policy::ViewSummaries>::part(&chart, hue, &merged));
        messages.extend(Opened::<policy::ReadMessages>::part(&chart, hue, &merged));
        offers.extend(Opened::<policy::DecideEVisit>::part(&chart, hue, &merged));
        medicines.extend(Opened::<policy::RequestMedicine>::part(&chart, hue, &merged));
        times.extend(Opened::<policy::BookVisits>::part(&chart, hue, &merged));
        questionnaires.extend(Opened::<policy::AnswerQuestionnaires>::part(&chart, hue, &merged));
        results.extend(Opened::<policy::ViewResults>::part(&chart, hue, &merged));
    }
    let visits = visits::visits(&visits).await?;
    let mut batch = Batch::default();
    let follow_ups = store::follow_ups(&mut batch, &summaries);
    let new_messages = messages::newest(&mut batch, &messages);
    let messages = messages::answers(&mut batch, &messages)?;
    let offers = messages::offers(&mut batch, &offers);
    let times = visits::times(&mut batch, &times);
    let medicines = supplies::medicines(&mut batch, &medicines);
    let questionnaires = questionnaires::asked(&mut batch, &questionnaires);
    let new_results = newest::results(&mut batch, &results);
    let due = store::due(&mut batch).await?;
    let mut answers = batch.read(own.db()).await?;
    let mut items = store::changes_of_access(&own)?;
    items.extend(visits);
    items.extend(follow_ups(&mut answers)?);
    items.extend(messages(&mut answers)?);
    items.extend(offers(&mut answers)?);
    items.extend(times(&mut answers)?);
    items.extend(medicines(&mut answers)?);
    items.extend(questionnaires(&mut answers)?);
    let mut news = new_messages(&mut answers, &items)?;
    news.extend(new_results(&mut answers)?);
    let today = own.now().today.to_string();
    Ok(Needs {
        items: super::model::in_order(items, &today),
        news: super::model::newest_first(news),
        ended: store::ended(&own)?,
        due: due(&mut answers)?,
        answers: if own.would_allow::<policy::SeeAnswers>(&()) { open_alerts(&allow::<policy::SeeAnswers>(()).await?).await? } else { 0 },
        passkey: offer::is_open(),
    })
}
