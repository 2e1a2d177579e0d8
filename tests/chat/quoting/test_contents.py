"""Tables of contents are told from lists that look like them, and nothing of them is quoted."""

import pytest

from parley.chat.quoting.contents import contents_in, stands_in

LED = "1 Introduction . . . . . 2\n1.1 Writing a letter . . . . 2\n\n2 Styles . . . . . . . . . 10\nIndex . . . . 11"


def shown(text: str) -> list[str]:
    """Return the stretches that are contents."""
    return [text[start:end] for start, end in contents_in(text)]


class TestContents:
    @pytest.mark.parametrize(
        "text",
        [
            LED,
            "Preface ....... iv\nThanks ....... ix\n"
            + "\n".join(f"{title} ..... {page}" for page, title in enumerate(["First", "Next", "More", "Last"], 9))
            + "\nGlossary ...... 20\nIndex ...... 200",
            "1 Introduction 4\n2 Setup 4\n2.1 What is needed 4\n2.2 Packages of others 5\n3 Use 6\nIndex 9",
            "2 A simple one 2\n\n3 Some more 4\n\n4 A difficult one 5\n\n5 Names 8\n\n6 How it works 8",
            "Balance Sheets 53\nStatements of Income 54\nStatements of Equity 55\nCash Flows for 2022 56\n"
            "Notes to Statements 58\nReport of the Auditors 97",
            ".5 Tools . . . . 17\n.6 Macros . . . . 17\n.7 More of them . . . . 18",
            "2.3 Archives . . . . 6\n2.4 Setup for documents and\nknowledge . . . . 6\n3 Use . . . . 9\n4 End . . . 9",
        ],
    )
    def test_lines_that_lead_to_pages_are_contents(self, text: str) -> None:
        assert shown(f"Contents\n\n{text}\n\nThis is said after them.") == [text]

    @pytest.mark.parametrize(
        "text",
        [
            "Espresso ........ 2.40\nCappuccino ...... 3.20\nWater ........... 1.80",
            "Espresso ........ 2\nCappuccino ...... 4\nWater ........... 1\nTea ............. 3",
            "Small ........ 8\nMedium ...... 10\nLarge ....... 12",
            "Espresso 2\nTea 3\nCoffee 3\nOrange juice 4\nHot chocolate 4\nRed wine 6",
            "Cash 20\nLand and buildings 30\nMachines, net 40\nGoodwill 50\nOther assets 60",
            "1 Norway 12\n2 Germany 16\n3 Canada 26",
            "Total revenue 120\nCost of sales 130\nOther income 140",
            "It opened in 1990\nand closed in 1995\nbefore it burnt in 1999",
            "Wait ....\nuntil it is ....\ndone ....",
        ],
    )
    def test_what_only_looks_like_them_is_not(self, text: str) -> None:
        assert shown(text) == []

    def test_a_sentence_beside_them_stands_outside(self) -> None:
        text = f"{LED}\n\nThis is said after them."
        spans = contents_in(text)
        assert stands_in(spans, 0, 10)
        assert not stands_in(spans, text.index("This"), len(text))
