//! How people get an account, keep it safe, get mail, and let others into their chart.

use sea_orm_migration::{prelude::*, schema::*};

use crate::m0001_records::{index, table};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, m: &SchemaManager) -> Result<(), DbErr> {
        widen(m).await?;
        forms_and_mail(m).await?;
        ways_in(m).await?;
        second_steps(m).await?;
        family(m).await
    }
}

/// New columns of tables that are there. SQLite adds one at a time.
async fn widen(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = [
        ("account", string_null("email")),
        ("account", timestamp_with_time_zone_null("email_verified_at")),
        ("account", string_null("security_question")),
        ("account", string_null("security_answer_hash")),
        ("account", string_null("totp_secret")),
        ("account", timestamp_with_time_zone_null("totp_confirmed_at")),
        ("account", boolean("email_code_on").default(false).take()),
        // Which groups of news somebody does not want by e-mail, with commas between.
        ("account", string_null("mail_off")),
        // Hours of the organisation's day, 0-23, between which no e-mail is sent.
        ("account", integer_null("quiet_from")),
        ("account", integer_null("quiet_until")),
        ("account", date_null("birth_date")),
        ("account", timestamp_with_time_zone_null("closed_at")),
        ("account_session", string_null("device")),
        // A second step was passed, or a passkey used.
        ("account_session", boolean("strong").default(false).take()),
        ("audit_event", string_null("device")),
        ("proxy_grant", timestamp_with_time_zone_null("last_used_at")),
        ("proxy_grant", string_null("given_by")),
        ("proxy_grant", string_null("end_note")),
    ];
    for (table, mut column) in columns {
        m.alter_table(Table::alter().table(Alias::new(table)).add_column(&mut column).take()).await?;
    }
    Ok(())
}

async fn forms_and_mail(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    // What was typed into a form that was refused, for a quarter of an hour, without its secrets.
    m.create_table(
        table("form_draft")
            .col(string("token_hash").primary_key())
            .col(string("action"))
            .col(text("entries"))
            .col(text("error"))
            .col(timestamp_with_time_zone("created_at"))
            .take(),
    )
    .await?;
    // E-mail on its way. Written in the transaction of what it tells of; a sender takes it by `locked_until`.
    m.create_table(
        table("outbox_mail")
            .col(pk_uuid("id"))
            .col(uuid_null("account_id"))
            .col(string("recipient"))
            .col(string("news"))
            .col(string("subject"))
            .col(text("text"))
            .col(text("html"))
            .col(string("state"))
            .col(integer("tries"))
            .col(timestamp_with_time_zone("next_try_at"))
            .col(timestamp_with_time_zone_null("locked_until"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("sent_at"))
            .col(string_null("refusal"))
            .take(),
    )
    .await?;
    m.create_index(index("outbox_mail", &["state", "next_try_at"])).await?;
    // What is done once, however many servers run: "midnight 2026-11-26". Whoever inserts the row does it.
    m.create_table(table("job_run").col(string("name").primary_key()).col(timestamp_with_time_zone("at")).take()).await
}

async fn ways_in(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    m.create_table(
        table("activation_code")
            .col(pk_uuid("id"))
            .col(uuid("patient_id"))
            .col(string_uniq("code_hash"))
            .col(string("handed"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .col(integer("wrong_tries"))
            .col(timestamp_with_time_zone_null("used_at"))
            .col(timestamp_with_time_zone_null("void_at"))
            .take(),
    )
    .await?;
    m.create_index(index("activation_code", &["patient_id"])).await?;
    // A sign-up under way, in one browser. It holds no clear password.
    m.create_table(
        table("sign_up")
            .col(pk_uuid("id"))
            .col(string_uniq("token_hash"))
            .col(uuid_null("code_id"))
            .col(uuid_null("invitation_id"))
            .col(uuid_null("patient_id"))
            .col(string("name"))
            .col(date("birth_date"))
            .col(string_null("username"))
            .col(string_null("password_hash"))
            .col(string_null("security_question"))
            .col(string_null("security_answer_hash"))
            .col(timestamp_with_time_zone("created_at"))
            .take(),
    )
    .await?;
    // Links in e-mails: recover a password or a user name, prove an address.
    m.create_table(
        table("mail_link")
            .col(pk_uuid("id"))
            .col(string_uniq("token_hash"))
            .col(uuid("account_id"))
            .col(string("purpose"))
            .col(string_null("email"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .col(timestamp_with_time_zone_null("used_at"))
            .col(integer("wrong_tries"))
            .foreign_key(ForeignKey::create().from("mail_link", "account_id").to("account", "id").on_delete(ForeignKeyAction::Cascade))
            .take(),
    )
    .await?;
    m.create_index(index("mail_link", &["account_id"])).await
}

async fn second_steps(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    m.create_table(
        table("sign_in_step")
            .col(string("token_hash").primary_key())
            .col(uuid("account_id"))
            .col(string("next"))
            .col(string_null("code_hash"))
            .col(timestamp_with_time_zone_null("code_sent_at"))
            .col(integer("wrong_tries"))
            .col(timestamp_with_time_zone("created_at"))
            .take(),
    )
    .await?;
    m.create_table(
        table("trusted_device")
            .col(pk_uuid("id"))
            .col(uuid("account_id"))
            .col(string_uniq("token_hash"))
            .col(string("device"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .foreign_key(ForeignKey::create().from("trusted_device", "account_id").to("account", "id").on_delete(ForeignKeyAction::Cascade))
            .take(),
    )
    .await?;
    m.create_table(
        table("recovery_code")
            .col(pk_uuid("id"))
            .col(uuid("account_id"))
            .col(string("code_hash"))
            .col(timestamp_with_time_zone_null("used_at"))
            .foreign_key(ForeignKey::create().from("recovery_code", "account_id").to("account", "id").on_delete(ForeignKeyAction::Cascade))
            .take(),
    )
    .await?;
    m.create_index(index("recovery_code", &["account_id"])).await?;
    m.create_table(
        table("passkey")
            .col(pk_uuid("id"))
            .col(uuid("account_id"))
            .col(string_uniq("credential_id"))
            .col(string("name"))
            .col(text("body"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone_null("last_used_at"))
            .foreign_key(ForeignKey::create().from("passkey", "account_id").to("account", "id").on_delete(ForeignKeyAction::Cascade))
            .take(),
    )
    .await?;
    m.create_index(index("passkey", &["account_id"])).await?;
    // What the server must remember between a passkey's question and its answer.
    m.create_table(
        table("passkey_challenge")
            .col(pk_uuid("id"))
            .col(uuid_null("account_id"))
            .col(text("body"))
            .col(timestamp_with_time_zone("created_at"))
            .take(),
    )
    .await
}

async fn family(m: &SchemaManager<'_>) -> Result<(), DbErr> {
    m.create_table(
        table("invitation")
            .col(pk_uuid("id"))
            .col(uuid("patient_id"))
            .col(string("invited_by"))
            .col(string("name"))
            .col(string("email"))
            .col(string("relationship"))
            .col(string("level"))
            .col(timestamp_with_time_zone_null("access_until"))
            .col(string_uniq("token_hash"))
            .col(string("state"))
            .col(integer("wrong_tries"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("expires_at"))
            .col(timestamp_with_time_zone_null("answered_at"))
            .take(),
    )
    .await?;
    m.create_index(index("invitation", &["patient_id"])).await?;
    // What somebody asks of staff, and what came of it: one queue for each kind.
    m.create_table(
        table("request")
            .col(pk_uuid("id"))
            .col(string_uniq("number"))
            .col(string("kind"))
            .col(string("state"))
            .col(uuid_null("account_id"))
            .col(uuid_null("patient_id"))
            .col(string("name"))
            .col(string_null("email"))
            .col(string("locale"))
            .col(text("body"))
            .col(timestamp_with_time_zone("created_at"))
            .col(date("due_on"))
            .col(text_null("answer"))
            .col(string_null("answered_by"))
            .col(timestamp_with_time_zone_null("answered_at"))
            .take(),
    )
    .await?;
    m.create_index(index("request", &["kind", "state", "due_on"])).await?;
    m.create_index(index("request", &["account_id"])).await?;
    m.create_table(
        table("attachment")
            .col(pk_uuid("id"))
            .col(uuid("request_id"))
            .col(string("name"))
            .col(string("media_type"))
            .col(blob("body"))
            .foreign_key(ForeignKey::create().from("attachment", "request_id").to("request", "id").on_delete(ForeignKeyAction::Cascade))
            .take(),
    )
    .await?;
    // How one account holder wants to see one person.
    m.create_table(
        table("person_look")
            .col(uuid("account_id"))
            .col(uuid("patient_id"))
            .col(integer_null("hue"))
            .col(string_null("nickname"))
            .col(blob_null("photo"))
            .primary_key(Index::create().col("account_id").col("patient_id"))
            .foreign_key(ForeignKey::create().from("person_look", "account_id").to("account", "id").on_delete(ForeignKeyAction::Cascade))
            .take(),
    )
    .await
}
