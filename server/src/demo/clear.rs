//! An empty database.

use app::{
    access::{
        System,
        entity::{account_session, audit_event, form_draft},
    },
    desk::requests::entity::{attachment, request},
    features::{
        account::{
            recovery::entity::mail_link,
            second_step::entity::{passkey, passkey_challenge, recovery_code, sign_in_step, trusted_device},
            sign_up::entity::{activation_code, sign_up},
        },
        credentials::entity::{health_card, health_card_source},
        family::entity::invitation,
        personal::entity::patient_overlay,
        sharing::entity::{health_link, share, take_along},
    },
    people::{
        account, emancipation, name_part, patient,
        patient_record::{self, link, moved},
        person_look, proxy_grant, related_person,
    },
    platform::{
        entity::{attempt, job_run, setting},
        mail::entity::outbox_mail,
    },
    record::{
        annotation::entity::amendment,
        care_team::entity::{clinician, department},
        item::entity::health_item,
        note::entity::note,
        resource::entity::{arrival, fhir_alias, fhir_pending, fhir_resource, fhir_version},
        result::entity::{measurement, measurement_before, result_choice, test_result},
        summary::entity::summary_item,
        visit::entity::{visit, visit_clinician},
    },
};
use sea_orm::{DbErr, EntityTrait};

/// Deletes everything.
pub async fn clear(system: &System) -> Result<(), DbErr> {
    let tx = system.begin().await?;
    macro_rules! delete_all {
        ($($entity:ident),+ $(,)?) => { $($entity::Entity::delete_many().exec(&tx).await?;)+ };
    }
    delete_all![
        attachment,
        request,
        invitation,
        person_look,
        passkey,
        passkey_challenge,
        recovery_code,
        trusted_device,
        sign_in_step,
        mail_link,
        sign_up,
        activation_code,
        outbox_mail,
        job_run,
        form_draft,
        account_session,
        health_card,
        health_card_source,
        amendment,
        share,
        health_link,
        take_along,
        proxy_grant,
        account,
        attempt,
        audit_event,
        setting,
        health_item,
        measurement_before,
        measurement,
        test_result,
        result_choice,
        summary_item,
        note,
        visit_clinician,
        visit,
        clinician,
        department,
        related_person,
        emancipation,
        moved,
        link,
        patient_record,
        name_part,
        patient_overlay,
        patient,
        arrival,
        fhir_pending,
        fhir_alias,
        fhir_version,
        fhir_resource,
    ];
    tx.commit().await
}
