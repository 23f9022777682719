//! Who there is: patients, account holders, access that one person has to another's chart.

#[cfg(feature = "ssr")]
pub mod account;
#[cfg(feature = "ssr")]
pub mod emancipation;
#[cfg(feature = "ssr")]
pub mod find;
#[cfg(feature = "ssr")]
pub mod folding;
#[cfg(feature = "ssr")]
pub mod name_part;
#[cfg(feature = "ssr")]
pub mod patient;
#[cfg(feature = "ssr")]
pub mod patient_record;
#[cfg(feature = "ssr")]
pub mod person_look;
#[cfg(feature = "ssr")]
pub mod proxy_grant;
#[cfg(feature = "ssr")]
pub mod regroup;
#[cfg(feature = "ssr")]
pub mod related_person;
pub mod relation;
#[cfg(feature = "ssr")]
pub mod staff_office;
