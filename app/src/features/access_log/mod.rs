//! Who opened a chart: the patient, each proxy, staff; what, when, and from which kind of device.

#[cfg(feature = "ssr")]
pub mod screens;
#[cfg(feature = "ssr")]
pub mod store;
