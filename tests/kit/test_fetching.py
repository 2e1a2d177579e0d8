"""What may be fetched, and what one fetch may cost."""

import gzip
import ssl
import zlib
from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from parley.errors import (
    AddressRefused,
    FetchError,
    FetchTimeout,
    HostUnreachable,
    OversizedDocument,
    TooManyRedirects,
)
from parley.kit.fetching import AddressRules, Fetched, Fetcher, FetchLimits, parse_target
from parley.kit.fetching.guard import Resolver
from tests.support.site import Reply, Request, Site, running_site

REFUSED_ADDRESSES = """
    0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 127.0.0.1 127.255.255.254 169.254.169.254
    168.63.129.16 172.16.0.1 172.31.255.255 192.0.0.1 192.0.2.1 192.88.99.1 192.168.0.1 198.18.0.1 198.19.255.255
    198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
    :: ::1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::127.0.0.1 64:ff9b::7f00:1 64:ff9b::808:808 64:ff9b:1::1 100::1
    fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1 ff02::1 2001::1 2001:db8::1 2002:7f00:1::1 2002:808:808::1
    3fff::1 4000::1
""".split()  # noqa: SIM905  easier to read as a table
PUBLIC_ADDRESSES = ["8.8.8.8", "93.184.215.14", "172.15.255.255", "172.32.0.1", "100.128.0.1", "2606:4700::6810:85e5"]
REFUSED_URLS = [
    ("ftp://example.org/a", "scheme_refused"),
    ("file:///etc/passwd", "scheme_refused"),
    ("gopher://127.0.0.1:6379/_FLUSHALL", "scheme_refused"),
    ("//example.org/a", "scheme_refused"),
    ("javascript:alert(1)", "scheme_refused"),
    ("http://user:secret@example.org/", "credentials_in_url"),
    ("http://example.org@127.0.0.1/", "credentials_in_url"),
    ("http://example.org:80@127.0.0.1/", "credentials_in_url"),
    ("http://@127.0.0.1/", "credentials_in_url"),
    ("http://127.0.0.1\\@example.org/", "url_invalid"),
    ("http://example.org\\.evil.org/", "url_invalid"),
    ("http://exa mple.org/", "url_invalid"),
    ("http://example.org/\r\nHost: internal", "url_invalid"),
    ("http://", "url_invalid"),
    ("http:///path", "url_invalid"),
    ("http://example.org:99999/", "url_invalid"),
    ("http://example.org:/", "url_invalid"),
    ("http://2130706433/", "url_invalid"),
    ("http://0x7f000001/", "url_invalid"),
    ("http://0x7f.0.0.1/", "url_invalid"),
    ("http://0177.0.0.1/", "url_invalid"),
    ("http://017700000001/", "url_invalid"),
    ("http://127.1/", "url_invalid"),
    ("http://127.0.1/", "url_invalid"),
    ("http://1.2.3.4.5/", "url_invalid"),
    ("http://[::1%25lo]/", "url_invalid"),
    ("http://[::1/", "url_invalid"),
    ("http://[nonsense]/", "url_invalid"),
    ("http://-bad.example/", "url_invalid"),
    ("http://a..b/", "url_invalid"),
    ("http://" + "a" * 3000, "url_invalid"),
]
# All of these end at an address of this machine; the network is not asked to find that out.
SPELLED_LOOPBACK = [
    "http://127.0.0.1/",
    "http://127.0.0.1./",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://[::]/",
    "http://0.0.0.0/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://169.254.169.254/latest/meta-data/",
]


@pytest.fixture
def site() -> Generator[Site]:
    with running_site() as running:
        yield running


def fetcher(
    site: Site, resolve: Resolver | None = None, limits: FetchLimits | None = None, tls: ssl.SSLContext | None = None
) -> Fetcher:
    return Fetcher(site.rules(), "ParleyTest/1", resolve=resolve, limits=limits, tls=tls)


class TestAddresses:
    @pytest.mark.parametrize("address", REFUSED_ADDRESSES)
    def test_that_are_not_public_are_refused(self, address: str) -> None:
        with pytest.raises(AddressRefused) as refused:
            AddressRules().check(address)
        assert refused.value.stable_code == "address_refused"

    @pytest.mark.parametrize("address", PUBLIC_ADDRESSES)
    def test_that_are_public_are_not(self, address: str) -> None:
        AddressRules().check(address)

    def test_of_a_network_that_was_opened_are_not(self) -> None:
        rules = AddressRules.of([80], ["10.1.0.0/16"])
        rules.check("10.1.2.3")
        with pytest.raises(AddressRefused):
            rules.check("10.2.0.1")


class TestUrls:
    @pytest.mark.parametrize(("url", "code"), REFUSED_URLS)
    def test_that_hide_where_they_lead_are_refused(self, url: str, code: str) -> None:
        with pytest.raises(AddressRefused) as refused:
            parse_target(url)
        assert refused.value.stable_code == code

    def test_are_written_one_way(self) -> None:
        assert str(parse_target("HTTP://Example.ORG.:80/a b".replace(" ", "%20"))) == "http://example.org/a%20b"
        assert str(parse_target("https://example.org:8443/ä?q=ö")) == "https://example.org:8443/%C3%A4?q=%C3%B6"
        assert parse_target("https://münchen.example/").host == "xn--mnchen-3ya.example"
        assert parse_target("http://[2606:4700:0::6810:85E5]:80/").authority == "[2606:4700::6810:85e5]"


class TestFetching:
    @pytest.mark.parametrize("url", SPELLED_LOOPBACK)
    async def test_this_machine_is_refused_however_it_is_spelled(self, url: str) -> None:
        async with Fetcher(AddressRules(), "ParleyTest/1") as fetching:
            with pytest.raises(AddressRefused):
                await fetching.fetch(url)

    async def test_a_port_that_is_not_open_is_refused(self) -> None:
        async with Fetcher(AddressRules(), "ParleyTest/1", resolve=lambda host, port: ["8.8.8.8"]) as fetching:
            with pytest.raises(AddressRefused) as refused:
                await fetching.fetch("http://example.org:6379/")
        assert refused.value.stable_code == "port_refused"

    async def test_an_open_address_answers_with_the_name_that_was_asked(self, site: Site) -> None:
        site.page("/a", "<p>Hello</p>")
        async with fetcher(site, resolve=lambda host, port: ["127.0.0.1"]) as fetching:
            answer = await fetching.fetch(site.url("/a", host="docs.example.org"))
        assert (answer.status, answer.body, answer.media_type) == (200, b"<p>Hello</p>", "text/html")
        assert site.requests[0].headers["host"] == f"docs.example.org:{site.port}"
        assert site.requests[0].headers["user-agent"] == "ParleyTest/1"

    async def test_a_name_with_one_inner_address_is_refused(self, site: Site) -> None:
        async with fetcher(site, resolve=lambda host, port: ["127.0.0.1", "127.0.0.2"]) as fetching:
            with pytest.raises(AddressRefused):
                await fetching.fetch(site.url("/", host="docs.example.org"))
        assert site.requests == []

    async def test_a_name_that_changes_its_mind_is_asked_once(self, site: Site) -> None:
        """DNS rebinding: the first answer is checked and connected to; a second one is never wanted."""
        answers = iter([["127.0.0.1"], ["10.0.0.1"]])
        asked: list[str] = []

        def resolve(host: str, port: int) -> list[str]:
            asked.append(host)
            return next(answers)

        site.page("/", "fine")
        async with fetcher(site, resolve=resolve) as fetching:
            assert (await fetching.fetch(site.url("/", host="rebind.example"))).body == b"fine"
        assert asked == ["rebind.example"]
        async with fetcher(site, resolve=resolve) as fetching:
            with pytest.raises(AddressRefused):
                await fetching.fetch(site.url("/", host="rebind.example"))

    async def test_an_unknown_name_says_so(self, site: Site) -> None:
        def resolve(host: str, port: int) -> list[str]:
            raise OSError("no such name")

        async with fetcher(site, resolve=resolve) as fetching:
            with pytest.raises(HostUnreachable) as unreachable:
                await fetching.fetch(site.url("/", host="gone.example"))
        assert unreachable.value.stable_code == "host_not_found"

    async def test_nobody_answering_says_so(self, site: Site) -> None:
        with running_site() as closed:
            url, rules = closed.url(), closed.rules()
        async with Fetcher(rules, "ParleyTest/1") as fetching:
            with pytest.raises(HostUnreachable):
                await fetching.fetch(url)


class TestRedirects:
    @pytest.mark.parametrize(
        "location",
        [
            "http://127.0.0.2:{port}/",
            "http://10.0.0.1:{port}/",
            "http://169.254.169.254:{port}/latest/meta-data/",
            "http://[::1]:{port}/",
            "http://[::ffff:127.0.0.1]:{port}/",
            "http://2130706433:{port}/",
            "http://0177.0.0.1:{port}/",
            "http://inner.example:{port}/",
            "http://user@127.0.0.1:{port}/",
            "http://127.0.0.1:1/",
            "file:///etc/passwd",
            "gopher://127.0.0.1/",
        ],
    )
    async def test_into_the_inner_network_are_refused(self, site: Site, location: str) -> None:
        site.pages["/"] = Reply(status=302, headers={"location": location.format(port=site.port)})
        async with fetcher(site, resolve=lambda host, port: ["192.168.1.1"]) as fetching:
            with pytest.raises(AddressRefused):
                await fetching.fetch(site.url("/"))
        assert site.paths == ["/"]

    async def test_are_followed_and_told(self, site: Site) -> None:
        site.pages["/old"] = Reply(status=301, headers={"location": "../new?x=1"})
        site.page("/new?x=1", "here")
        async with fetcher(site) as fetching:
            answer = await fetching.fetch(site.url("/old"))
        assert (answer.url, answer.body, answer.redirected) == (site.url("/new?x=1"), b"here", [site.url("/old")])

    async def test_in_a_circle_end(self, site: Site) -> None:
        site.pages["/a"] = Reply(status=302, headers={"location": "/b"})
        site.pages["/b"] = Reply(status=302, headers={"location": "/a"})
        async with fetcher(site) as fetching:
            with pytest.raises(TooManyRedirects) as stopped:
                await fetching.fetch(site.url("/a"))
        assert stopped.value.stable_code == "redirect_loop"

    async def test_without_end_end(self, site: Site) -> None:
        def next_one(request: Request) -> Reply:
            return Reply(status=302, headers={"location": f"/{len(site.requests)}"})

        site.fallback = next_one
        async with fetcher(site) as fetching:
            with pytest.raises(TooManyRedirects):
                await fetching.fetch(site.url("/start"))
        assert len(site.requests) == 6

    async def test_to_another_site_leave_the_token_behind(self, site: Site) -> None:
        site.pages["/here"] = Reply(status=302, headers={"location": "/there"})
        site.pages["/there"] = Reply(status=302, headers={"location": site.url("/else", host="other.example")})
        site.page("/else", "done")
        async with fetcher(site, resolve=lambda host, port: ["127.0.0.1"]) as fetching:
            await fetching.fetch(site.url("/here"), headers={"Authorization": "Bearer t"})
        assert [request.headers.get("authorization") for request in site.requests] == ["Bearer t", "Bearer t", None]


class TestLimits:
    async def test_a_long_answer_is_broken_off(self, site: Site) -> None:
        sent: list[int] = []

        def endless() -> Iterator[bytes]:
            while True:
                sent.append(1)
                yield b"x" * 65_536

        site.pages["/"] = Reply(endless())
        async with fetcher(site, limits=FetchLimits(max_bytes=1_000_000)) as fetching:
            with pytest.raises(OversizedDocument):
                await fetching.fetch(site.url("/"))

    async def test_a_declared_length_over_the_limit_is_not_read(self, site: Site) -> None:
        site.pages["/"] = Reply(b"x" * 5_000)
        async with fetcher(site, limits=FetchLimits(max_bytes=1_000)) as fetching:
            with pytest.raises(OversizedDocument):
                await fetching.fetch(site.url("/"))

    async def test_a_bomb_is_noticed_while_it_unpacks(self, site: Site) -> None:
        bomb = gzip.compress(b"\0" * 200_000_000, 9)
        site.pages["/"] = Reply(bomb, headers={"content-encoding": "gzip"})
        taken: list[int] = []

        class Counting:
            def begin(self, answer: Fetched) -> None:
                assert answer.status == 200

            async def take(self, piece: bytes) -> None:
                taken.append(len(piece))

        async with fetcher(site, limits=FetchLimits(max_bytes=5_000_000)) as fetching:
            with pytest.raises(OversizedDocument):
                await fetching.fetch(site.url("/"), receiver=Counting())
        assert sum(taken) <= 5_000_000
        assert max(taken) <= 65_536

    @pytest.mark.parametrize(
        ("encoding", "packed"),
        [
            ("gzip", gzip.compress(b"hello" * 50_000)),
            ("deflate", zlib.compress(b"hello" * 50_000)),
            ("deflate", zlib.compress(b"hello" * 50_000)[2:-4]),
        ],
    )
    async def test_packed_answers_are_unpacked_whole(self, site: Site, encoding: str, packed: bytes) -> None:
        site.pages["/"] = Reply(packed, headers={"content-encoding": encoding})
        async with fetcher(site) as fetching:
            assert (await fetching.fetch(site.url("/"))).body == b"hello" * 50_000

    @pytest.mark.parametrize(("encoding", "body"), [("br", b"x"), ("gzip", b"not gzip at all")])
    async def test_packed_otherwise_is_an_error(self, site: Site, encoding: str, body: bytes) -> None:
        site.pages["/"] = Reply(body, headers={"content-encoding": encoding})
        async with fetcher(site) as fetching:
            with pytest.raises(FetchError):
                await fetching.fetch(site.url("/"))

    async def test_a_trickle_ends_with_the_time_for_all_of_it(self, site: Site) -> None:
        """Slowloris: each byte comes in time, the whole never does."""

        def trickle() -> Iterator[bytes]:
            while not site.stopping.wait(0.02):
                yield b"."

        site.pages["/"] = Reply(trickle())
        async with fetcher(site, limits=FetchLimits(seconds=0.3)) as fetching:
            with pytest.raises(FetchTimeout):
                await fetching.fetch(site.url("/"))

    async def test_silence_ends_too(self, site: Site) -> None:
        def silent(request: Request) -> Reply:
            site.stopping.wait(30)
            return Reply()

        site.pages["/"] = silent
        async with fetcher(site, limits=FetchLimits(idle_seconds=0.2)) as fetching:
            with pytest.raises(FetchTimeout):
                await fetching.fetch(site.url("/"))
        site.stopping.set()


class TestTls:
    async def test_names_the_host_and_checks_it_at_the_pinned_address(self, tmp_path: Path) -> None:
        names: list[str | None] = []
        server, client = certificates(tmp_path, "docs.example.org")
        server.sni_callback = lambda _socket, name, _context: names.append(name)
        with running_site(tls=server) as site:
            site.page("/", "secure")
            async with fetcher(site, resolve=lambda host, port: ["127.0.0.1"], tls=client) as fetching:
                assert (await fetching.fetch(site.url("/", host="docs.example.org"))).body == b"secure"
            async with fetcher(site, resolve=lambda host, port: ["127.0.0.1"], tls=client) as fetching:
                with pytest.raises(HostUnreachable, match="certificate"):
                    await fetching.fetch(site.url("/", host="other.example.org"))
        assert names == ["docs.example.org", "other.example.org"]


def certificates(folder: Path, host: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Return the contexts of a server with a certificate for a host, and of a client that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoded = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "site.pem").write_bytes(private + encoded)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "site.pem")
    return server, ssl.create_default_context(cadata=encoded.decode())
