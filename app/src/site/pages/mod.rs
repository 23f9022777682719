//! Pages of the server in the single-page app: the browser asks for one at an address and sets it as HTML.

mod api;
mod fragment_page;
#[cfg(feature = "ssr")]
mod render;

#[cfg(feature = "ssr")]
pub const PATH: &str = <api::ReadPage as leptos::server_fn::ServerFn>::PATH;

pub use fragment_page::FragmentPage;
