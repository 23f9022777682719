//! Addenda: each belongs to its original.

use std::collections::HashSet;

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter,
    sea_query::{Alias, Expr, Query, SelectStatement, SimpleExpr, SubQueryStatement},
};
use uuid::Uuid;

use super::{entity::note, model::Disclosure};
use crate::record::import::CHUNK;

/// Addenda to addenda, so many in a row at most.
const DEPTH: usize = 8;

/// Puts the addenda of these charts that name no visit into the visits of their originals, and shows them to nobody who does not
/// see their originals.
///
/// # Errors
/// When the database fails.
pub async fn follow(tx: &impl ConnectionTrait, charts: HashSet<Uuid>) -> Result<(), DbErr> {
    for chunk in charts.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
        let addenda = || {
            let charts = note::Column::PatientId.is_in(chunk.iter().copied());
            note::Entity::update_many().filter(note::Column::AddendumTo.is_not_null()).filter(charts)
        };
        for _ in 0..DEPTH {
            let joined = addenda()
                .col_expr(note::Column::VisitId, value(original().column((original_note(), note::Column::VisitId)).to_owned()))
                .filter(note::Column::VisitId.is_null())
                .filter(exists(original().and_where(of_original(note::Column::VisitId).is_not_null())))
                .exec(tx)
                .await?;
            let sensitive = addenda()
                .col_expr(note::Column::Sensitive, Expr::value(true))
                .filter(note::Column::Sensitive.eq(false))
                .filter(exists(original().and_where(of_original(note::Column::Sensitive).eq(true))))
                .exec(tx)
                .await?;
            let kept_back = addenda()
                .col_expr(note::Column::Disclosure, Expr::value(Disclosure::KeptBack))
                .col_expr(note::Column::Body, Expr::value(""))
                .filter(note::Column::Disclosure.eq(Disclosure::Shown))
                .filter(exists(original().and_where(of_original(note::Column::Disclosure).eq(Disclosure::KeptBack))))
                .exec(tx)
                .await?;
            if joined.rows_affected + sensitive.rows_affected + kept_back.rows_affected == 0 {
                break;
            }
        }
    }
    Ok(())
}

fn original_note() -> Alias {
    Alias::new("original")
}

fn of_original(column: note::Column) -> Expr {
    Expr::col((original_note(), column))
}

/// The original, in the same chart.
fn original() -> SelectStatement {
    let same = |its: note::Column, own: note::Column| of_original(its).equals((note::Entity, own));
    let mut query = Query::select();
    query.from_as(note::Entity, original_note());
    query.and_where(same(note::Column::Id, note::Column::AddendumTo)).and_where(same(note::Column::PatientId, note::Column::PatientId));
    query
}

fn value(query: SelectStatement) -> SimpleExpr {
    SimpleExpr::SubQuery(None, Box::new(SubQueryStatement::SelectStatement(query)))
}

fn exists(query: &mut SelectStatement) -> Condition {
    Condition::all().add(Expr::exists(query.expr(Expr::val(1)).to_owned()))
}

/// Originals, each with its addenda in their order. One whose original is not among them stands by itself.
pub fn grouped(found: Vec<note::Model>) -> Vec<(note::Model, Vec<note::Model>)> {
    let ids: HashSet<Uuid> = found.iter().map(|note| note.id).collect();
    let (mut addenda, notes): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|note| note.addendum_to.is_some_and(|original| original != note.id && ids.contains(&original)));
    addenda.sort_by_key(|note| (note.signed_at, note.id));
    let mut groups: Vec<(note::Model, Vec<note::Model>)> = notes.into_iter().map(|note| (note, Vec::new())).collect();
    // An addendum to an addendum stands with their common original.
    let mut rest = addenda;
    loop {
        let before = rest.len();
        rest = rest.into_iter().filter_map(|addendum| placed(&mut groups, addendum)).collect();
        if rest.is_empty() || rest.len() == before {
            break;
        }
    }
    // Those that add to each other in a circle.
    groups.extend(rest.into_iter().map(|note| (note, Vec::new())));
    groups
}

/// Puts an addendum behind its original, or gives it back.
fn placed(groups: &mut [(note::Model, Vec<note::Model>)], addendum: note::Model) -> Option<note::Model> {
    let original = addendum.addendum_to;
    let is_here =
        |(note, behind): &&mut (note::Model, Vec<note::Model>)| std::iter::once(note).chain(behind).any(|note| Some(note.id) == original);
    match groups.iter_mut().find(is_here) {
        Some((_, behind)) => behind.push(addendum),
        None => return Some(addendum),
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::note::model::{Disclosure, Format, Kind};

    fn note(id: u128, to: Option<u128>) -> note::Model {
        note::Model {
            id: Uuid::from_u128(id),
            resource_id: Uuid::from_u128(id),
            patient_id: Uuid::nil(),
            visit_id: None,
            kind: Kind::Note,
            title: String::new(),
            author_id: None,
            author_name: None,
            signed_at: None,
            is_signed: true,
            format: Format::Text,
            body: String::new(),
            content_hash: String::new(),
            disclosure: Disclosure::Shown,
            sensitive: false,
            addendum_to: to.map(Uuid::from_u128),
            language: None,
        }
    }

    #[test]
    fn each_addendum_stands_behind_its_original_and_none_is_lost() {
        let found =
            [(9, None), (4, Some(1)), (3, Some(2)), (2, Some(1)), (1, None), (5, Some(77)), (6, Some(7)), (7, Some(6)), (8, Some(8))];
        let groups = grouped(found.into_iter().map(|(id, to)| note(id, to)).collect());
        let ids: Vec<(u128, Vec<u128>)> =
            groups.iter().map(|(note, behind)| (note.id.as_u128(), behind.iter().map(|note| note.id.as_u128()).collect())).collect();
        assert_eq!(ids, [(9, vec![]), (1, vec![2, 3, 4]), (5, vec![]), (8, vec![]), (6, vec![]), (7, vec![])]);
    }
}
