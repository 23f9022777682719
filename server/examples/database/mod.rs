//! A database of its own on PostgreSQL for each benchmark.

use sea_orm::{ConnectionTrait, Database, DbErr};

/// The address of an empty database of this name, on the server of `admin`; one that an earlier run left is dropped.
///
/// # Errors
/// When the server does not answer, or `admin` is no address of a database.
pub async fn own_database(admin: &str, name: &str) -> Result<String, DbErr> {
    let connection = Database::connect(admin).await?;
    connection.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
    connection.execute_unprepared(&format!("CREATE DATABASE {name}")).await?;
    let (server, _) = admin.rsplit_once('/').ok_or(DbErr::Custom("TEST_POSTGRES_URL names no database".into()))?;
    Ok(format!("{server}/{name}"))
}
