"""Whether a sentence says what a thing is, and which passages do."""

import pytest

from parley.chat.quoting.definitions import asked_to_define, defining_first, how_far_it_defines
from parley.chat.quoting.question import forms_of


def degree(question: str, text: str, following: str = "", language: str = "en") -> float:
    """Return how far a sentence answers a question for a thing."""
    return how_far_it_defines(asked_to_define(question, language), text, following, language)


class TestWhatIsNone:
    def test_how_a_thing_differs_does_not_say_what_it_is(self) -> None:
        assert degree("What is Debian?", "Debian is a little different from other distributions.") < 1
        assert degree("What is Debian?", "Debian is a free operating system.") == 1


class TestAskedToDefine:
    @pytest.mark.parametrize(
        ("question", "language", "written"),
        [
            ("What is a turbine?", "en", ["turbine"]),
            ("What's a materialized view?", "en", ["materialized", "view"]),
            ("What does preseeding mean?", "en", ["preseeding"]),
            ("Define a savepoint.", "en", ["savepoint"]),
            ("What is the meaning of MVCC?", "en", ["mvcc"]),
            ("What does git stash do?", "en", ["git", "stash"]),
            ("What is pg_dump used for?", "en", ["pg_dump", "pg", "dump"]),
            ("What is the purpose of the GIL?", "en", ["gil"]),
            ("Was bedeutet Entropie?", "de", ["entropie"]),
            ("Was ist eine Turbine?", "de", ["turbine"]),
        ],
    )
    def test_the_thing_is_what_is_asked_for(self, question: str, language: str, written: list[str]) -> None:
        assert list(asked_to_define(question, language).values()) == written

    @pytest.mark.parametrize(
        "question",
        ["What are stators attached to?", "What does the treaty say?", "When was it built?", "What is X used?"],
    )
    def test_other_questions_ask_for_no_thing(self, question: str) -> None:
        assert asked_to_define(question, "en") == {}


class TestHowFarItDefines:
    @pytest.mark.parametrize(
        ("question", "text", "language"),
        [
            ("What is RAID?", "RAID means Redundant Array of Independent Disks.", "en"),
            ("What is LVM?", "LVM, the Logical Volume Manager, is another approach to storage.", "en"),
            ("What is SELinux?", "SELinux (Security Enhanced Linux) is a system for access control.", "en"),
            ("What is the GIL?", "In CPython, the global interpreter lock, or GIL, is a mutex.", "en"),
            ("What is a VPN?", "A Virtual Private Network (VPN for short) is a way to link two networks.", "en"),
            ("What is a VPN?", "A virtual private network (abbreviated VPN) is a way to link two networks.", "en"),
            ("What is a bare repository?", "A bare repository is normally an appropriately named directory.", "en"),
            ("What is a generator?", "Generators are a simple tool for creating iterators.", "en"),
            ("What is work?", "In physics, work is the energy transferred to an object.", "en"),
            ("Was ist eine Turbine?", "Eine Turbine ist eine Maschine, die Strömung nutzt.", "de"),
            ("¿Qué es un volcán?", "Un volcán es una estructura geológica.", "es"),
            ("什么是氧气？", "氧气是一种气体。", "zh"),
        ],
    )
    def test_one_that_says_what_the_thing_is(self, question: str, text: str, language: str) -> None:
        assert degree(question, text, language=language) == 1.0

    @pytest.mark.parametrize(
        ("question", "text"),
        [
            ("What is VACUUM?", "VACUUM — garbage-collect and optionally analyze a database"),
            ("What is LVM?", "LVM allows you to create partitions that span over several disks."),
            ("What is oxygen?", "Liquid oxygen is a fluid."),
            ("What is a generator?", "generators is a list of nodes."),
        ],
    )
    def test_one_that_says_something_of_it_or_of_something_near_is_worth_half(self, question: str, text: str) -> None:
        assert degree(question, text) == 0.5

    @pytest.mark.parametrize(
        ("question", "text"),
        [
            ("What is a generator?", "If a generator is a generator with no frame, nothing is returned."),
            ("What is a metaclass?", "metaclass is the appropriate metaclass."),
            ("What is a function?", "This function is a wrapper around another."),
            ("What is VACUUM?", '"VACUUM" is not a keyword if it is compiled without.'),
            ("What is globbing?", "By default, globs is a new empty dictionary."),
            ("What is a rebase?", "--rebase: this option is only valid for updates."),
            ("What is WAL?", "WAL - wal.html WAL file - wal.html"),
            ("What is LVM?", "The installer writes the partitions of the disk and then configures LVM."),
            ("What is LVM?", "RAID means Redundant Array of Independent Disks."),
        ],
    )
    def test_one_that_only_names_it_does_not(self, question: str, text: str) -> None:
        assert degree(question, text) == 0.0

    def test_a_line_of_a_glossary_is_defined_by_what_follows(self) -> None:
        definition = "A mechanism by which large attributes of rows are split."
        assert degree("What is TOAST?", "TOAST", definition) == 1.0
        assert degree("What is MVCC?", "Multi-version concurrency control (MVCC)", definition) == 1.0
        assert degree("What is a materialized view?", "Materialized view (relation)", definition) == 1.0

    def test_a_heading_is_worth_half_and_an_entry_of_a_list_nothing(self) -> None:
        assert degree("What is a tablespace?", "Tablespaces", "Every instance of a server manages some.") == 0.5
        assert degree("What is a tablespace?", "Tablespaces", "Tables") == 0.0


class TestDefiningFirst:
    def test_passages_that_say_it_best_come_first_and_those_that_do_not_are_left_out(self) -> None:
        passages = [
            "Extents are added to LVM volumes. Reboot afterwards.",
            "Note the size. LVM allows changing a volume.",
            "12.1.2. LVM\n\nLVM, the Logical Volume Manager, is another approach to storage. It came late.",
            "Disks are old.",
        ]
        assert defining_first(asked_to_define("What is LVM?", "en"), passages, "en") == [2, 1]


class TestFormsOf:
    @pytest.mark.parametrize(
        ("form", "word"),
        [("libraries", "library"), ("class", "classes"), ("indexes", "index"), ("python's", "python"), ("gil", "gil")],
    )
    def test_plurals_are_the_same_word(self, form: str, word: str) -> None:
        assert form in forms_of(word)

    @pytest.mark.parametrize(
        ("other", "word"), [("globs", "globbing"), ("found", "founded"), ("inflated", "inflation")]
    )
    def test_others_of_one_stem_are_not(self, other: str, word: str) -> None:
        assert other not in forms_of(word)
