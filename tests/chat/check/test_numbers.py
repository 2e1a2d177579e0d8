"""Numbers in text, brought to values."""

import pytest

from parley.chat.check.numbers import find_quantities, same_quantity


def values(text: str, language: str = "en") -> list[tuple[float, str | None]]:
    return [(quantity.value, quantity.unit) for quantity in find_quantities(text, language)]


class TestFindQuantities:
    @pytest.mark.parametrize(
        ("text", "value", "unit"),
        [
            ("1,200 men", 1200, None),
            ("twelve hundred men", 1200, None),
            ("two hundred and five thousand km", 205_000, "km"),
            ("3.5 million dollars", 3.5e6, "$"),
            ("$2.3bn", 2.3e9, "$"),
            ("45 per cent", 45, "%"),
            ("45%", 45, "%"),
            ("twenty-three years", 23, "y"),
            ("the nineteenth century", 19, "c"),
            ("6½ sacks", 6.5, None),
            ("10 000 people", 10_000, None),
        ],
    )
    def test_numbers_come_out_as_values_with_units(self, text: str, value: float, unit: str | None) -> None:
        assert values(text) == [(value, unit)]

    def test_separators_follow_the_language(self) -> None:
        assert values("1.200,5 km", "de") == [(1200.5, "km")]
        assert values("1,200.5 km", "en") == [(1200.5, "km")]

    def test_months_are_told_from_verbs(self) -> None:
        assert values("It may march on. In May 1999") == [(5, "month"), (1999, None)]

    def test_digits_of_other_scripts_count(self) -> None:
        assert values("१२३ लोग", "hi") == [(123, None)]


class TestSameQuantity:
    def test_rounding_is_not_an_error_but_another_digit_is(self) -> None:
        exact = find_quantities("1,203,450 people")[0]
        assert same_quantity(find_quantities("1.2 million people")[0], exact)
        assert not same_quantity(find_quantities("1.3 million people")[0], exact)

    def test_units_must_not_differ(self) -> None:
        assert not same_quantity(find_quantities("5 km")[0], find_quantities("5 miles")[0])
        assert same_quantity(find_quantities("5")[0], find_quantities("5 miles")[0])
