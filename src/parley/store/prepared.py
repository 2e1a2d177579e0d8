"""Statements that are compiled once: building and compiling one takes longer than SQLite takes to answer it."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, repeat
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Connection, Select, bindparam, select
from sqlalchemy.engine import Compiled, Dialect
from sqlalchemy.types import TypeEngine

from parley.store.base import Scoped
from parley.store.scope import ScopedRepository, scoped_tables

_SIZES = (1, 16, 32, 64, 128, 256, 512)
_NAMES = [f"listed_{number}" for number in range(_SIZES[-1])]
_WORKSPACE = "workspace_id"

Listed = Sequence[BindParameter[Any]]


def scoped_select(*entities: Any, of: Sequence[type[Scoped]] = ()) -> Select[*tuple[Any, ...]]:
    """Return `SELECT entities` limited, in every scoped table that they name, to the workspace of whoever runs it.

    Args:
        entities: tables, columns, or expressions.
        of: further tables that the statement reads.
    """
    tables = dict.fromkeys([*scoped_tables(entities), *of])
    if not tables:
        raise ValueError("a scoped query must name a workspace table")
    return select(*entities).where(*(table.workspace_id == bindparam(_WORKSPACE) for table in tables))


class PreparedSelect:
    """A scoped statement with one list of values, compiled for a few lengths of that list.

    Args:
        build: makes the statement, given whether the database is SQLite and the list's parameters, for `in_`.
        listed: what the list holds; whole numbers unless said otherwise.
    """

    def __init__(
        self,
        build: Callable[[bool, Listed], Select[*tuple[Any, ...]]],
        listed: TypeEngine[Any] | type[TypeEngine[Any]] = BigInteger,
    ) -> None:
        self._build = build
        self._type = listed
        self._compiled: dict[tuple[str, int], Compiled] = {}
        self._lock = threading.Lock()

    def compiled(self, dialect: Dialect, size: int) -> Compiled:
        """Return the statement for a list of so many values."""
        found = self._compiled.get((dialect.name, size))
        if found is None:
            with self._lock:
                listed = [bindparam(name, type_=self._type) for name in _NAMES[:size]]
                found = self._build(dialect.name == "sqlite", listed).compile(dialect=dialect)
                self._compiled[dialect.name, size] = found
        return found


def _parameters(compiled: Compiled, values: Mapping[str, Any]) -> dict[str, Any] | tuple[Any, ...]:
    """Return what the driver takes: parameters by place or by name."""
    parameters = compiled.construct_params(dict(values), escape_names=False) or {}
    places: Sequence[str] | None = getattr(compiled, "positiontup", None)
    return dict(parameters) if places is None else tuple(parameters[name] for name in places)


def _runs_of(listed: Sequence[Any]) -> Iterator[dict[str, Any]]:
    """Yield the parameters of a list in runs of the lengths that statements are compiled for."""
    for start in range(0, len(listed), _SIZES[-1]):
        part = listed[start : start + _SIZES[-1]]
        size = next(size for size in _SIZES if size >= len(part))
        yield dict(zip(_NAMES[:size], chain(part, repeat(part[-1])), strict=False))


class ScopedReadRepository:
    """Base of the repositories that read a workspace's rows from a thread, with prepared statements."""

    def __init__(self, connection: Connection, workspace_id: str) -> None:
        if not workspace_id:
            raise ValueError("a repository needs a workspace")
        self.connection = connection
        self.workspace_id = workspace_id

    def rows(
        self, statement: PreparedSelect, listed: Sequence[Any] = (), values: Mapping[str, Any] | None = None
    ) -> list[Sequence[Any]]:
        """Run a statement and return its rows as the driver gives them: columns must need no conversion.

        Args:
            listed: the values of its list, each once, in any number; none finds nothing.
            values: its other parameters.
        """
        found: list[Sequence[Any]] = []
        for given in _runs_of(listed):
            found.extend(
                self._run(statement.compiled(self.connection.dialect, len(given)), {**given, **(values or {})})
            )
        return found

    def all_rows(self, statement: PreparedSelect, values: Mapping[str, Any] | None = None) -> list[Sequence[Any]]:
        """Run a statement that has no list."""
        return list(self._run(statement.compiled(self.connection.dialect, 0), values or {}))

    def _run(self, compiled: Compiled, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        given = _parameters(compiled, {**values, _WORKSPACE: self.workspace_id})
        # Of the driver itself: what SQLAlchemy puts around a result takes as long as SQLite takes to find it.
        cursor = self.connection.connection.cursor()
        try:
            cursor.execute(str(compiled), given)
            return cursor.fetchall()
        finally:
            cursor.close()


class SystemReadRepository:
    """What `SystemRepository` is, for a look-up in a thread: a workspace is not known yet."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @staticmethod
    def select(*entities: Any) -> Select[*tuple[Any, ...]]:
        """Return `SELECT entities` over all workspaces; made once, with `bindparam`s, it is compiled once."""
        return select(*entities)

    def first(self, statement: Select[*tuple[Any, ...]], values: Mapping[str, Any]) -> Sequence[Any] | None:
        """Run a statement and return its first row, None if it finds nothing."""
        return self.connection.execute(statement, dict(values)).first()


class PreparedRepository(ScopedRepository):
    """Base of the repositories that run prepared statements within a unit of work."""

    async def rows(
        self, statement: PreparedSelect, listed: Sequence[Any], values: Mapping[str, Any] | None = None
    ) -> list[Sequence[Any]]:
        """Run a statement and return its rows as the driver gives them; see `ScopedReadRepository.rows`."""
        connection = await self.session.connection()
        found: list[Sequence[Any]] = []
        for given in _runs_of(listed):
            compiled = statement.compiled(connection.dialect, len(given))
            parameters = _parameters(compiled, {**given, **(values or {}), _WORKSPACE: self.workspace_id})
            found.extend((await connection.exec_driver_sql(str(compiled), parameters)).all())
        return found
