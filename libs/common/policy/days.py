"""Calendar arithmetic of the law: months, ages, working days."""

from calendar import monthrange
from datetime import date, timedelta

_SATURDAY = 5


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months later; the last day where the month is shorter."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def birthday(born_on: date, age: int) -> date:
    """The day a person completes `age` years. Born on 29 February: 1 March in common years, the
    first day on which the year is over.
    """
    try:
        return born_on.replace(year=born_on.year + age)
    except ValueError:
        return date(born_on.year + age, 2, 28) + timedelta(days=1)


def age_on(born_on: date, day: date) -> int:
    """Completed years; below zero before the birth."""
    return day.year - born_on.year - (day < birthday(born_on, day.year - born_on.year))


def working_days_after(day: date, count: int) -> date:
    """The `count`-th working day after `day`: Monday to Friday. Public holidays are not known, so
    around them a day is named that is too early.
    """
    while count > 0:
        day += timedelta(days=1)
        if day.weekday() < _SATURDAY:
            count -= 1
    return day
