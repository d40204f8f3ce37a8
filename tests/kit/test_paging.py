"""Pages that start after the last row seen."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from portal.kit.paging import page_of, parse_before


@dataclass
class Thing:
    at: datetime


def things(count: int) -> list[Thing]:
    return [Thing(datetime(2026, 3, 28, tzinfo=UTC) - timedelta(days=number)) for number in range(count)]


def test_a_surplus_row_says_that_there_is_more():
    page = page_of(things(4), 3, "at")
    assert len(page.rows) == 3
    assert parse_before(page.before) == page.rows[-1].at


@pytest.mark.parametrize("count", [0, 1, 3])
def test_the_last_page_leads_nowhere(count):
    page = page_of(things(count), 3, "at")
    assert (len(page.rows), page.before) == (count, None)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "yesterday",
        "2026-03-28",
        "2026-03-28T10:00:00",
        "0001-01-01T00:00:00+23:59",
        "9999-12-31T23:59:59-23:59",
        "\0",
        "'; DROP TABLE x",
    ],
)
def test_a_place_that_is_not_ours_is_the_beginning(text):
    assert parse_before(text) is None


@pytest.mark.parametrize("path", ["/admin/audit", "/enquiries"])
@pytest.mark.parametrize(
    "before", ["0001-01-01T00:00:00%2B23:59", "9999-12-31T23:59:59-23:59", "2026-03-28T10:00:00%2B00:00"]
)
def test_no_place_breaks_a_list(dana_browser, path, before):
    assert dana_browser.get(f"{path}?before={before}").status_code == 200
