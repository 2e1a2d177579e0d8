"""Every setting, verb, error code and route is documented, and the documentation is what the code says now."""

import re
from pathlib import Path

import pytest
import typer
from fastapi.routing import APIRoute
from pydantic import BaseModel

from parley import errors
from parley.api.app import create_app
from parley.cli.main import app as cli
from parley.settings import Settings
from tests.support.tools import load_tool

ROOT = Path(__file__).resolve().parents[2]
reference = load_tool("generate_reference")
PAGES: dict[Path, str] = reference.pages()


class TestTheReference:
    @pytest.mark.parametrize("page", sorted(PAGES), ids=lambda path: path.name)
    def test_is_what_the_code_says_now(self, page: Path) -> None:
        written = page.read_text("utf-8") if page.exists() else ""
        assert written == PAGES[page], f"{page.name} is out of date: run tools/generate_reference.py"

    def test_names_every_setting_with_a_meaning(self) -> None:
        page = PAGES[ROOT / "docs" / "reference" / "settings.md"]

        def missing(model: type[BaseModel], prefix: str) -> list[str]:
            found: list[str] = []
            for name, field in model.model_fields.items():
                kind = field.annotation
                if isinstance(kind, type) and issubclass(kind, BaseModel):
                    found += missing(kind, f"{prefix}{name}.")
                elif f"`{prefix}{name}`" not in page or not field.description:
                    found.append(prefix + name)
            return found

        assert missing(Settings, "") == []

    def test_names_every_verb_with_a_meaning(self) -> None:
        page = PAGES[ROOT / "docs" / "reference" / "cli.md"]
        root = typer.main.get_command(cli)
        verbs = list(getattr(root, "commands", {}).items())
        assert verbs
        assert [name for name, verb in verbs if f"`parley {name}" not in page or not verb.help] == []

    def test_names_every_error_code(self) -> None:
        page = PAGES[ROOT / "docs" / "reference" / "errors.md"]
        kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.AppError)]
        codes = {kind.code for kind in kinds} | set(reference.special_codes(ROOT / "src" / "parley"))
        assert [code for code in sorted(codes) if f"`{code}`" not in page] == []

    def test_names_every_route_with_a_meaning(self, tmp_path: Path) -> None:
        page = PAGES[ROOT / "docs" / "reference" / "api.md"]
        routes = [route for route in create_app(Settings(data=tmp_path)).routes if isinstance(route, APIRoute)]
        shown = [route for route in routes if route.include_in_schema]
        assert [route.path for route in shown if f" {route.path}`" not in page or not route.description] == []


class TestLinksBetweenPages:
    def test_lead_to_files_that_exist(self) -> None:
        pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "bench").glob("*.md")]
        broken: list[str] = []
        for page in pages:
            for target in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8")):
                if "://" not in target and not (page.parent / target).exists():
                    broken.append(f"{page.relative_to(ROOT)}: {target}")
        assert broken == []
