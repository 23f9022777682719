//! Indexes of what is asked for by more than its id, and two things of which there is one at most.

use sea_orm_migration::prelude::*;

use crate::m0001_records::index;

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        m.create_index(index("summary_item", &["patient_id", "section", "due_on"])).await?;
        m.create_index(index("patient", &["birth_date"])).await?;
        m.create_index(index("patient", &["mrn"])).await?;
        m.create_index(index("account_session", &["created_at"])).await?;
        m.create_index(index("fhir_pending", &["resource_id"])).await?;
        m.create_index(index("fhir_resource", &["resource_type", "patient_id", "id"])).await?;
        m.create_index(index("trusted_device", &["account_id"])).await?;
        // What is kept for a while only is deleted by its age.
        m.create_index(index("form_draft", &["created_at"])).await?;
        m.create_index(index("attempt", &["window_started_at"])).await?;
        m.create_index(index("passkey_challenge", &["created_at"])).await?;
        m.create_index(index("sign_in_step", &["created_at"])).await?;
        m.create_index(index("sign_up", &["created_at"])).await?;
        m.create_index(index("take_along", &["expires_at"])).await?;
        let db = m.get_connection();
        // The migration library has no expressions and no conditions in indexes.
        db.execute_unprepared("CREATE INDEX idx_account_email_lower ON account (lower(email))").await?;
        one_open_grant(db).await?;
        one_amendment(db).await
    }
}

/// An account has one open access to a chart. Of several that two servers opened at once, the last one stays.
async fn one_open_grant(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let newer = "FROM proxy_grant AS newer WHERE newer.account_id = proxy_grant.account_id AND newer.patient_id = proxy_grant.patient_id \
        AND newer.ended_at IS NULL AND (newer.created_at > proxy_grant.created_at \
        OR (newer.created_at = proxy_grant.created_at AND newer.id > proxy_grant.id))";
    let replaced = format!(
        "UPDATE proxy_grant SET ended_at = (SELECT MAX(newer.created_at) {newer}), end_reason = 'revoked' \
         WHERE ended_at IS NULL AND EXISTS (SELECT 1 {newer})"
    );
    db.execute_unprepared(&replaced).await?;
    let unique = "CREATE UNIQUE INDEX idx_proxy_grant_open ON proxy_grant (account_id, patient_id) WHERE ended_at IS NULL";
    db.execute_unprepared(unique).await?;
    Ok(())
}

/// A request leads to one addition to the record. What was added twice stays in the record, and the second loses its request.
async fn one_amendment(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    let twice = "UPDATE amendment SET request_id = id WHERE EXISTS (SELECT 1 FROM amendment AS earlier \
        WHERE earlier.request_id = amendment.request_id AND earlier.id < amendment.id)";
    db.execute_unprepared(twice).await?;
    db.execute_unprepared("CREATE UNIQUE INDEX idx_amendment_request_id ON amendment (request_id)").await?;
    Ok(())
}
