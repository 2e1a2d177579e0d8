"""Statements for many rows, compiled once and handed to the driver as they are.

SQLAlchemy works out the parameters of each row of an `executemany` anew, which took a third of the server's time while
a folder was read. Here a statement is compiled once for a table and its columns; what is left for a row is a tuple.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from operator import itemgetter
from typing import Any

from sqlalchemy import LargeBinary, Table, bindparam, insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.sql.schema import Column
from sqlalchemy.types import TypeEngine

# Names that no column has: a column may well begin with "set_".
_KEY, _WORKSPACE = "key__", "workspace__"
_SET = "new__"

Rows = Sequence[Mapping[str, Any]]
Columns = Mapping[str, Iterable[Any]]
Constants = Mapping[str, Any]


class BulkStatement:
    """A compiled statement and the parameters it takes, by name: values of a row, or the same for all rows."""

    def __init__(self, statement: UpdateBase, dialect: Dialect, columns: Mapping[str, Column[Any]]) -> None:
        compiled = statement.compile(dialect=dialect)
        self._sql = str(compiled)
        names: Sequence[str] | None = getattr(compiled, "positiontup", None)
        self._is_positional = names is not None
        self._names = list(columns) if names is None else list(names)
        self._processors = {name: _processor(columns[name].type, dialect) for name in self._names}

    async def run(self, session: AsyncSession, given: Columns, rows: int, constants: Constants) -> None:
        """Run it for each row; `constants` are the parameters that all rows share.

        Args:
            given: for each parameter that differs, its values, a row a value.
            rows: how many.
        """
        columns = [self._column(name, given, rows, constants) for name in self._names]
        values = list(zip(*columns, strict=True))
        connection = await session.connection()
        if self._is_positional:
            await connection.exec_driver_sql(self._sql, values)
        else:
            await connection.exec_driver_sql(self._sql, [dict(zip(self._names, row, strict=True)) for row in values])

    def _column(self, name: str, given: Columns, rows: int, constants: Constants) -> Iterable[Any]:
        processor = self._processors[name]
        if name in constants:
            value = constants[name]
            return repeat(value if processor is None else processor(value), rows)
        values = given[name.removeprefix(_SET)]
        return values if processor is None else map(processor, values)


def _processor(kind: TypeEngine[Any], dialect: Dialect) -> Any:
    """Return what makes a value of this type one of the driver's; None where it is one already, as bytes are."""
    if isinstance(kind, LargeBinary):
        return None
    return kind.dialect_impl(dialect).bind_processor(dialect)


async def insert_rows(session: AsyncSession, table: Table, rows: Rows, constants: Constants, *, skip: bool) -> None:
    """Insert rows; with `skip`, leave those alone that exist already.

    Args:
        rows: all with the keys of the first; columns that are not named get their default.
    """
    await insert_columns(session, table, _columns_of(rows), len(rows), constants, skip=skip)


async def insert_columns(
    session: AsyncSession, table: Table, columns: Columns, rows: int, constants: Constants, *, skip: bool
) -> None:
    """Insert rows whose values are given column by column; otherwise as `insert_rows`."""
    dialect = session.get_bind().dialect
    given = tuple(sorted({*columns, *constants}))
    defaults = _defaults(table, given)
    statement = _insert(table, tuple(sorted({*given, *defaults})), dialect, skip)
    await statement.run(session, columns, rows, {**defaults, **constants})


def _columns_of(rows: Rows) -> Columns:
    return {name: map(itemgetter(name), rows) for name in rows[0]}


async def update_rows(session: AsyncSession, table: Table, key: str, rows: Rows, workspace_id: str) -> None:
    """Update the workspace's rows that have each `row[key]` to the other values of that row."""
    dialect = session.get_bind().dialect
    changed = tuple(sorted(name for name in rows[0] if name != key))
    statement = _update(table, key, changed, dialect)
    columns = _columns_of(rows)
    await statement.run(session, {**columns, _KEY: columns[key]}, len(rows), {_WORKSPACE: workspace_id})


@lru_cache(maxsize=256)
def _insert(table: Table, names: tuple[str, ...], dialect: Dialect, skip: bool) -> BulkStatement:
    parameters = {name: bindparam(name) for name in names}
    if skip:
        build = sqlite.insert if dialect.name == "sqlite" else postgresql.insert
        statement = build(table).values(parameters).on_conflict_do_nothing()
    else:
        statement = insert(table).values(parameters)
    return BulkStatement(statement, dialect, {name: table.c[name] for name in names})


@lru_cache(maxsize=256)
def _update(table: Table, key: str, changed: tuple[str, ...], dialect: Dialect) -> BulkStatement:
    statement = update(table).values({name: bindparam(_SET + name) for name in changed})
    statement = statement.where(table.c[key] == bindparam(_KEY), table.c.workspace_id == bindparam(_WORKSPACE))
    columns = {_SET + name: table.c[name] for name in changed}
    return BulkStatement(statement, dialect, columns | {_KEY: table.c[key], _WORKSPACE: table.c.workspace_id})


@lru_cache(maxsize=256)
def _defaults(table: Table, given: tuple[str, ...]) -> dict[str, Any]:
    """Return the defaults of columns that are not given, which Python rather than the database would fill in."""
    found: dict[str, Any] = {}
    for column in table.columns:
        if column.name in given or column.default is None:
            continue
        if not column.default.is_scalar:
            raise ValueError(f"{table.name}.{column.name} has a default that bulk inserts do not work out: name it")
        found[column.name] = getattr(column.default, "arg", None)
    return found
