"""Formats that are text: what of them becomes canonical text, and which ranges mark its structure."""

import json
from pathlib import Path

import pytest

from tests.support.reading import read_bytes


class TestPlainText:
    def test_text_stays_as_it_is_but_for_line_ends_and_nul(self, tmp_path: Path) -> None:
        assert read_bytes(tmp_path, "a.txt", b"one\r\ntwo\rthree\0\n\n  four ").text == "one\ntwo\nthree\n\n  four "

    def test_a_long_text_comes_in_parts_without_gap_or_overlap(self, tmp_path: Path) -> None:
        source = "".join(f"Paragraph {number} says something of its own.\r\n\r\n" for number in range(60_000))
        document = read_bytes(tmp_path, "a.txt", source.encode())
        assert document.text == source.replace("\r\n", "\n")
        assert len(document.parts) > 3
        assert max(len(part.text) for part in document.parts) <= 1_000_000
        starts = [part.start for part in document.parts]
        assert starts == [sum(len(part.text) for part in document.parts[:index]) for index in range(len(starts))]

    def test_one_endless_line_is_cut_too(self, tmp_path: Path) -> None:
        document = read_bytes(tmp_path, "a.txt", b"x" * 3_000_000)
        assert document.text == "x" * 3_000_000
        assert max(len(part.text) for part in document.parts) <= 1_000_000

    def test_code_is_marked_as_code(self, tmp_path: Path) -> None:
        document = read_bytes(tmp_path, "a.py", b"def run():\n    return 1\n")
        assert document.marked("code") == ["def run():\n    return 1"]


class TestEncodings:
    WORDS = "Größe und Maß: café, naïve — “quoted” text that goes on for a while. "

    @pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
    def test_the_encoding_is_found(self, tmp_path: Path, codec: str) -> None:
        assert read_bytes(tmp_path, "a.txt", (self.WORDS * 20).encode(codec)).text == self.WORDS * 20

    def test_latin_1_is_read(self, tmp_path: Path) -> None:
        words = "Ein schöner Tag für große Käse und süße Äpfel. "
        assert read_bytes(tmp_path, "a.txt", (words * 20).encode("latin-1")).text == words * 20

    @pytest.mark.parametrize(
        ("codec", "words"),
        [
            ("shift_jis", "日本語の文章です。ポンプは夜に動きます。"),
            ("gb18030", "这是一个中文句子。水泵在夜间运行。"),
            ("cp1251", "Это предложение на русском языке. Насос работает ночью. "),
        ],
    )
    def test_legacy_encodings_of_other_scripts_are_read(self, tmp_path: Path, codec: str, words: str) -> None:
        assert read_bytes(tmp_path, "a.txt", (words * 30).encode(codec)).text == words * 30

    def test_a_stray_byte_in_utf_8_spoils_nothing_else(self, tmp_path: Path) -> None:
        content = ("Zürich und Genf. " * 300).encode() + b"caf\xe9 " + ("Bern ist schön. " * 300).encode()
        text = read_bytes(tmp_path, "a.txt", content).text
        assert "café" in text
        assert text.count("Zürich") == 300

    def test_a_character_on_a_block_border_is_whole(self, tmp_path: Path) -> None:
        source = "a" + "é" * 400_000
        assert read_bytes(tmp_path, "a.txt", source.encode()).text == source


class TestMarkdown:
    def test_structure_is_marked_and_marks_are_gone(self, tmp_path: Path) -> None:
        source = (
            "# Pumps\n\nThe **main** [pump](http://x.y/z) runs `at night`.\n\nSetup\n-----\n\n"
            "- first\n- second\n  goes on\n\n```sh\nrun --now\n\nstop\n```\n\n> said so\n\n"
            "| Part | Price |\n|---|---:|\n| Valve | 3 |\n"
        )
        document = read_bytes(tmp_path, "a.md", source.encode())
        assert "The main pump runs at night." in document.text
        assert [
            (item.level, text)
            for item, text in zip(document.ranges("heading"), document.marked("heading"), strict=True)
        ] == [
            (1, "Pumps"),
            (2, "Setup"),
        ]
        assert document.marked("list_item") == ["first", "second\ngoes on"]
        assert document.marked("code") == ["run --now\n\nstop"]
        assert document.marked("quote") == ["said so"]
        assert document.marked("table") == ["Part | Price\nValve | 3"]
        assert document.marked("table_row") == ["Part | Price"]

    def test_front_matter_gives_the_title(self, tmp_path: Path) -> None:
        document = read_bytes(tmp_path, "a.md", b"---\ntitle: 'My guide'\ntags: x\n---\nText")
        assert (document.info.title, document.text) == ("My guide", "Text")

    def test_names_with_underscores_and_stars_stay(self, tmp_path: Path) -> None:
        assert read_bytes(tmp_path, "a.md", b"Set my_long_name to 2 * 3 * 4.").text == "Set my_long_name to 2 * 3 * 4."

    def test_steps_are_counted_as_a_reader_sees_them(self, tmp_path: Path) -> None:
        source = "1. a\n1. b\n   1. c\n   1. d\n\n   More.\n1. e\n\nText.\n\n3) f\n5) g\n# H\n1. h\n- i\n1. j\n"
        marked = read_bytes(tmp_path, "a.md", source.encode()).marked("list_item")
        assert marked == ["1. a", "2. b", "1. c", "2. d", "3. e", "3) f", "4) g", "1. h", "i", "1. j"]

    def test_what_stands_within_a_step_is_text_and_its_code_is_code(self, tmp_path: Path) -> None:
        source = (
            "1. Open the valve.\n\n    It hisses.\n\n    ```sh\n    open --slowly\n      2\n    ```\n\n2. Close it:\n\n"
            "        close --now\n\nDone.\n\n    code"
        )
        document = read_bytes(tmp_path, "a.md", source.encode())
        assert document.text.split("\n\n")[1] == "It hisses."
        assert document.marked("list_item") == ["1. Open the valve.", "2. Close it:"]
        assert document.marked("code") == ["open --slowly\n  2", " close --now", "code"]

    @pytest.mark.parametrize(
        ("source", "text"),
        [
            ("## Cancel a plan {#cancel}\nNow.", "Cancel a plan\n\nNow."),
            ("See [plans](x.html){.link-right}.\n\n{: .wide}\n", "See plans."),
            ("Sets are {a, b}.\n\n{a: 1}", "Sets are {a, b}.\n\n{a: 1}"),
            ("Use {mod}`venv` here.", "Use venv here."),
            (
                "It holds [^why], always.\n\n[^why]: Because it does.\n    It must.",
                "It holds, always.\n\nBecause it does.\nIt must.",
            ),
            ("[INFO]: All is well today.\n\n[plans]: http://x.y/z 'Plans'", "[INFO]: All is well today."),
            ("> [!NOTE]\n> Only once.", "Only once."),
            ("> [!tip] Mind this\n> Only once.", "Mind this\nOnly once."),
            ('!!! warning "Hot"\n    Do not touch.\n\n    Ever.\n\nCold.', "Hot\n\nDo not touch.\n\nEver.\n\nCold."),
            ('=== "Debian"\n\n    Use apt.\n', "Debian\n\nUse apt."),
            ("??? what is this", "??? what is this"),
            (":::tip[Mind]\nTurn left.\n:::", "Mind\n\nTurn left."),
            ('{% hint style="info" %}\nTurn left.\n{% endhint %}', "Turn left."),
            ("[![Build](b.svg)](http://x.y) ![x](y.png)\n\nPress ![gear](g.png) twice.", "Press gear twice."),
        ],
    )
    def test_marks_of_site_generators_are_gone_and_no_words(self, tmp_path: Path, source: str, text: str) -> None:
        assert read_bytes(tmp_path, "a.md", source.encode()).text == text

    def test_brackets_without_end_cost_no_time(self, tmp_path: Path) -> None:
        for source in ("[![" * 100_000, "[^" * 100_000, "{.a" * 100_000):
            assert len(read_bytes(tmp_path, "a.md", source.encode()).text) == len(source)


class TestHtml:
    def test_structure_is_marked_and_chrome_is_gone(self, tmp_path: Path) -> None:
        source = """<html><head><title>Pumps</title><style>p{}</style></head><body><nav>Home</nav>
            <h1>Pumps</h1><p>They run\n at <i>night</i>.<br>Always.</p><script>x()</script>
            <ol><li>one</li><li>two</li></ol><pre>a  b\n  c</pre><div hidden>secret</div>
            <table><tr><th>Part</th><th>Price</th></tr><tr><td>Valve</td><td>3</td></tr></table>
            <blockquote>said so</blockquote></body></html>"""
        document = read_bytes(tmp_path, "a.html", source.encode())
        assert document.text.split("\n\n")[:2] == ["Pumps", "They run at night.\nAlways."]
        assert document.marked("heading") == ["Pumps"]
        assert document.marked("list_item") == ["1. one", "2. two"]
        assert document.marked("code") == ["a  b\n  c"]
        assert document.marked("table") == ["Part | Price\nValve | 3"]
        assert document.marked("quote") == ["said so"]
        assert not {"Home", "x()", "secret", "p{}"} & set(document.text.split())

    def test_the_main_part_is_taken_where_it_holds_the_text(self, tmp_path: Path) -> None:
        source = f"<body><div>Menu</div><main><p>{'Real words here. ' * 9}</p></main></body>"
        assert "Menu" not in read_bytes(tmp_path, "a.html", source.encode()).text

    def test_tables_of_links_around_a_docbook_page_are_left_out(self, tmp_path: Path) -> None:
        around = (
            '<div class="{}"><table><tr><td>Prev</td><td>Up</td></tr><tr><td>Pumps</td><td>Home</td></tr></table></div>'
        )
        source = f"<html>{around.format('navheader')}<h1>Valves</h1><p>Turn.</p>{around.format('navfooter')}</html>"
        assert read_bytes(tmp_path, "a.html", source.encode()).text == "Valves\n\nTurn."

    def test_words_in_a_cell_stand_as_a_browser_shows_them(self, tmp_path: Path) -> None:
        source = """<table><tr><th>Valve</th><th>Opens at</th></tr>
            <tr><td>(<code>PV</code>-<b>1</b>), <i>main</i></td><td><p>3 bar</p><p>hot</p></td></tr></table>"""
        text = read_bytes(tmp_path, "a.html", source.encode()).text
        assert text == "Valve | Opens at\n(PV-1), main | 3 bar hot"

    @pytest.mark.parametrize(
        "hidden",
        [
            '<a class="headerlink" href="#x">mark</a>',
            '<A CLASS="x sr-only">mark</A>',
            "<span hidden>mark</span>",
            '<em style="Color: red; display: none">mark</em>',
            '<b title="a < b" role="navigation">mark</b>',
            '<b title="a <i" role="navigation">mark</b>',
            '<span data-long="' + "x" * 5_000 + '" hidden>mark <i>mark</i></span>',
        ],
    )
    def test_what_is_hidden_within_a_sentence_is_left_out(self, tmp_path: Path, hidden: str) -> None:
        source = f"<html><body><p>Turn {hidden}<b>the</b> valve<a href='hidden'> shut</a>.</p></body></html>"
        assert read_bytes(tmp_path, "a.html", source.encode()).text == "Turn the valve shut."

    def test_a_page_is_its_main_part_only_where_that_holds_a_good_part_of_the_text(self, tmp_path: Path) -> None:
        page = "<body><div>{}</div><div role='main'><p>Close the valve.</p></div></body>"
        assert read_bytes(tmp_path, "a.html", page.format("Home").encode()).text == "Close the valve."
        text = read_bytes(tmp_path, "a.html", page.format("The boiler must be cold. " * 4).encode()).text
        assert text.startswith("The boiler must be cold.")

    def test_a_declared_encoding_holds_where_bytes_do_not_prove_another(self, tmp_path: Path) -> None:
        source = '<html><meta charset="iso-8859-2"><p>Zażółć gęślą jaźń</p></html>'.encode("iso-8859-2")
        assert "Zażółć gęślą jaźń" in read_bytes(tmp_path, "a.html", source).text

    def test_deep_nesting_is_read(self, tmp_path: Path) -> None:
        for depth in (1500, 5000):
            assert "deep" in read_bytes(tmp_path, "a.html", b"<html>" + b"<div>" * depth + b"deep").text


class TestOtherMarkup:
    def test_rst_headings_code_and_roles(self, tmp_path: Path) -> None:
        source = b"Title\n=====\n\nSee :ref:`the guide <g>` and ``x``::\n\n    run()\n\nPart\n----\n\n* one\n* two\n"
        document = read_bytes(tmp_path, "a.rst", source)
        assert [(item.level) for item in document.ranges("heading")] == [1, 2]
        assert "See the guide and x:" in document.text
        assert document.marked("code") == ["run()"]
        assert document.marked("list_item") == ["one", "two"]

    def test_asciidoc_headings_and_tables(self, tmp_path: Path) -> None:
        source = b"= Title\n\nSome *bold* text.\n\n== Part\n\n* one\n\n|===\n|A |B\n\n|1 |2\n|===\n"
        document = read_bytes(tmp_path, "a.adoc", source)
        assert document.marked("heading") == ["Title", "Part"]
        assert "Some bold text." in document.text
        assert document.marked("table") == ["A | B\n1 | 2"]

    def test_xml_articles_give_sections_and_paragraphs(self, tmp_path: Path) -> None:
        section = b"<sec><title>S</title><p>Some <i>text</i>.</p></sec>"
        source = b"<?xml version='1.0'?><article><title>T</title>" + section + b"</article>"
        document = read_bytes(tmp_path, "a.xml", source)
        assert document.marked("heading") == ["T", "S"]
        assert "Some text." in document.text

    def test_subtitles_keep_what_is_said(self, tmp_path: Path) -> None:
        source = b"WEBVTT\n\n1\n00:01.000 --> 00:02.000\n<v Ann>Hello <b>there</b>\n\n00:03.000 --> 00:04.000\nBye.\n"
        assert read_bytes(tmp_path, "a.vtt", source).text == "Ann: Hello there\nBye."


class TestData:
    def test_csv_rows_become_table_rows_with_their_header(self, tmp_path: Path) -> None:
        document = read_bytes(tmp_path, "a.csv", b'Name;Price\n"Valve; big";3\nPump;4\n')
        assert document.text == "Name | Price\nValve; big | 3\nPump | 4"
        assert document.marked("table_row") == ["Name | Price"]

    def test_a_long_csv_streams(self, tmp_path: Path) -> None:
        rows = "".join(f"name {number},{number}\n" for number in range(50_000))
        document = read_bytes(tmp_path, "a.csv", f"Name,Number\n{rows}".encode())
        assert document.text.count("name ") == 50_000
        assert len(document.parts) > 1

    def test_json_becomes_readable_lines(self, tmp_path: Path) -> None:
        value = {"title": "Pumps", "items": [{"name": "Größe", "tags": ["a", "b"]}, {"name": "two\nlines"}]}
        document = read_bytes(tmp_path, "a.json", json.dumps(value).encode())
        assert document.info.title == "Pumps"
        assert "name: Größe" in document.text
        assert "tags: a, b" in document.text

    def test_broken_json_is_read_as_text(self, tmp_path: Path) -> None:
        assert read_bytes(tmp_path, "a.json", b'{"a": "cut off').text == '{"a": "cut off'

    def test_json_lines_stay_records(self, tmp_path: Path) -> None:
        document = read_bytes(tmp_path, "a.jsonl", b'{"a": 1}\nbroken\n{"a": 2}\n')
        assert document.text == "a: 1\n\nbroken\n\na: 2"

    def test_a_notebook_gives_text_code_and_output(self, tmp_path: Path) -> None:
        cells = [
            {"cell_type": "markdown", "source": ["# Study\n", "\n", "We *count*."]},
            {"cell_type": "code", "source": "1 + 1", "outputs": [{"data": {"text/plain": ["2"]}}]},
        ]
        content = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}).encode()
        document = read_bytes(tmp_path, "a.ipynb", content)
        assert document.info.title == "Study"
        assert "We count." in document.text
        assert document.marked("code") == ["1 + 1", "2"]


class TestMail:
    def test_headers_body_and_attachments(self, tmp_path: Path) -> None:
        from email.message import EmailMessage

        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = "Größe der Pumpe", "ann@example.org", "bob@example.org"
        message.set_content("Hallo Bob,\n\ndie Pumpe ist groß.\n")
        message.add_attachment(b"x", maintype="application", subtype="pdf", filename="plan.pdf")
        document = read_bytes(tmp_path, "a.eml", bytes(message))
        assert document.info.title == "Größe der Pumpe"
        assert "From: ann@example.org" in document.text
        assert "die Pumpe ist groß." in document.text
        assert "Attachments: plan.pdf" in document.text

    def test_a_mail_of_html_alone_is_read(self, tmp_path: Path) -> None:
        from email.message import EmailMessage

        message = EmailMessage()
        message["Subject"] = "News"
        message.set_content("<html><p>The <b>pump</b> runs.</p></html>", subtype="html")
        assert "The pump runs." in read_bytes(tmp_path, "a.eml", bytes(message)).text
