//! The schema, one file per step; the same on SQLite and PostgreSQL.

pub use sea_orm_migration::{MigratorTrait, prelude::*};

/// The application folds names as the schema's steps do.
#[path = "../../app/src/people/folding.rs"]
mod folding;
mod m0001_records;
mod m0002_accounts;
mod m0003_people;
mod m0004_health;
mod m0005_credentials;
mod m0006_corrections;
mod m0007_release;
mod m0008_sharing;
mod m0009_take_along;
mod m0010_results;
mod m0011_cards;
mod m0012_indexes;
mod m0013_name_parts;
mod m0014_accepted_details;
mod m0015_arrivals;
mod m0016_signed;
mod m0017_import_steps;
mod m0020_mail_classes;
mod m0021_jobs;
mod m0030_proved_email;
mod m0031_sources;
mod m0033_folded_names;
mod m0040_confirmed_differences;
mod m0041_as_sent;
mod m0041_shared_and_undone;
mod m0042_named_at_visits;
mod m0043_partial_birth_dates;
mod m0044_changes_of_demographics;
mod m0045_several_sources;
mod m0046_joined_records;
mod m0047_messages;
mod m0048_medications;
mod m0049_outgoing;
mod m0050_message_drafts;
mod m0051_message_offices;
mod m0052_calendar_feeds;
mod m0053_appointments;
mod m0054_billing;
mod m0055_bill_lists;
mod m0056_bank_accounts;
mod m0057_check_in;
mod m0058_questionnaires;
mod m0059_video_visits;
mod m0060_push;
mod m0061_questionnaire_titles;
mod m0062_video_shares;

pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m0001_records::Migration),
            Box::new(m0002_accounts::Migration),
            Box::new(m0003_people::Migration),
            Box::new(m0004_health::Migration),
            Box::new(m0005_credentials::Migration),
            Box::new(m0006_corrections::Migration),
            Box::new(m0007_release::Migration),
            Box::new(m0008_sharing::Migration),
            Box::new(m0009_take_along::Migration),
            Box::new(m0010_results::Migration),
            Box::new(m0011_cards::Migration),
            Box::new(m0012_indexes::Migration),
            Box::new(m0013_name_parts::Migration),
            Box::new(m0014_accepted_details::Migration),
            Box::new(m0015_arrivals::Migration),
            Box::new(m0016_signed::Migration),
            Box::new(m0017_import_steps::Migration),
            Box::new(m0020_mail_classes::Migration),
            Box::new(m0021_jobs::Migration),
            Box::new(m0030_proved_email::Migration),
            Box::new(m0031_sources::Migration),
            Box::new(m0033_folded_names::Migration),
            Box::new(m0040_confirmed_differences::Migration),
            Box::new(m0041_as_sent::Migration),
            Box::new(m0041_shared_and_undone::Migration),
            Box::new(m0042_named_at_visits::Migration),
            Box::new(m0043_partial_birth_dates::Migration),
            Box::new(m0044_changes_of_demographics::Migration),
            Box::new(m0045_several_sources::Migration),
            Box::new(m0046_joined_records::Migration),
            Box::new(m0047_messages::Migration),
            Box::new(m0048_medications::Migration),
            Box::new(m0049_outgoing::Migration),
            Box::new(m0050_message_drafts::Migration),
            Box::new(m0051_message_offices::Migration),
            Box::new(m0052_calendar_feeds::Migration),
            Box::new(m0053_appointments::Migration),
            Box::new(m0054_billing::Migration),
            Box::new(m0055_bill_lists::Migration),
            Box::new(m0056_bank_accounts::Migration),
            Box::new(m0057_check_in::Migration),
            Box::new(m0058_questionnaires::Migration),
            Box::new(m0059_video_visits::Migration),
            Box::new(m0060_push::Migration),
            Box::new(m0061_questionnaire_titles::Migration),
            Box::new(m0062_video_shares::Migration),
        ]
    }
}
