//! The portal through HTTP, as named people, on SQLite and, where `TEST_POSTGRES_URL` names one, on PostgreSQL.

mod demo;
mod every_server_fn;
mod import;
mod policy_matrix;
mod proxies;
mod shield;
mod sign_in;
mod staff;
mod teen_wall;
mod visits;
mod world;
