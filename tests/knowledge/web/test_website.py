"""Websites as sources, against a real site on loopback that sets traps."""

import gzip
from collections.abc import AsyncGenerator, Generator, Iterator
from pathlib import Path

import pytest

from parley.kit.fetching import Fetcher
from parley.knowledge.remote.config import WebsiteConfig, WebsiteCreate
from parley.knowledge.web.plan import CrawlLimits
from parley.store.engine import Store
from tests.support.ingestion import Room, running_room
from tests.support.pdf import make_pdf
from tests.support.site import Reply, Request, Site, running_site

MENU = "<nav><a href='/'>Home</a> <a href='/docs/'>Docs</a> <a href='/about'>About</a></nav>"


def article(title: str, text: str, more: str = "") -> str:
    return (
        f"<!doctype html><html><head><title>{title}</title></head><body>{MENU}"
        f"<main><h1>{title}</h1><p>{text}</p>{more}</main><footer>Copyright nobody</footer></body></html>"
    )


LONG = "The ferry to the island leaves every morning at half past nine and needs about forty minutes for the crossing. "


@pytest.fixture
def site() -> Generator[Site]:
    with running_site() as running:
        running.page("/", article("Home", LONG + "Welcome to the harbour office.", "<a href='/docs/'>Docs</a>"))
        running.page("/docs/", article("Docs", LONG + "All about tickets.", "<a href='prices'>Prices</a>"))
        running.page("/docs/prices", article("Prices", LONG + "A ticket costs twelve euros."))
        running.page("/about", article("About", LONG + "The office was founded in 1921."))
        yield running


@pytest.fixture
async def room(store: Store, data_folder: Path, site: Site) -> AsyncGenerator[Room]:
    def make() -> Fetcher:
        return Fetcher(site.rules(), "ParleyTest/1", resolve=lambda host, port: ["127.0.0.1"])

    limits = CrawlLimits(delay_seconds=0, page_bytes=200_000, file_seconds=5)
    async with running_room(store, data_folder, make_fetcher=make, crawl=limits) as running:
        yield running


def website(site: Site, path: str = "/", **config: object) -> WebsiteCreate:
    return WebsiteCreate(kind="website", config=WebsiteConfig.model_validate({"url": site.url(path), **config}))


async def paths(room: Room, source_id: str) -> dict[str, str]:
    """Return path without origin → status."""
    found = await room.all_documents(source_id)
    return {"/" + path.split("/", 3)[3]: document.status for path, document in found.items()}


class TestACrawl:
    async def test_reads_the_pages_that_links_lead_to(self, room: Room, site: Site) -> None:
        source = await room.add_remote(website(site))
        assert (source.status, source.error) == ("ready", None)
        assert await paths(room, source.id) == {
            "/": "ready",
            "/docs/": "ready",
            "/docs/prices": "ready",
            "/about": "ready",
        }
        document = (await room.all_documents(source.id))[site.url("/docs/prices")]
        assert (document.title, document.url) == ("Prices", site.url("/docs/prices"))
        text = await room.text_of(document)
        assert "twelve euros" in text
        assert "Copyright" not in text
        assert "Home" not in text
        assert source.last_sync is not None
        assert source.last_sync.added == 4

    async def test_goes_no_deeper_than_it_may(self, room: Room, site: Site) -> None:
        source = await room.add_remote(website(site, max_depth=1))
        assert set(await paths(room, source.id)) == {"/", "/docs/", "/about"}

    async def test_reads_one_page_alone_if_so_asked(self, room: Room, site: Site) -> None:
        source = await room.add_remote(website(site, "/docs/", mode="page"))
        assert set(await paths(room, source.id)) == {"/docs/"}

    async def test_keeps_to_its_patterns(self, room: Room, site: Site) -> None:
        source = await room.add_remote(website(site, "/docs/", include=["/docs/*"], exclude=["*prices*"]))
        assert set(await paths(room, source.id)) == {"/docs/"}

    async def test_does_not_leave_the_site(self, room: Room, site: Site) -> None:
        other = site.url("/elsewhere", host="other.example")
        site.page("/", article("Home", LONG, f"<a href='{other}'>out</a> <a href='http://127.0.0.1:1/x'>port</a>"))
        site.pages["/about"] = Reply(status=302, headers={"location": other})
        source = await room.add_remote(website(site))
        assert "/elsewhere" not in site.paths
        assert "/about" not in await paths(room, source.id)

    async def test_reads_files_that_the_site_links_to(self, room: Room, site: Site) -> None:
        site.page(
            "/", article("Home", LONG, "<a href='/t.pdf'>pdf</a> <a href='/d.md'>md</a> <a href='/p.png'>png</a>")
        )
        site.pages["/t.pdf"] = Reply(make_pdf([["The timetable of the winter season."]]), type="application/pdf")
        site.pages["/d.md"] = Reply(b"# Notes\n\nDogs travel free.", type="text/markdown")
        source = await room.add_remote(website(site))
        found = await room.all_documents(source.id)
        assert "winter season" in await room.text_of(found[site.url("/t.pdf")])
        assert "Dogs travel free" in await room.text_of(found[site.url("/d.md")])
        assert "/p.png" not in site.paths

    async def test_tells_of_each_page_that_fails_and_why(self, room: Room, site: Site) -> None:
        links = "".join(f"<a href='/{name}'>{name}</a>" for name in ("missing", "secret", "broken", "huge", "empty"))
        site.page("/", article("Home", LONG, links))
        site.pages["/secret"] = Reply(b"no", 403)
        site.pages["/broken"] = Reply(b"oops", 500)
        site.pages["/huge"] = Reply(b"<p>" + b"x " * 200_000)
        site.page("/empty", "<html><body><script>render()</script></body></html>")
        source = await room.add_remote(website(site))
        found = {
            path.rsplit("/", 1)[-1]: document.error.code
            for path, document in (await room.all_documents(source.id)).items()
            if document.error
        }
        assert found == {
            "secret": "access_denied",
            "broken": "site_failing",
            "huge": "oversized_document",
            "empty": "empty_document",
        }
        assert source.last_sync is not None
        assert source.last_sync.result == "errors"


class TestOnePageUnderManyAddresses:
    async def test_is_read_once(self, room: Room, site: Site) -> None:
        links = [
            "/about?utm_source=mail&utm_campaign=x",
            "/about#team",
            "/about?PHPSESSID=1",
            "/about;jsessionid=2",
            "/./about",
        ]
        site.page("/", article("Home", LONG, "".join(f"<a href='{link}'>x</a>" for link in links)))
        await room.add_remote(website(site))
        assert site.asked("/about") == 1

    async def test_goes_by_its_canonical_address(self, room: Room, site: Site) -> None:
        page = article("Docs", LONG + "Print version.").replace("<head>", "<head><link rel='canonical' href='/docs/'>")
        site.page("/print?page=docs", page)
        site.page("/", article("Home", LONG, "<a href='/print?page=docs'>print</a>"))
        source = await room.add_remote(website(site))
        assert "/print?page=docs" not in await paths(room, source.id)
        assert "/docs/" in await paths(room, source.id)

    async def test_with_the_same_text_is_read_once(self, room: Room, site: Site) -> None:
        same = article("About", LONG + "The office was founded in 1921.", "<!-- token 83123 -->")
        site.page("/", article("Home", LONG, "<a href='/about'>1</a> <a href='/about-us'>2</a>"))
        site.page("/about-us", same)
        source = await room.add_remote(website(site))
        assert "/about-us" not in await paths(room, source.id)
        assert "the same as another page" in (source.note or "")


class TestRules:
    async def test_of_robots_are_kept(self, room: Room, site: Site) -> None:
        site.pages["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /docs/\nAllow: /docs/prices", type="text/plain")
        site.page("/", article("Home", LONG, "<a href='/docs/'>d</a> <a href='/docs/prices'>p</a>"))
        source = await room.add_remote(website(site))
        assert "/docs/" not in site.paths
        assert site.asked("/robots.txt") == 1
        assert await paths(room, source.id) == {"/": "ready", "/docs/prices": "ready", "/about": "ready"}

    async def test_for_a_crawler_by_its_name_count(self, room: Room, site: Site) -> None:
        site.pages["/robots.txt"] = Reply(b"User-agent: ParleyTest\nDisallow: /", type="text/plain")
        source = await room.add_remote(website(site))
        assert source.status == "failed"
        assert source.error is not None
        assert source.error.code == "robots_disallowed"
        assert site.paths == ["/robots.txt"]

    async def test_that_cannot_be_read_close_the_site_for_now(self, room: Room, site: Site) -> None:
        site.pages["/robots.txt"] = Reply(b"", 503)
        source = await room.add_remote(website(site))
        assert source.status == "unavailable"

    async def test_on_the_page_are_kept(self, room: Room, site: Site) -> None:
        hidden = article("Hidden", LONG + "x", "<a href='/behind'>b</a>")
        site.page("/", article("Home", LONG, "<a href='/a'>a</a><a href='/b'>b</a><a rel='nofollow' href='/c'>c</a>"))
        site.page("/a", hidden.replace("<head>", "<head><meta name='robots' content='noindex, nofollow'>"))
        site.pages["/b"] = Reply(hidden.encode(), headers={"x-robots-tag": "noindex"})
        source = await room.add_remote(website(site))
        assert not {"/a", "/b", "/c"} & set(await paths(room, source.id))
        assert "/c" not in site.paths
        assert site.asked("/behind") == 1

    async def test_pauses_between_requests_are_kept(self, store: Store, data_folder: Path, site: Site) -> None:
        site.pages["/robots.txt"] = Reply(b"User-agent: *\nCrawl-delay: 7", type="text/plain")
        pauses: list[float] = []
        from parley.knowledge.web.crawl import Crawler
        from parley.knowledge.web.plan import CrawlPlan, KnownPage
        from parley.store.blobs import BlobStore

        class Nothing:
            def known(self) -> dict[str, KnownPage]:
                return {}

            async def body(self, url: str) -> bytes | None:
                return None

        async def pause(seconds: float) -> None:
            pauses.append(seconds)

        async with Fetcher(site.rules(), "ParleyTest/1") as fetcher:
            crawler = Crawler(
                fetcher,
                BlobStore(data_folder / "blobs"),
                CrawlPlan(site.url("/"), "crawl"),
                CrawlLimits(delay_seconds=1),
                Nothing(),
                pause=pause,
            )
            found = [outcome async for outcome in crawler.walk()]
        assert len(found) == 4
        assert set(pauses) == {7.0}


class TestTraps:
    async def test_a_calendar_without_end_ends(self, room: Room, site: Site) -> None:
        def calendar(request: Request) -> Reply:
            number = int(request.path.rsplit("/", 1)[-1] or 0)
            link = f"<a href='/cal/{number + 1}'>next</a>"
            return Reply(article(f"Month {number}", f"{LONG} {number} events {number * 7}.", link).encode())

        site.fallback = lambda request: calendar(request) if request.path.startswith("/cal/") else Reply(b"", 404)
        site.page("/", article("Home", LONG, "<a href='/cal/1'>calendar</a>"))
        source = await room.add_remote(website(site, max_depth=20, max_pages=12))
        assert source.counts.documents == 12
        assert "limit" in (source.note or "")

    async def test_addresses_that_differ_in_numbers_alone_are_bounded(self, room: Room, site: Site) -> None:
        site.fallback = lambda request: Reply(article(request.path, f"{LONG} {request.path}").encode())
        links = "".join(f"<a href='/list?page={n}&sort={n % 7}'>x</a>" for n in range(300))
        site.page("/", article("Home", LONG, links))
        source = await room.add_remote(website(site, max_pages=400, max_depth=1))
        assert sum(path.startswith("/list") for path in site.paths) == 100
        assert "differ in numbers alone" in (source.note or "")

    async def test_a_path_that_goes_in_circles_ends(self, room: Room, site: Site) -> None:
        site.fallback = lambda request: Reply(
            article(request.path, f"{LONG} {request.path}", "<a href='a/b/'>on</a>").encode()
        )
        source = await room.add_remote(website(site, "/deep/", max_depth=20))
        assert source.status == "ready"
        assert max(path.count("/a/b/") for path in site.paths) <= 3

    async def test_not_found_pages_that_say_ok_are_not_read(self, room: Room, site: Site) -> None:
        site.fallback = Reply(
            article("Oops", "Sorry, the page you want is not here. " * 5 + "Try the search.").encode()
        )
        site.page("/", article("Home", LONG, "<a href='/about'>a</a> <a href='/old-page'>gone</a>"))
        source = await room.add_remote(website(site))
        assert "/old-page" not in await paths(room, source.id)
        assert "/about" in await paths(room, source.id)

    async def test_a_site_of_redirects_alone_ends(self, room: Room, site: Site) -> None:
        def onward(request: Request) -> Reply:
            return Reply(status=302, headers={"location": f"/r{len(site.requests)}"})

        site.fallback = onward
        site.page("/", article("Home", LONG, "".join(f"<a href='/x{n}'>x</a>" for n in range(20))))
        source = await room.add_remote(website(site, max_pages=5))
        assert source.status in ("ready", "unavailable")
        assert len(site.requests) < 400

    async def test_a_page_that_never_ends_costs_its_limit(self, room: Room, site: Site) -> None:
        def endless() -> Iterator[bytes]:
            while True:
                yield b"<p>word</p>" * 1_000

        site.page("/", article("Home", LONG, "<a href='/stream'>s</a> <a href='/about'>a</a>"))
        site.pages["/stream"] = Reply(endless())
        source = await room.add_remote(website(site))
        assert (await paths(room, source.id))["/stream"] == "failed"
        assert (await paths(room, source.id))["/about"] == "ready"

    async def test_hostile_markup_is_read_as_what_it_is(self, room: Room, site: Site) -> None:
        deep = "<div>" * 20_000 + "bottom"
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><p>&b; ' + LONG + "</p>"
        site.page("/", article("Home", LONG, "<a href='/deep'>d</a> <a href='/bomb'>b</a> <a href='/nul'>n</a>"))
        site.page("/deep", f"<html><body><p>{LONG}</p>{deep}")
        site.page("/bomb", bomb)
        site.pages["/nul"] = Reply(b"<p>a\0b \xff\xfe " + LONG.encode() * 2)
        source = await room.add_remote(website(site))
        assert source.status == "ready"
        assert set((await paths(room, source.id)).values()) <= {"ready", "failed"}


class TestLookingAgain:
    async def test_at_what_has_not_changed_costs_nothing(self, room: Room, site: Site) -> None:
        source = await room.add_remote(website(site))
        before = {path: document.version for path, document in (await room.all_documents(source.id)).items()}
        site.requests.clear()
        again = await room.look_again(source.id)
        assert again.counts.unchanged == 4
        assert {path: document.version for path, document in (await room.all_documents(source.id)).items()} == before
        conditional = [request for request in site.requests if "if-none-match" in request.headers]
        assert len(conditional) == 4

    async def test_a_page_whose_code_alone_changed_keeps_its_version(self, room: Room, site: Site) -> None:
        source = await room.add_remote(website(site))
        changed = article("About", LONG + "The office was founded in 1921.").replace(
            "<main>", "<main data-token='8132'>"
        )
        site.page("/about", changed)
        await room.look_again(source.id)
        assert (await room.all_documents(source.id))[site.url("/about")].version == 1

    async def test_a_changed_page_gets_a_version(self, room: Room, site: Site) -> None:
        source = await room.add_remote(website(site))
        site.page("/about", article("About", LONG + "The office was founded in 1922."))
        again = await room.look_again(source.id)
        document = (await room.all_documents(source.id))[site.url("/about")]
        assert document.version == 2
        assert "1922" in await room.text_of(document)
        assert "1921" in await room.text_of(document, 1)
        assert again.last_sync is not None
        assert (again.last_sync.added, again.last_sync.changed) == (0, 1)

    async def test_a_page_that_is_gone_is_removed_the_second_time(self, room: Room, site: Site) -> None:
        source = await room.add_remote(website(site))
        del site.pages["/about"]
        await room.look_again(source.id)
        assert (await paths(room, source.id))["/about"] == "ready"
        again = await room.look_again(source.id)
        assert "/about" not in await paths(room, source.id)
        assert again.last_sync is not None
        assert again.last_sync.removed == 1
        site.page("/about", article("About", LONG + "We are back."))
        await room.look_again(source.id)
        assert (await paths(room, source.id))["/about"] == "ready"

    async def test_a_page_that_was_away_once_stays(self, room: Room, site: Site) -> None:
        source = await room.add_remote(website(site))
        about = site.pages.pop("/about")
        await room.look_again(source.id)
        site.pages["/about"] = about
        await room.look_again(source.id)
        del site.pages["/about"]
        await room.look_again(source.id)
        assert (await paths(room, source.id))["/about"] == "ready"

    async def test_a_site_that_is_down_keeps_everything(self, room: Room, site: Site) -> None:
        source = await room.add_remote(website(site))
        kept = dict(site.pages)
        site.pages.clear()
        site.fallback = Reply(b"", 503)
        again = await room.look_again(source.id)
        assert again.status == "unavailable"
        assert set((await paths(room, source.id)).values()) == {"ready"}
        site.pages.update(kept)
        site.fallback = Reply(b"", 404)
        assert (await room.look_again(source.id)).status == "ready"

    async def test_pages_that_are_not_wanted_any_more_go_at_once(self, room: Room, site: Site) -> None:
        source = await room.add_remote(website(site))
        await room.remote.reconfigure(room.workspace_id, source.id, {"exclude": ["/docs/*"]}, None, is_owner=True)
        await room.look_again(source.id)
        assert set(await paths(room, source.id)) == {"/", "/about"}


class TestASitemap:
    async def test_lists_what_is_read(self, room: Room, site: Site) -> None:
        index = f"<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap><loc>{site.url('/s1.xml.gz')}</loc></sitemap><sitemap><loc>{site.url('/s2.xml')}</loc></sitemap></sitemapindex>"
        first = f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>{site.url('/about')}</loc></url><url><loc>http://other.example/x</loc></url></urlset>"
        second = f"<urlset><url><loc>{site.url('/docs/prices')}</loc></url></urlset>"
        site.pages["/sitemap.xml"] = Reply(index.encode(), type="application/xml")
        site.pages["/s1.xml.gz"] = Reply(gzip.compress(first.encode()), type="application/gzip")
        site.pages["/s2.xml"] = Reply(second.encode(), type="application/xml")
        source = await room.add_remote(website(site, "/sitemap.xml", mode="sitemap"))
        assert await paths(room, source.id) == {"/about": "ready", "/docs/prices": "ready"}
        assert "/" not in site.paths

    async def test_that_is_none_says_so(self, room: Room, site: Site) -> None:
        source = await room.add_remote(website(site, "/about", mode="sitemap"))
        assert source.status == "failed"
        assert source.error is not None
        assert "not a sitemap" in source.error.message


class TestAddressesOfTheInnerNetwork:
    @pytest.mark.parametrize(
        "url", ["http://169.254.169.254/latest/", "http://127.0.0.2/", "http://[::1]/", "http://10.0.0.1/"]
    )
    async def test_are_refused(self, room: Room, url: str) -> None:
        source = await room.add_remote(WebsiteCreate(kind="website", config=WebsiteConfig(url=url)))
        assert source.status == "failed"
        assert source.error is not None
        assert source.error.code in ("address_refused", "port_refused")

    async def test_are_refused_when_the_first_page_leads_there(self, room: Room, site: Site) -> None:
        site.pages["/"] = Reply(status=302, headers={"location": f"http://127.0.0.2:{site.port}/"})
        source = await room.add_remote(website(site))
        assert source.status == "failed"


class TestACheck:
    async def test_tells_what_is_there(self, room: Room, site: Site) -> None:
        site.pages["/robots.txt"] = Reply(
            f"User-agent: *\nDisallow: /private\nSitemap: {site.url('/sitemap.xml')}".encode(), type="text/plain"
        )
        found = await room.remote.check(website(site), is_owner=True)
        assert (found.reachable, found.title, found.robots_allowed) == (True, "Home", True)
        assert found.sitemaps == [site.url("/sitemap.xml")]
        closed = await room.remote.check(website(site, "/private"), is_owner=True)
        assert (closed.reachable, closed.robots_allowed) == (False, False)
