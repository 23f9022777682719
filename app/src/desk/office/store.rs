//! Who answers for which department.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, JoinType, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, Select,
    sea_query::{Expr, ExprTrait, SelectStatement, SimpleExpr},
};
use uuid::Uuid;

use super::{
    due::REPLY_DAYS,
    entity::{message_office, saved_reply},
};
use crate::{
    access::{Grant, Permission},
    base::error::Error,
    people::{account, folding::folded, patient::with_merged, relation::StaffRole, staff_office},
    platform::batch::{Batch, Columns, Rows, alone},
    record::{care_team::entity::department, visit::entity::visit},
};

/// Of what was given last so many percent must be used before there is more, where nothing else is set for the office.
const REFILL_PERCENT: i32 = 75;

/// How a department answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Office {
    /// Business days in which messages are answered.
    pub reply_days: i32,
    pub sensitive: bool,
    /// What a visit by message usually costs, in cents; none is offered otherwise.
    pub e_visit_cents: Option<i64>,
    /// Of what was given last so many percent must be used before there is more.
    pub refill_percent: i32,
    /// Business days in which requests for medicine are answered.
    pub refill_days: i32,
}

impl Office {
    /// Where nothing is set.
    pub const USUAL: Office =
        Office { reply_days: REPLY_DAYS, sensitive: false, e_visit_cents: None, refill_percent: REFILL_PERCENT, refill_days: REPLY_DAYS };

    fn of_row(row: Option<&message_office::Model>) -> Self {
        row.map_or(Self::USUAL, |row| Self {
            reply_days: row.reply_days,
            sensitive: row.sensitive,
            e_visit_cents: row.e_visit_cents,
            refill_percent: row.refill_percent,
            refill_days: row.refill_days,
        })
    }
}

/// # Errors
/// When the database fails.
pub async fn office(db: &impl ConnectionTrait, department: Uuid) -> Result<Office, Error> {
    Ok(Office::of_row(message_office::Entity::find_by_id(department).one(db).await?.as_ref()))
}

/// A department whose staff answer here.
pub struct Answering {
    pub place: department::Model,
    /// Who reads what is asked of it.
    pub readers: Vec<String>,
    pub office: Office,
}

/// Somebody who reads what is asked of a department.
#[derive(FromQueryResult)]
struct Reader {
    department_id: Uuid,
    display_name: String,
}

/// Those of these departments with somebody who answers.
///
/// # Errors
/// When the database fails.
pub async fn answering(db: &impl ConnectionTrait, departments: BTreeSet<Uuid>) -> Result<BTreeMap<Uuid, Answering>, Error> {
    Ok(alone(db, |batch| ask_answering(batch, departments)).await?)
}

/// Asks for those of these departments with somebody who answers.
pub fn ask_answering(
    batch: &mut Batch,
    departments: BTreeSet<Uuid>,
) -> impl FnOnce(&mut Rows) -> Result<BTreeMap<Uuid, Answering>, DbErr> + use<> {
    let asked = (!departments.is_empty()).then(|| {
        let account = staff_office::Entity::belongs_to(account::Entity).from(staff_office::Column::AccountId).to(account::Column::Id);
        let staff = staff_office::Entity::find()
            .join(JoinType::InnerJoin, account.into())
            .filter(staff_office::Column::DepartmentId.is_in(departments.iter().copied()))
            .filter(account::Column::ClosedAt.is_null());
        let columns = Columns::default().of([staff_office::Column::DepartmentId]).of([account::Column::DisplayName]);
        let rules = message_office::Entity::find().filter(message_office::Column::DepartmentId.is_in(departments.iter().copied()));
        let places = department::Entity::find().filter(department::Column::Id.is_in(departments));
        (batch.ask_columns::<_, Reader>(staff, columns), batch.ask(rules), batch.ask(places))
    });
    move |answers| {
        let Some((staff, rules, places)) = asked else { return Ok(BTreeMap::new()) };
        let (mut staff, rules, places) = (answers.take(staff)?, answers.take(rules)?, answers.take(places)?);
        staff.sort_by_cached_key(|reader| folded(&reader.display_name));
        let mut readers: HashMap<Uuid, Vec<String>> = HashMap::new();
        for reader in staff {
            readers.entry(reader.department_id).or_default().push(reader.display_name);
        }
        let found = places.into_iter().filter_map(|place| {
            let office = Office::of_row(rules.iter().find(|rule| rule.department_id == place.id));
            Some((place.id, Answering { readers: readers.remove(&place.id)?, office, place }))
        });
        Ok(found.collect())
    }
}

/// For which departments the caller answers.
///
/// # Errors
/// When the database fails.
pub async fn offices<P: Permission>(grant: &Grant<P>) -> Result<Vec<staff_office::Model>, Error> {
    let mine = staff_office::Entity::find().filter(staff_office::Column::AccountId.eq(grant.holder()?.account.0));
    Ok(mine.all(grant.db()).await?)
}

/// The same, as a part of a query.
///
/// # Errors
/// `SignInNeeded` when nobody is signed in.
pub fn own_departments<P: Permission>(grant: &Grant<P>) -> Result<SelectStatement, Error> {
    let mine = staff_office::Entity::find()
        .select_only()
        .column(staff_office::Column::DepartmentId)
        .filter(staff_office::Column::AccountId.eq(grant.holder()?.account.0));
    Ok(mine.into_query())
}

/// Whether a patient was, or will be, at one of these departments.
///
/// # Errors
/// When the database fails.
pub async fn has_visited(db: &impl ConnectionTrait, patient: Uuid, departments: &[Uuid]) -> Result<bool, Error> {
    let visits = visit::Entity::find()
        .filter(visit::Column::PatientId.in_subquery(with_merged(patient).into_query()))
        .filter(visit::Column::DepartmentId.is_in(departments.iter().copied()));
    Ok(visits.count(db).await? > 0)
}

/// Accounts that answer what patients write.
fn answers() -> Condition {
    let roles = StaffRole::ALL.iter().copied().filter(|role| role.answers_messages());
    Condition::all().add(account::Column::StaffRole.is_in(roles)).add(account::Column::ClosedAt.is_null())
}

/// Departments for which somebody of a care team answers, as a part of a query.
fn is_staffed() -> SimpleExpr {
    let account = staff_office::Entity::belongs_to(account::Entity).from(staff_office::Column::AccountId).to(account::Column::Id).into();
    let staff = staff_office::Entity::find()
        .select_only()
        .column(staff_office::Column::AccountId)
        .join(JoinType::InnerJoin, account)
        .filter(Expr::col((staff_office::Entity, staff_office::Column::DepartmentId)).equals((department::Entity, department::Column::Id)))
        .filter(answers());
    Expr::exists(staff.into_query())
}

/// The departments for which nobody of a care team answers.
///
/// # Errors
/// When the database fails.
pub async fn unstaffed(db: &impl ConnectionTrait) -> Result<Vec<Uuid>, Error> {
    let all = department::Entity::find().select_only().column(department::Column::Id);
    Ok(all.filter(is_staffed().not()).into_tuple().all(db).await?)
}

/// The care team of a department; where nobody answers for it, everybody who answers anywhere: what must be heard reaches somebody.
///
/// # Errors
/// When the database fails.
pub async fn care_team(db: &impl ConnectionTrait, department: Option<Uuid>) -> Result<Vec<account::Model>, Error> {
    let staff = || staff_office::Entity::find().select_only().column(staff_office::Column::AccountId);
    let of = |staff: Select<staff_office::Entity>| {
        account::Entity::find().filter(account::Column::Id.in_subquery(staff.into_query())).filter(answers())
    };
    let own = of(staff().filter(staff_office::Column::DepartmentId.eq(department))).all(db).await?;
    Ok(if own.is_empty() { of(staff()).all(db).await? } else { own })
}

/// Who answers for a department, by name.
///
/// # Errors
/// When the database fails.
pub async fn colleagues(db: &impl ConnectionTrait, department: Uuid) -> Result<Vec<(Uuid, String)>, Error> {
    let staff = staff_office::Entity::find().filter(staff_office::Column::DepartmentId.eq(department)).all(db).await?;
    let accounts = account::Entity::find()
        .filter(account::Column::Id.is_in(staff.into_iter().map(|row| row.account_id)))
        .filter(account::Column::ClosedAt.is_null())
        .order_by_asc(account::Column::DisplayName);
    Ok(accounts.all(db).await?.into_iter().map(|found| (found.id, found.display_name)).collect())
}

/// The answers that a department gives often, by title.
///
/// # Errors
/// When the database fails.
pub async fn replies(db: &impl ConnectionTrait, departments: Vec<Uuid>) -> Result<Vec<saved_reply::Model>, Error> {
    let kept = saved_reply::Entity::find().filter(saved_reply::Column::DepartmentId.is_in(departments));
    Ok(kept.order_by_asc(saved_reply::Column::Title).order_by_asc(saved_reply::Column::Id).all(db).await?)
}
