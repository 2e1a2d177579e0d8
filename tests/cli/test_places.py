"""`parley add` tells places apart, and reads a site through the real program."""

from pathlib import Path

import pytest

from parley.cli.places import AddOptions, kind_of, remote_source


class TestPlaces:
    @pytest.mark.parametrize(
        ("place", "kind"),
        [
            ("https://docs.example.org/guide/", "website"),
            ("http://example.org/sitemap.xml.gz", "website"),
            ("https://github.com/owner/repo", "git"),
            ("https://github.com/owner/repo/blob/main/README.md", "website"),
            ("https://git.example.org/team/docs.git", "git"),
            ("ssh://git@example.org/team/docs", "git"),
            ("git@github.com:owner/repo.git", "git"),
            ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "video"),
            ("https://youtu.be/dQw4w9WgXcQ", "video"),
            ("notes/report.pdf", None),
            (r"C:\Users\me\notes", None),
            ("/srv/docs", None),
        ],
    )
    def test_are_told_apart_by_how_they_are_written(self, place: str, kind: str | None) -> None:
        assert kind_of(place, AddOptions()) == kind

    def test_on_this_machine_are_repositories_by_name_or_on_demand(self, tmp_path: Path) -> None:
        (tmp_path / "docs.git").mkdir()
        (tmp_path / "clone").mkdir()
        assert kind_of(str(tmp_path / "docs.git"), AddOptions()) == "git"
        assert kind_of(str(tmp_path / "clone"), AddOptions()) is None
        assert kind_of(str(tmp_path / "clone"), AddOptions(branch="main")) == "git"

    def test_become_descriptions_of_sources(self) -> None:
        options = AddOptions(depth=2, max_pages=50, include=["/a/*"], schedule="0 4 * * *")
        assert remote_source("https://example.org/", options) == {
            "kind": "website",
            "schedule": "0 4 * * *",
            "config": {
                "url": "https://example.org/",
                "include": ["/a/*"],
                "exclude": [],
                "mode": "crawl",
                "max_depth": 2,
                "max_pages": 50,
            },
        }
        assert (remote_source("https://example.org/", AddOptions(depth=0)) or {})["config"]["mode"] == "page"
        assert (remote_source("https://example.org/sitemap.xml", AddOptions()) or {})["config"]["mode"] == "sitemap"
