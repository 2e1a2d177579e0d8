"""Schedules as cron lines: five fields, strictly read, with the time that comes next.

The fields are minute, hour, day of the month, month and day of the week (0 and 7 are Sunday); names of months and days
are known. Where both day fields are restricted a day that fits either one counts, as cron has it (crontab(5)).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from parley.errors import InvalidInput

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_SHORTHANDS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
# 29 February on a given day of the week comes round within 40 years, also over a century that is no leap year.
_MAX_DAYS = 366 * 41


@dataclass(frozen=True, slots=True)
class Schedule:
    """A cron line, read. Each field is the set of its values; `either_day`: both day fields are restricted."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool

    def next_after(self, moment: datetime, zone: tzinfo | None = None) -> datetime:
        """Return the first time after `moment` that fits, in UTC.

        A time that the clocks leap over counts as the moment after the leap; one that comes twice counts once.

        Args:
            moment: aware.
            zone: what the fields speak of; the machine's own time zone if None.
        """
        local = moment.astimezone(zone)
        day = local.date()
        for _ in range(_MAX_DAYS):
            if self._fits(day):
                for hour in sorted(self.hours):
                    for minute in sorted(self.minutes):
                        found = _at(day, hour, minute, zone)
                        if found > moment:
                            return found
            day += timedelta(days=1)
        raise InvalidInput("This schedule never comes round.", code="invalid_schedule")

    def _fits(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        in_month, in_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return in_month or in_week if self.either_day else in_month and in_week


def parse_schedule(line: str) -> Schedule:
    """Read a cron line, or a shorthand such as `@daily`.

    Raises:
        InvalidInput: it is none, or no day ever fits it.
    """
    fields = _SHORTHANDS.get(line.strip().lower(), line).split()
    if len(fields) != 5:
        raise _invalid(f"A schedule has five fields (minute hour day month weekday), this one has {len(fields)}.")
    minutes = _field(fields[0], "minute", 0, 59)
    hours = _field(fields[1], "hour", 0, 23)
    days = _field(fields[2], "day of the month", 1, 31)
    months = _field(fields[3], "month", 1, 12, _MONTHS, 1)
    weekdays = frozenset(day % 7 for day in _field(fields[4], "day of the week", 0, 7, _DAYS, 0))
    either_day = not fields[2].startswith("*") and not fields[4].startswith("*")
    schedule = Schedule(minutes, hours, days, months, weekdays, either_day)
    schedule.next_after(datetime(2000, 1, 1, tzinfo=UTC), UTC)
    return schedule


def _field(
    text: str, name: str, low: int, high: int, names: tuple[str, ...] = (), first_name: int = 0
) -> frozenset[int]:
    values: set[int] = set()
    for part in text.lower().split(","):
        span, slash, step_text = part.partition("/")
        step = _number(step_text, name) if slash else 1
        if step < 1:
            raise _invalid(f"The step of the {name} must be at least 1.")
        if span == "*":
            start, end = low, high
        else:
            first, dash, last = span.partition("-")
            start = _value(first, name, names, first_name)
            end = _value(last, name, names, first_name) if dash else (high if slash else start)
        if not (low <= start <= end <= high):
            raise _invalid(f"The {name} goes from {low} to {high}; {part} does not fit.")
        values.update(range(start, end + 1, step))
    return frozenset(values)


def _value(text: str, name: str, names: tuple[str, ...], first_name: int) -> int:
    return names.index(text) + first_name if text in names else _number(text, name)


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise _invalid(f"{text[:20] or 'Nothing'} is not a {name}.")
    return int(text)


def _at(day: date, hour: int, minute: int, zone: tzinfo | None) -> datetime:
    wall = datetime.combine(day, time(hour, minute))
    aware = wall.astimezone() if zone is None else wall.replace(tzinfo=zone)
    return aware.astimezone(UTC)


def _invalid(message: str) -> InvalidInput:
    return InvalidInput(f"{message} An example: 30 2 * * 1-5 (at 02:30, Monday to Friday).", code="invalid_schedule")
