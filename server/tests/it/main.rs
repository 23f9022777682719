//! The portal through HTTP, as named people, on SQLite and, where `TEST_POSTGRES_URL` names one, on PostgreSQL.

mod access_log;
mod accounts;
mod corrections;
mod credentials;
mod demo;
mod every_server_fn;
mod family;
mod health;
mod import;
mod mail;
mod news;
mod once;
mod overlay;
mod policy_matrix;
mod proxies;
mod release;
mod requests;
mod results;
mod sharing;
mod shield;
mod sign_in;
mod staff;
mod take_along;
mod teen_wall;
mod visits;
mod world;
