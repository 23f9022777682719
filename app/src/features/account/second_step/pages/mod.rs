//! The second step at sign-in, and its settings.

mod at_sign_in;
mod devices;
mod settings;

pub use at_sign_in::at_sign_in;
pub use devices::devices;
pub use settings::{app, passkey, recovery_codes, settings};
