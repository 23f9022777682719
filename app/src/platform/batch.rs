//! Many questions to the database at once.

use std::{
    fmt::{self, Write},
    marker::PhantomData,
};

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, DbErr, EntityTrait, FromQueryResult, Iterable, QueryResult, QuerySelect, QueryTrait, Select,
    Statement,
    sea_query::{
        ColumnType, Expr, PostgresQueryBuilder, QueryBuilder, SelectStatement, SimpleExpr, SqlWriterValues, SqliteQueryBuilder, Values,
    },
};

/// Questions that do not wait for each other's answers: they go to the database together, and come back together.
///
/// ```ignore
/// let mut batch = Batch::default();
/// let notes = batch.ask(note::Entity::find().filter(…));
/// let visits = batch.ask(visit::Entity::find().filter(…));
/// let mut rows = batch.read(db).await?;
/// let (notes, visits) = (rows.take(notes)?, rows.take(visits)?);
/// ```
#[derive(Default)]
pub struct Batch {
    parts: Vec<Part>,
}

struct Part {
    query: SelectStatement,
    /// Only a union asks for them.
    columns: Box<dyn FnOnce() -> Columns + Send>,
}

/// A question of a [`Batch`], for its answer in [`Rows`].
pub struct Asked<R> {
    part: usize,
    row: PhantomData<fn() -> R>,
}

/// What was found, by question. The order of a question's rows is not known, also where it asks for one: its limit counts.
#[derive(Default)]
pub struct Rows {
    /// With the prefix of the names of its columns.
    parts: Vec<(String, Vec<QueryResult>)>,
}

/// Asks by itself what elsewhere is asked with other things.
///
/// # Errors
/// When the database fails, and what the answers are refused for.
pub async fn alone<T, E, A>(db: &impl ConnectionTrait, ask: impl FnOnce(&mut Batch) -> A) -> Result<T, E>
where
    A: FnOnce(&mut Rows) -> Result<T, E>,
    E: From<DbErr>,
{
    let mut batch = Batch::default();
    let asked = ask(&mut batch);
    asked(&mut batch.read(db).await?)
}

/// Columns, also of several entities. Each has another name.
#[derive(Default)]
pub struct Columns(Vec<Column>);

struct Column {
    name: String,
    of: SimpleExpr,
    kind: &'static str,
}

/// A column of the whole statement. Questions share those of the same name and type.
struct Place {
    name: String,
    kind: &'static str,
}

impl Columns {
    /// These columns of an entity too.
    #[must_use]
    pub fn of<C: ColumnTrait>(mut self, columns: impl IntoIterator<Item = C>) -> Self {
        self.0.extend(columns.into_iter().map(|column| Column {
            name: column.as_str().to_owned(),
            of: Expr::col(column.as_column_ref()),
            kind: in_sql(column.def().get_column_type()),
        }));
        self
    }
}

impl Batch {
    /// Whole rows of an entity.
    pub fn ask<E: EntityTrait>(&mut self, select: Select<E>) -> Asked<E::Model> {
        self.add(select.into_query(), || Columns::default().of(E::Column::iter()))
    }

    /// Some columns of them, also of what is joined. `R` has fields of their names.
    pub fn ask_columns<E: EntityTrait, R: FromQueryResult>(&mut self, select: Select<E>, columns: Columns) -> Asked<R> {
        let mut select = select.select_only();
        for column in &columns.0 {
            QuerySelect::query(&mut select).expr_as(column.of.clone(), column.name.clone());
        }
        self.add(select.into_query(), || columns)
    }

    fn add<R>(&mut self, query: SelectStatement, columns: impl FnOnce() -> Columns + Send + 'static) -> Asked<R> {
        self.parts.push(Part { query, columns: Box::new(columns) });
        Asked { part: self.parts.len() - 1, row: PhantomData }
    }

    /// Asks everything at once; nothing where nothing is asked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn read(self, db: &impl ConnectionTrait) -> Result<Rows, DbErr> {
        if self.parts.is_empty() {
            return Ok(Rows::default());
        }
        let (statement, prefixes) = match db.get_database_backend() {
            DbBackend::Sqlite => self.one_after_another(),
            _ => self.union(),
        }
        .map_err(|error| DbErr::Custom(error.to_string()))?;
        let mut parts: Vec<(String, Vec<QueryResult>)> = prefixes.into_iter().map(|prefix| (prefix, Vec::new())).collect();
        for row in db.query_all_raw(statement).await? {
            let part = usize::try_from(row.try_get::<i32>("", PART)?).ok();
            if let Some((_, found)) = part.and_then(|part| parts.get_mut(part)) {
                found.push(row);
            }
        }
        Ok(Rows { parts })
    }

    /// SQLite runs several statements of one text, with one list of values; each row has the columns of its own statement.
    fn one_after_another(self) -> Result<(Statement, Vec<String>), fmt::Error> {
        let prefixes = vec![String::new(); self.parts.len()];
        let mut sql = SqlWriterValues::new("?", false);
        for (number, mut part) in self.parts.into_iter().enumerate() {
            if number > 0 {
                sql.write_str(SEPARATOR)?;
            }
            part.query.expr_as(Expr::cust(number.to_string()), PART);
            SqliteQueryBuilder.prepare_select_statement(&part.query, &mut sql);
        }
        let (sql, Values(values)) = sql.into_parts();
        Ok((Statement::from_sql_and_values(DbBackend::Sqlite, sql, values), prefixes))
    }

    /// A union has the columns of all questions in each row.
    fn union(self) -> Result<(Statement, Vec<String>), fmt::Error> {
        let parts: Vec<(SelectStatement, Vec<Column>)> = self.parts.into_iter().map(|part| (part.query, (part.columns)().0)).collect();
        let (places, prefixes) = places(parts.iter().map(|(_, columns)| columns.as_slice()));
        let mut sql = SqlWriterValues::new("$", true);
        for (number, ((query, columns), prefix)) in parts.iter().zip(&prefixes).enumerate() {
            let begin = if number == 0 { "" } else { " UNION ALL " };
            write!(sql, "{begin}SELECT {number}")?;
            // The first question names the columns of all, and says their types.
            let is_first = number == 0;
            if is_first {
                write!(sql, " AS \"{PART}\"")?;
            }
            for place in &places {
                let own = place.name.strip_prefix(prefix.as_str()).filter(|name| columns.iter().any(|column| column.name == *name));
                match own {
                    Some(name) => write!(sql, ", \"q\".\"{name}\"")?,
                    None if is_first => write!(sql, ", CAST(NULL AS {})", place.kind)?,
                    None => sql.write_str(", NULL")?,
                }
                if is_first {
                    write!(sql, " AS \"{}\"", place.name)?;
                }
            }
            sql.write_str(" FROM (")?;
            PostgresQueryBuilder.prepare_select_statement(query, &mut sql);
            sql.write_str(") AS \"q\"")?;
        }
        let (sql, Values(values)) = sql.into_parts();
        Ok((Statement::from_sql_and_values(DbBackend::Postgres, sql, values), prefixes))
    }
}

/// The columns of a union, and the prefix of each question: one whose columns have other types than those of the same names has
/// columns of its own.
fn places<'a>(questions: impl Iterator<Item = &'a [Column]>) -> (Vec<Place>, Vec<String>) {
    let mut places: Vec<Place> = Vec::new();
    let prefix = |(number, columns): (usize, &[Column])| {
        let differs = |column: &Column| places.iter().any(|place| place.name == column.name && place.kind != column.kind);
        let prefix = if columns.iter().any(differs) { format!("p{number}_") } else { String::new() };
        for column in columns {
            let name = format!("{prefix}{}", column.name);
            if !places.iter().any(|place| place.name == name) {
                places.push(Place { name, kind: column.kind });
            }
        }
        prefix
    };
    let prefixes = questions.enumerate().map(prefix).collect();
    (places, prefixes)
}

/// The column that says to which question a row belongs.
const PART: &str = "batch_part";
/// Stands between the statements of a text for SQLite.
pub const SEPARATOR: &str = ";\n";

/// The type of a column, as PostgreSQL calls it.
fn in_sql(kind: &ColumnType) -> &'static str {
    match kind {
        ColumnType::Uuid => "uuid",
        ColumnType::TimestampWithTimeZone => "timestamptz",
        ColumnType::Date => "date",
        ColumnType::SmallInteger => "smallint",
        ColumnType::Integer => "integer",
        ColumnType::BigInteger => "bigint",
        ColumnType::Double => "double precision",
        ColumnType::Boolean => "boolean",
        ColumnType::Blob | ColumnType::VarBinary(_) => "bytea",
        _ => "text",
    }
}

impl Rows {
    /// The answer to a question, once; nothing to one that was not asked.
    ///
    /// # Errors
    /// When a row is not what it should be.
    pub fn take<R: FromQueryResult>(&mut self, asked: impl Into<Option<Asked<R>>>) -> Result<Vec<R>, DbErr> {
        let asked: Option<Asked<R>> = asked.into();
        let Some((prefix, rows)) = asked.and_then(|asked| self.parts.get_mut(asked.part)) else { return Ok(Vec::new()) };
        std::mem::take(rows).iter().map(|row| R::from_query_result(row, prefix)).collect()
    }
}
