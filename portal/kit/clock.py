"""The only clock. Rules take `at`; everything else asks `now()`. Tests travel by `clock.offset`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

EVER = datetime.min.replace(tzinfo=UTC)  # before every moment that was ever stored


class _Clock:
    offset = timedelta(0)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC) + _Clock.offset


def today(zone: str) -> date:
    """The calendar day it is now in an IANA time zone."""
    return now().astimezone(ZoneInfo(zone)).date()


@contextmanager
def travelled(by: timedelta) -> Iterator[None]:
    """For tests and the demo story: everything inside happens `by` later (or, negative, earlier)."""
    before = _Clock.offset
    _Clock.offset = before + by
    try:
        yield
    finally:
        _Clock.offset = before
