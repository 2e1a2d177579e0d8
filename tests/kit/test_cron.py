"""Cron lines: what they accept, and when they come round next."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from parley.errors import InvalidInput
from parley.kit.cron import parse_schedule

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)  # a Sunday


def after(line: str, moment: datetime = NOON, zone: str = "UTC") -> str:
    return parse_schedule(line).next_after(moment, ZoneInfo(zone)).strftime("%Y-%m-%d %H:%M")


class TestNextAfter:
    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("* * * * *", "2026-03-01 12:01"),
            ("0 * * * *", "2026-03-01 13:00"),
            ("*/15 * * * *", "2026-03-01 12:15"),
            ("5/20 * * * *", "2026-03-01 12:05"),
            ("30 2 * * *", "2026-03-02 02:30"),
            ("30 2 * * 1-5", "2026-03-02 02:30"),
            ("0 0 * * sat,sun", "2026-03-07 00:00"),
            ("0 0 * * 7", "2026-03-08 00:00"),
            ("0 0 31 * *", "2026-03-31 00:00"),
            ("0 0 31 4-12/2 *", "2026-08-31 00:00"),
            ("0 0 29 feb *", "2028-02-29 00:00"),
            ("0 0 13 * fri", "2026-03-06 00:00"),
            ("0 0 */2 * mon", "2026-03-09 00:00"),
            ("0,30 12,23 1 MAR *", "2026-03-01 12:30"),
            ("@daily", "2026-03-02 00:00"),
            ("@weekly", "2026-03-08 00:00"),
        ],
    )
    def test_is_the_first_time_that_fits(self, line: str, expected: str) -> None:
        assert after(line) == expected

    def test_is_later_than_the_moment_itself(self) -> None:
        assert after("0 12 * * *") == "2026-03-02 12:00"

    def test_speaks_of_the_time_zone(self) -> None:
        assert after("0 3 * * *", zone="Asia/Kolkata") == "2026-03-01 21:30"

    def test_comes_after_a_leap_of_the_clocks(self) -> None:
        before = datetime(2026, 3, 28, 12, 0, tzinfo=UTC)
        assert after("30 2 * * *", before, "Europe/Berlin") == "2026-03-29 01:30"

    def test_comes_once_where_an_hour_comes_twice(self) -> None:
        before = datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
        first = parse_schedule("30 2 * * *").next_after(before, ZoneInfo("Europe/Berlin"))
        second = parse_schedule("30 2 * * *").next_after(first, ZoneInfo("Europe/Berlin"))
        assert (first.isoformat()[:16], second.isoformat()[:16]) == ("2026-10-25T00:30", "2026-10-26T01:30")


class TestParseSchedule:
    @pytest.mark.parametrize(
        "line",
        [
            *("", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8"),
            *("5-1 * * * *", "*/0 * * * *", "a * * * *", "1- * * * *", "-1 * * * *", "1,,2 * * * *", "* * * foo *"),
            *("0 0 30 2 *", "0 0 31 4,6,9,11 *", "@often", "²* * * * *", "99999999999999 * * * *"),
        ],
    )
    def test_refuses_what_is_no_schedule(self, line: str) -> None:
        with pytest.raises(InvalidInput) as caught:
            parse_schedule(line)
        assert caught.value.stable_code == "invalid_schedule"
