"""The one door to rows of a workspace. A repository is built for a workspace and cannot express a query without it."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Delete, ScalarSelect, Select, Table, Update, delete, func, inspect, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from parley.store.base import Base, Scoped
from parley.store.bulk import insert_columns, insert_rows, update_rows

Row = TypeVar("Row", bound=Scoped)


def scoped_tables(entities: Sequence[Any]) -> list[type[Scoped]]:
    """Return the scoped tables that the entities (classes or their columns) come from."""
    found: dict[type[Scoped], None] = {}
    for entity in entities:
        owner = entity if isinstance(entity, type) else getattr(entity, "class_", None)
        if owner is None:
            inspected = inspect(entity, raiseerr=False)
            owner = getattr(getattr(inspected, "mapper", None), "class_", None)
        if isinstance(owner, type) and issubclass(owner, Scoped):
            found[owner] = None
    return list(found)


def highest(column: Any, *conditions: ColumnElement[bool]) -> ScalarSelect[Any]:
    """Return the highest value of a column as a bound within a scoped statement; rows are the statement's to return.

    Args:
        column: of an alias of a scoped table.
        conditions: name what is looked through, such as a version that the statement has found.
    """
    return select(func.max(column)).where(*conditions).scalar_subquery()


def _table(table: type[Scoped]) -> Table:
    """Return the plain table: statements on the mapped class take several times as long."""
    plain = inspect(table).local_table
    assert isinstance(plain, Table)
    return plain


class ScopedRepository:
    """Base of every repository of workspace rows.

    Every statement starts from one of the methods below, which add the workspace to it. A statement that names no
    scoped table is refused: there is no way to ask for "all".
    """

    def __init__(self, session: AsyncSession, workspace_id: str) -> None:
        if not workspace_id:
            raise ValueError("a repository needs a workspace")
        self.session = session
        self.workspace_id = workspace_id

    def select(self, *entities: Any, of: type[Scoped] | None = None) -> Select[*tuple[Any, ...]]:
        """Return `SELECT entities` limited to this workspace in every scoped table that they name.

        Args:
            entities: tables, columns, or expressions.
            of: the table to start from, where the entities are only expressions such as `func.count()`.
        """
        tables = scoped_tables([*entities, *([of] if of else [])])
        if not tables:
            raise ValueError("a scoped query must name a workspace table")
        query = select(*entities)
        if of is not None:
            query = query.select_from(of)
        return query.where(*(table.workspace_id == self.workspace_id for table in tables))

    def join(
        self, query: Select[*tuple[Any, ...]], table: type[Scoped], on: Any, *, outer: bool = False
    ) -> Select[*tuple[Any, ...]]:
        """Join another workspace table; its rows are limited to this workspace as well."""
        return query.join(table, on & (table.workspace_id == self.workspace_id), isouter=outer)

    def update(self, table: type[Scoped]) -> Update:
        """Return `UPDATE table` limited to this workspace."""
        return update(table).where(table.workspace_id == self.workspace_id)

    def delete(self, table: type[Scoped]) -> Delete:
        """Return `DELETE FROM table` limited to this workspace."""
        return delete(table).where(table.workspace_id == self.workspace_id)

    def add(self, row: Row) -> Row:
        """Add a row to this workspace."""
        row.workspace_id = self.workspace_id
        self.session.add(row)
        return row

    async def insert_many(self, table: type[Scoped], rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert plain rows at once; the workspace is added to each."""
        if rows:
            await insert_rows(self.session, _table(table), rows, {"workspace_id": self.workspace_id}, skip=False)

    async def insert_new(self, table: type[Scoped], rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert the rows whose primary key or unique constraint does not exist yet; leave the others as they are."""
        if rows:
            await insert_rows(self.session, _table(table), rows, {"workspace_id": self.workspace_id}, skip=True)

    async def insert_tuples(
        self, table: type[Scoped], columns: Sequence[str], rows: Sequence[tuple[Any, ...]], *, skip: bool = False
    ) -> None:
        """Insert many rows as `insert_many` does, or `insert_new` with `skip`; each has a value for each column.

        For the tables with most rows: a mapping for each of them takes longer than the database does.
        """
        if rows:
            values = dict(zip(columns, zip(*rows, strict=True), strict=True))
            constants = {"workspace_id": self.workspace_id}
            await insert_columns(self.session, _table(table), values, len(rows), constants, skip=skip)

    async def update_many(self, table: type[Scoped], rows: Sequence[Mapping[str, Any]]) -> None:
        """Change many of this workspace's rows, each to values of its own; `id` says which. Loaded rows do not follow.

        Args:
            rows: all with the same keys.
        """
        if rows:
            await update_rows(self.session, _table(table), "id", rows, self.workspace_id)

    async def get(self, table: type[Row], row_id: Any) -> Row | None:
        """Return the row with this `id`, None if this workspace has none."""
        column = next(iter(inspect(table).primary_key))
        result = await self.session.execute(self.select(table).where(column == row_id))
        return result.scalar_one_or_none()


class SystemRepository:
    """The other door: rows that are looked up before a workspace is known (tokens) or that belong to none (processes).

    Only `accounts` and `jobs` may use it, and a linter in the test command holds them to it.
    """

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    def select(self, *entities: Any) -> Select[*tuple[Any, ...]]:
        """Return `SELECT entities` over all workspaces."""
        return select(*entities)

    def update(self, table: type[Base]) -> Update:
        """Return `UPDATE table` over all workspaces."""
        return update(table)

    def delete(self, table: type[Base]) -> Delete:
        """Return `DELETE FROM table` over all workspaces."""
        return delete(table)
