//! Parts of statements in words that never change.

use std::marker::PhantomData;

use diesel::backend::Backend;
use diesel::expression::is_aggregate::Never;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, TypedExpressionType, ValidGrouping};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;

/// SQL that both engines understand: a condition, or a column that only triggers write, and which is for that reason
/// not in the schema of the program. Unlike [`sql`](diesel::dsl::sql) it lets the statement around it be prepared
/// once for a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fixed<T> {
    sql: &'static str,
    kind: PhantomData<T>,
}

/// SQL of a type.
pub(super) const fn fixed<T>(sql: &'static str) -> Fixed<T> {
    Fixed { sql, kind: PhantomData }
}

impl<T: TypedExpressionType> Expression for Fixed<T> {
    type SqlType = T;
}

impl<T, DB: Backend> QueryFragment<DB> for Fixed<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql(self.sql);
        Ok(())
    }
}

/// Statements with it are told apart by their text.
impl<T> QueryId for Fixed<T> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T, S> AppearsOnTable<S> for Fixed<T> where Self: Expression {}

impl<T, S> SelectableExpression<S> for Fixed<T> where Self: AppearsOnTable<S> {}

impl<T, G> ValidGrouping<G> for Fixed<T> {
    type IsAggregate = Never;
}
