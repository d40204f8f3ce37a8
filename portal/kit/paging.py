"""Keyset pages: the next page starts after the last row seen, so a page costs the same however deep it lies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows of one page, newest first, and where the next one begins (`before=` of its address), or None."""

    rows: Sequence[T]
    before: str | None


def page_of(rows: Sequence[T], size: int, key: str) -> Page[T]:
    """Ask the database for `size + 1` rows; the surplus one says there is more. `key` names the sorting datetime."""
    more = len(rows) > size
    kept = rows[:size]
    return Page(kept, getattr(kept[-1], key).isoformat() if more else None)


def parse_before(text: str | None) -> datetime | None:
    """The moment in `before=`; None when absent or not ours."""
    try:
        value = datetime.fromisoformat(text) if text else None
        return value.astimezone(UTC) if value and value.tzinfo else None
    except (ValueError, OverflowError):
        return None
