"""Statements that are compiled once: building and compiling one takes longer than SQLite takes to answer it."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Connection, Select, String, bindparam, select
from sqlalchemy.engine import Compiled

from parley.store.base import Scoped
from parley.store.scope import scoped_tables

_SIZES = (1, 16, 32, 64, 128, 256, 512)
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
        of_text: the list holds text; else whole numbers.
    """

    def __init__(self, build: Callable[[bool, Listed], Select[*tuple[Any, ...]]], of_text: bool = False) -> None:
        self._build = build
        self._type = String() if of_text else BigInteger()
        self._compiled: dict[tuple[str, int], Compiled] = {}
        self._lock = threading.Lock()

    def compiled(self, connection: Connection, size: int) -> Compiled:
        """Return the statement for a list of so many values."""
        found = self._compiled.get((connection.dialect.name, size))
        if found is None:
            with self._lock:
                listed = [bindparam(f"listed_{number}", type_=self._type) for number in range(size)]
                statement = self._build(connection.dialect.name == "sqlite", listed)
                found = statement.compile(dialect=connection.dialect)
                self._compiled[connection.dialect.name, size] = found
        return found


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
        for start in range(0, len(listed), _SIZES[-1]):
            part = listed[start : start + _SIZES[-1]]
            size = next(size for size in _SIZES if size >= len(part))
            given = {f"listed_{n}": part[min(n, len(part) - 1)] for n in range(size)}
            found.extend(self._run(statement.compiled(self.connection, size), given | dict(values or {})))
        return found

    def all_rows(self, statement: PreparedSelect, values: Mapping[str, Any] | None = None) -> list[Sequence[Any]]:
        """Run a statement that has no list."""
        return list(self._run(statement.compiled(self.connection, 0), dict(values or {})))

    def _run(self, compiled: Compiled, values: dict[str, Any]) -> Sequence[Sequence[Any]]:
        parameters = compiled.construct_params({**values, _WORKSPACE: self.workspace_id}, escape_names=False) or {}
        places: Sequence[str] | None = getattr(compiled, "positiontup", None)
        # The driver takes parameters by place or by name.
        given = dict(parameters) if places is None else tuple(parameters[name] for name in places)
        # Of the driver itself: what SQLAlchemy puts around a result takes as long as SQLite takes to find it.
        cursor = self.connection.connection.cursor()
        try:
            cursor.execute(str(compiled), given)
            return cursor.fetchall()
        finally:
            cursor.close()
