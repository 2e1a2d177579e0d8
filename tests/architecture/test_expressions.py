"""Regular expressions must mean the same on every Python that Parley runs on."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from re import _parser  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]  # no public way to read one
from typing import Any

import pytest

import parley


def _modules() -> Iterator[str]:
    for found in pkgutil.walk_packages(parley.__path__, "parley."):
        if not found.name.endswith("__main__") and ".migrations." not in found.name:
            yield found.name


def _operations(tree: Any) -> Iterator[str]:
    for item in tree if isinstance(tree, list | tuple) or hasattr(tree, "data") else ():
        if isinstance(item, _parser.SubPattern | list | tuple):
            yield from _operations(item)
        elif type(item).__name__ == "_NamedIntConstant":
            yield str(item)


def _has_possessive(pattern: re.Pattern[Any]) -> bool:
    return "POSSESSIVE_REPEAT" in _operations(_parser.parse(pattern.pattern, pattern.flags))


def test_the_check_finds_possessive_quantifiers() -> None:
    assert _has_possessive(re.compile(r"a(?:b|c(?:[d.]\w++)*)"))
    assert not _has_possessive(re.compile(r"a+(?:b\+\+|[*+]+)"))


@pytest.mark.parametrize("name", list(_modules()))
def test_no_quantifier_is_possessive(name: str) -> None:
    """Python 3.11.0 to 3.11.4, Debian 12's among them, get them wrong within groups."""
    try:
        module = importlib.import_module(name)
    except ImportError:
        pytest.skip("needs a package that is not installed")
    for attribute, value in vars(module).items():
        if isinstance(value, re.Pattern):
            assert not _has_possessive(value), f"{name}.{attribute}"
