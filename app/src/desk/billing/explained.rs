//! What plans say of claims for which there is no bill.

use std::cmp::Reverse;

use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, NullOrdering, Order},
};

use super::{
    entity::{benefit, bill},
    reading::SHOWN,
    store::sees_sensitive,
};
use crate::{
    access::{
        Grant,
        policy::{UseBilling, ViewHealthSummary},
    },
    base::error::Error,
    people::patient,
    platform::batch::Batch,
};

/// What plans say of claims for which there is no bill, of the charts that the caller reads, the newest first.
///
/// # Errors
/// When the database fails.
pub async fn explained(grant: &Grant<UseBilling>) -> Result<Vec<(benefit::Model, String)>, Error> {
    let holder = grant.holder()?;
    let others = holder.acts_for(grant.now()).into_iter().map(|(proxy, _)| &proxy.person);
    let people: Vec<_> =
        holder.own_chart.iter().chain(others).filter(|person| grant.would_allow::<ViewHealthSummary>(&person.patient)).collect();
    let (mut batch, mut asked) = (Batch::default(), Vec::new());
    for person in people {
        let sees = sees_sensitive(grant, person.patient);
        let billed = bill::Entity::find()
            .select_only()
            .column(bill::Column::Id)
            .filter(Expr::col((bill::Entity, bill::Column::VisitId)).equals((benefit::Entity, benefit::Column::VisitId)))
            .filter(bill::Column::PatientId.eq(person.patient.0))
            .into_query();
        let mut newest = benefit::Entity::find()
            .filter(benefit::Column::PatientId.in_subquery(patient::with_merged(person.patient.0).into_query()))
            .filter(benefit::Column::Cancelled.eq(false))
            .filter(Expr::exists(billed).not())
            .order_by_with_nulls(benefit::Column::CreatedOn, Order::Desc, NullOrdering::Last)
            .order_by_desc(benefit::Column::Id)
            .limit(SHOWN);
        if !sees {
            newest = newest.filter(benefit::Column::Sensitive.eq(false));
        }
        asked.push((batch.ask(newest), person.given_name.clone()));
    }
    let (mut answers, mut all) = (batch.read(grant.db()).await?, Vec::new());
    for (asked, given_name) in asked {
        let mut found = answers.take(asked)?;
        found.sort_by_key(|row| Reverse((row.created_on, row.id)));
        all.extend(found.into_iter().map(|row| (row, given_name.clone())));
    }
    Ok(all)
}
