//! A chart goes into another, and comes back when the source takes that back.
//!
//! Account and accesses follow where nothing stands in their way; what does is for the front desk. What was handed out for the old
//! chart ends: codes, invitations, shares and links.

use app::{
    base::ids::new_id,
    features::{
        account::sign_up::entity::activation_code,
        family::{entity::invitation, model::InvitationState},
        messages::moving as messages,
        sharing::entity::{health_link, share},
        staff::merged::{MergedRecords, ask_the_desk},
    },
    people::{account, patient, patient_record::moved, proxy_grant},
};
use chrono::Utc;
use sea_orm::{ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, sea_query::Expr};
use uuid::Uuid;

const ACCOUNT: &str = "account";
const GRANT: &str = "proxy_grant";
/// The day of an emancipation, by the chart that has it from the other.
const EMANCIPATION: &str = "emancipation";

/// Puts a chart into another.
pub async fn into(tx: &impl ConnectionTrait, old: Uuid, new: Uuid) -> Result<(), DbErr> {
    let Some(before) = patient::Entity::find_by_id(old).one(tx).await? else { return Ok(()) };
    if before.merged_into == Some(new) {
        return Ok(());
    }
    set_merged(tx, old, Some(new)).await?;
    end_handed_out(tx, old).await?;
    // Whoever was emancipated keeps what that protects.
    if before.emancipated_on.is_some() {
        let day = Expr::value(before.emancipated_on);
        let taken = patient::Entity::update_many()
            .col_expr(patient::Column::EmancipatedOn, day)
            .filter(patient::Column::Id.eq(new))
            .filter(patient::Column::EmancipatedOn.is_null())
            .exec(tx)
            .await?;
        if taken.rows_affected > 0 {
            note(tx, EMANCIPATION, new, old, new).await?;
        }
    }
    let (mut two_accounts, mut proxies) = (false, 0);
    // A closed one too: a death that is taken back opens it again.
    let accounts = |patient: Uuid| account::Entity::find().filter(account::Column::PatientId.eq(patient));
    if let Some(account) = accounts(old).one(tx).await? {
        if accounts(new).one(tx).await?.is_none() {
            move_account(tx, account.id, old, new).await?;
        } else {
            two_accounts = true;
        }
    }
    let open = |patient: Uuid| {
        proxy_grant::Entity::find().filter(proxy_grant::Column::PatientId.eq(patient)).filter(proxy_grant::Column::EndedAt.is_null())
    };
    let there = open(new).all(tx).await?;
    let own = accounts(new).one(tx).await?.map(|account| account.id);
    for grant in open(old).all(tx).await? {
        match there.iter().find(|other| other.account_id == grant.account_id) {
            Some(other) if is_same(other, &grant) => {}
            Some(_) => proxies += 1,
            None if own == Some(grant.account_id) => {}
            None => move_grant(tx, grant.id, old, new).await?,
        }
    }
    if two_accounts || proxies > 0 {
        let after = patient::Entity::find_by_id(new).one(tx).await?;
        let name = format!("{} {}", before.given_name, before.family_name);
        let details = MergedRecords { old_number: before.mrn, new_number: after.and_then(|after| after.mrn), two_accounts, proxies };
        ask_the_desk(tx, new, name.trim().to_owned(), &details, Utc::now().date_naive(), Utc::now()).await?;
    }
    Ok(())
}

/// Whether two accesses of one account open the same.
fn is_same(one: &proxy_grant::Model, other: &proxy_grant::Model) -> bool {
    let what = |grant: &proxy_grant::Model| (grant.level, grant.basis, grant.may_share, grant.expires_at);
    what(one) == what(other)
}

/// A new chart beside another of the same person, for the record `leader` to head: what the other one is becomes part of it.
pub async fn beside(tx: &impl ConnectionTrait, other: Uuid, leader: Uuid) -> Result<Uuid, DbErr> {
    let found = patient::Entity::find_by_id(other).one(tx).await?;
    let found = found.ok_or_else(|| DbErr::RecordNotFound("a chart that was read just now".into()))?;
    let id = new_id();
    let new = patient::Model { id, resource_id: leader, merged_into: None, ..found };
    patient::Entity::insert(patient::ActiveModel::from(new)).exec_without_returning(tx).await?;
    Ok(id)
}

/// Takes back that a chart went into another.
pub async fn undo(tx: &impl ConnectionTrait, chart: Uuid) -> Result<(), DbErr> {
    set_merged(tx, chart, None).await?;
    for row in moved::Entity::find().filter(moved::Column::FromPatient.eq(chart)).all(tx).await? {
        match row.kind.as_str() {
            ACCOUNT => {
                put_account(tx, row.id, chart).await?;
                messages::take_back(tx, row.id, row.to_patient, chart).await?;
            }
            EMANCIPATION => give_back_emancipation(tx, row.to_patient).await?,
            GRANT => put_grant(tx, row.id, chart).await?,
            _ => continue,
        }
        moved::Entity::delete_by_id((row.kind, row.id)).exec(tx).await?;
    }
    Ok(())
}

/// A chart that had the day of an emancipation from another has none any more; nor has one into which that went.
async fn give_back_emancipation(tx: &impl ConnectionTrait, chart: Uuid) -> Result<(), DbErr> {
    let mut next = Some(chart);
    while let Some(chart) = next {
        patient::Entity::update_many()
            .col_expr(patient::Column::EmancipatedOn, Expr::value(None::<chrono::NaiveDate>))
            .filter(patient::Column::Id.eq(chart))
            .exec(tx)
            .await?;
        let further = moved::Entity::find().filter(moved::Column::Kind.eq(EMANCIPATION)).filter(moved::Column::FromPatient.eq(chart));
        let further = further.one(tx).await?;
        next = further.as_ref().map(|row| row.to_patient);
        if let Some(row) = further {
            moved::Entity::delete_by_id((row.kind, row.id)).exec(tx).await?;
        }
    }
    Ok(())
}

/// Codes and invitations of a chart are over.
pub async fn end_codes_and_invitations(tx: &impl ConnectionTrait, chart: Uuid) -> Result<(), DbErr> {
    let now = Utc::now();
    activation_code::Entity::update_many()
        .set(activation_code::ActiveModel { void_at: Set(Some(now)), ..Default::default() })
        .filter(activation_code::Column::PatientId.eq(chart))
        .filter(activation_code::Column::UsedAt.is_null())
        .filter(activation_code::Column::VoidAt.is_null())
        .exec(tx)
        .await?;
    invitation::Entity::update_many()
        .set(invitation::ActiveModel { state: Set(InvitationState::Withdrawn), answered_at: Set(Some(now)), ..Default::default() })
        .filter(invitation::Column::PatientId.eq(chart))
        .filter(invitation::Column::State.is_in([InvitationState::Draft, InvitationState::Sent]))
        .exec(tx)
        .await?;
    Ok(())
}

/// Codes, invitations, shares and links of a chart that nobody opens any more.
async fn end_handed_out(tx: &impl ConnectionTrait, chart: Uuid) -> Result<(), DbErr> {
    end_codes_and_invitations(tx, chart).await?;
    let now = Utc::now();
    share::Entity::update_many()
        .set(share::ActiveModel { closed_at: Set(Some(now)), ..Default::default() })
        .filter(share::Column::PatientId.eq(chart))
        .filter(share::Column::ClosedAt.is_null())
        .exec(tx)
        .await?;
    health_link::Entity::update_many()
        .set(health_link::ActiveModel { revoked_at: Set(Some(now)), ..Default::default() })
        .filter(health_link::Column::PatientId.eq(chart))
        .filter(health_link::Column::RevokedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

async fn set_merged(tx: &impl ConnectionTrait, chart: Uuid, into: Option<Uuid>) -> Result<(), DbErr> {
    let set = Expr::value(into);
    patient::Entity::update_many().col_expr(patient::Column::MergedInto, set).filter(patient::Column::Id.eq(chart)).exec(tx).await?;
    Ok(())
}

async fn move_account(tx: &impl ConnectionTrait, id: Uuid, old: Uuid, new: Uuid) -> Result<(), DbErr> {
    put_account(tx, id, new).await?;
    note(tx, ACCOUNT, id, old, new).await
}

async fn move_grant(tx: &impl ConnectionTrait, id: Uuid, old: Uuid, new: Uuid) -> Result<(), DbErr> {
    put_grant(tx, id, new).await?;
    note(tx, GRANT, id, old, new).await
}

async fn put_account(tx: &impl ConnectionTrait, id: Uuid, chart: Uuid) -> Result<(), DbErr> {
    let set = Expr::value(Some(chart));
    account::Entity::update_many().col_expr(account::Column::PatientId, set).filter(account::Column::Id.eq(id)).exec(tx).await?;
    Ok(())
}

async fn put_grant(tx: &impl ConnectionTrait, id: Uuid, chart: Uuid) -> Result<(), DbErr> {
    let set = Expr::value(chart);
    proxy_grant::Entity::update_many()
        .col_expr(proxy_grant::Column::PatientId, set)
        .filter(proxy_grant::Column::Id.eq(id))
        .exec(tx)
        .await?;
    Ok(())
}

async fn note(tx: &impl ConnectionTrait, kind: &str, id: Uuid, old: Uuid, new: Uuid) -> Result<(), DbErr> {
    let row = moved::ActiveModel { kind: Set(kind.into()), id: Set(id), from_patient: Set(old), to_patient: Set(new) };
    moved::Entity::delete_by_id((kind.to_owned(), id)).exec(tx).await?;
    moved::Entity::insert(row).exec_without_returning(tx).await?;
    Ok(())
}
