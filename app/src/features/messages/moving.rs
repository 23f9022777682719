//! Threads that go with an account from one chart to another.

use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

use super::{
    entity::{message, message_thread},
    model::Side,
};

/// The threads of a chart that an account began as the patient, and in which nobody else wrote as the patient, go to the chart
/// that is its own again.
///
/// # Errors
/// When the database fails.
pub async fn take_back(tx: &impl ConnectionTrait, account: Uuid, from: Uuid, to: Uuid) -> Result<(), DbErr> {
    let written = || {
        let as_patient = message::Entity::find().filter(message::Column::Side.eq(Side::Patient));
        let here = (message_thread::Entity, message_thread::Column::Id);
        let of_thread = as_patient.filter(Expr::col((message::Entity, message::Column::ThreadId)).equals(here));
        of_thread.select_only().column(message::Column::Id)
    };
    let own = written().filter(message::Column::AccountId.eq(account)).into_query();
    let of_others = written().filter(message::Column::AccountId.ne(account)).into_query();
    message_thread::Entity::update_many()
        .set(message_thread::ActiveModel { patient_id: Set(to), ..Default::default() })
        .filter(message_thread::Column::PatientId.eq(from))
        .filter(Expr::exists(own))
        .filter(Expr::not_exists(of_others))
        .exec(tx)
        .await?;
    Ok(())
}
