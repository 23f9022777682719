//! Large files come in step by step, so that nobody who signs in waits long for the one writer that SQLite has.
//!
//! A file that was checked is written down as it is, in short transactions, and then accepted. From then on it will be in the
//! record as a whole: what a crash interrupts is finished by the next import. Each step is a transaction of its own. It takes whole
//! charts, since the label of a visit or of a report may make other resources of the chart sensitive. A chart with thousands
//! of resources is therefore one step, and one long transaction (`--example import_wait`).

use std::collections::{BTreeSet, HashMap};

use app::{
    access::System,
    base::ids::new_id,
    record::resource::entity::{fhir_alias, fhir_resource, import_file, import_step},
};
use chrono::{TimeDelta, Utc};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, JoinType, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::Value;
use uuid::Uuid;

use super::{
    chart, reference,
    store::{CHUNK, Row},
};

/// A step has so many resources, or one chart.
pub const STEP: usize = 500;

/// Cuts a file into steps: first what belongs to nobody, then the charts.
pub async fn cut(db: &impl ConnectionTrait, rows: Vec<Row>) -> Result<Vec<Vec<Row>>, DbErr> {
    if rows.len() <= STEP {
        return Ok(vec![rows]);
    }
    let charts = charts(db, &rows).await?;
    Ok(pack(rows, &charts))
}

/// To whose chart each row belongs, by one name for each person.
async fn charts(db: &impl ConnectionTrait, rows: &[Row]) -> Result<Vec<Option<String>>, DbErr> {
    let mut known: HashMap<String, String> = HashMap::new();
    for row in rows.iter().filter(|row| row.resource_type == "Patient") {
        known.extend(row.aliases.iter().map(|alias| (alias.clone(), name(row))));
    }
    let named: Vec<Option<String>> = rows
        .iter()
        .map(|row| match row.resource_type.as_str() {
            "Patient" => Some(name(row)),
            _ => {
                let names = chart::references(&row.value);
                let names: Vec<String> =
                    names.into_iter().flat_map(|(member, found)| reference::names_in(&row.source, member, found)).collect();
                names.iter().find(|name| known.contains_key(*name)).or(names.first()).cloned()
            }
        })
        .collect();
    // A person who is here already may be known by more names: the one under which they are kept stands for all.
    let elsewhere: BTreeSet<&String> = named.iter().flatten().filter(|name| !known.contains_key(*name)).collect();
    let mut kept = Vec::new();
    for chunk in elsewhere.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
        let found: Vec<(String, String)> = fhir_alias::Entity::find()
            .select_only()
            .column(fhir_alias::Column::Alias)
            .join(
                JoinType::InnerJoin,
                fhir_alias::Entity::belongs_to(fhir_resource::Entity)
                    .from(fhir_alias::Column::ResourceId)
                    .to(fhir_resource::Column::Id)
                    .into(),
            )
            .column(fhir_resource::Column::Reference)
            .filter(fhir_alias::Column::Alias.is_in(chunk.iter().copied()))
            .into_tuple()
            .all(db)
            .await?;
        kept.extend(found);
    }
    known.extend(kept);
    Ok(named.into_iter().map(|name| name.map(|name| known.get(&name).cloned().unwrap_or(name))).collect())
}

fn name(row: &Row) -> String {
    reference::in_source(&row.source, &row.local)
}

fn pack(rows: Vec<Row>, charts: &[Option<String>]) -> Vec<Vec<Row>> {
    let mut nobodys = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    let mut groups: Vec<Vec<Row>> = Vec::new();
    for (row, chart) in rows.into_iter().zip(charts) {
        match chart {
            None => nobodys.push(row),
            Some(chart) => {
                let place = *places.entry(chart).or_insert(groups.len());
                if place == groups.len() {
                    groups.push(Vec::new());
                }
                groups[place].push(row);
            }
        }
    }
    let mut steps: Vec<Vec<Row>> = Vec::new();
    let mut nobodys = nobodys.into_iter().peekable();
    while nobodys.peek().is_some() {
        steps.push(nobodys.by_ref().take(STEP).collect());
    }
    for group in groups {
        match steps.last_mut() {
            Some(step) if step.len() + group.len() <= STEP => step.extend(group),
            _ => steps.push(group),
        }
    }
    steps
}

/// Writes the steps of a file down, and accepts it.
pub async fn stage(system: &System, name: &str, steps: &[Vec<Row>]) -> Result<Uuid, DbErr> {
    let (db, id) = (system.db(), new_id());
    let file = import_file::ActiveModel { id: Set(id), name: Set(name.to_owned()), accepted: Set(false), begun_at: Set(Utc::now()) };
    import_file::Entity::insert(file).exec_without_returning(db).await?;
    for (number, rows) in (0..).zip(steps) {
        let step = import_step::ActiveModel { file_id: Set(id), number: Set(number), body: Set(bundle(rows)) };
        import_step::Entity::insert(step).exec_without_returning(db).await?;
    }
    let accepted = import_file::ActiveModel { accepted: Set(true), ..Default::default() };
    import_file::Entity::update_many().set(accepted).filter(import_file::Column::Id.eq(id)).exec(db).await?;
    Ok(id)
}

fn bundle(rows: &[Row]) -> String {
    let mut text = String::from(r#"{"resourceType":"Bundle","type":"collection","entry":["#);
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push('{');
        text.push_str(&format!(r#""source":{},"#, Value::from(row.source.as_str())));
        if let Some(url) = &row.full_url {
            text.push_str(&format!(r#""fullUrl":{},"#, Value::from(url.as_str())));
        }
        text.push_str(r#""resource":"#);
        text.push_str(&row.body);
        text.push('}');
    }
    text.push_str("]}");
    text
}

/// Takes a step, in the transaction that brings it into the record. Returns whether it was there: another import may have taken it.
pub async fn take(tx: &impl ConnectionTrait, file: Uuid, number: i32) -> Result<bool, DbErr> {
    let taken = import_step::Entity::delete_by_id((file, number)).exec(tx).await?;
    if import_step::Entity::find().filter(import_step::Column::FileId.eq(file)).count(tx).await? == 0 {
        import_file::Entity::delete_by_id(file).exec(tx).await?;
    }
    Ok(taken.rows_affected == 1)
}

/// The steps of accepted files that are not in the record, with the names of their files. What was never accepted is deleted after
/// a day.
pub async fn left(system: &System) -> Result<Vec<(String, Uuid, i32)>, DbErr> {
    let db = system.db();
    let mut found = Vec::new();
    for file in import_file::Entity::find().order_by_asc(import_file::Column::Id).all(db).await? {
        if file.accepted {
            let numbers: Vec<i32> = import_step::Entity::find()
                .select_only()
                .column(import_step::Column::Number)
                .filter(import_step::Column::FileId.eq(file.id))
                .order_by_asc(import_step::Column::Number)
                .into_tuple()
                .all(db)
                .await?;
            found.extend(numbers.into_iter().map(|number| (file.name.clone(), file.id, number)));
        } else if file.begun_at < Utc::now() - TimeDelta::days(1) {
            import_step::Entity::delete_many().filter(import_step::Column::FileId.eq(file.id)).exec(db).await?;
            import_file::Entity::delete_by_id(file.id).exec(db).await?;
        }
    }
    Ok(found)
}

/// What a step holds.
pub async fn body(db: &impl ConnectionTrait, file: Uuid, number: i32) -> Result<Option<String>, DbErr> {
    Ok(import_step::Entity::find_by_id((file, number)).one(db).await?.map(|step| step.body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(number: usize) -> Row {
        Row {
            id: new_id(),
            resource_type: "Observation".into(),
            source: String::new(),
            local: format!("Observation/{number}"),
            full_url: None,
            aliases: Vec::new(),
            version_id: None,
            last_updated: None,
            hash: String::new(),
            body: "{}".into(),
            value: Value::Null,
            stored: None,
            patient: None,
            stood_in: None,
        }
    }

    #[test]
    fn no_chart_is_cut() {
        let sizes = [("", 1200), ("a", 700), ("b", 300), ("c", 150), ("d", 60)];
        let charts: Vec<Option<String>> = sizes
            .iter()
            .flat_map(|(name, count)| std::iter::repeat_n(Some((*name).to_owned()).filter(|name| !name.is_empty()), *count))
            .collect();
        let mut order: Vec<usize> = (0..charts.len()).collect();
        // Mixed, as in a file by type.
        order.sort_by_key(|number| number * 7919 % charts.len());
        let charts: Vec<Option<String>> = order.iter().map(|number| charts[*number].clone()).collect();
        let of: HashMap<String, Option<String>> =
            charts.iter().enumerate().map(|(n, chart)| (format!("Observation/{n}"), chart.clone())).collect();
        let steps = pack((0..charts.len()).map(row).collect(), &charts);
        assert_eq!(steps.iter().map(Vec::len).sum::<usize>(), charts.len());
        for name in ["a", "b", "c", "d"] {
            let having = steps.iter().filter(|step| step.iter().any(|row| of[&row.local].as_deref() == Some(name)));
            assert_eq!(having.count(), 1, "{name}");
        }
        assert!(steps.iter().all(|step| step.len() <= STEP || step.iter().all(|row| of[&row.local].as_deref() == Some("a"))));
    }
}
