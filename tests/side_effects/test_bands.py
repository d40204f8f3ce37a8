"""Recovery bands: the row for an hour, and which edits are refused."""

import pytest

from portal.side_effects.bands import Band, Limit, Row, problems
from portal.side_effects.limits import HARD
from portal.side_effects.table import RUNNING

LIMITS = (Limit(48, 1, 3), Limit(-1, 0, 1))


def band(*rows):
    return Band("redness", tuple(Row(*row) for row in rows))


@pytest.mark.parametrize(
    "hours, usual, highest",
    [(-3, 3, 3), (0, 3, 3), (11.9, 3, 3), (12, 2, 3), (24, 2, 2), (71.9, 1, 2), (72, 1, 1), (168, 0, 0), (9000, 0, 0)],
)
def test_the_row_follows_the_hours(hours, usual, highest):
    row = RUNNING.bands["redness"].expected(hours)
    assert (row.usual, row.highest) == (usual, highest)


@pytest.mark.parametrize("name", list(RUNNING.bands))
def test_unknown_hours_are_the_strictest_row_and_every_row_has_its_source(name):
    rows = RUNNING.bands[name].rows
    unknown = RUNNING.bands[name].expected(None)
    assert unknown.highest == min(row.highest for row in rows)
    assert unknown.usual == min(row.usual for row in rows)
    assert all(set(row.source) <= RUNNING.sources.keys() and row.source for row in rows)


def test_a_band_is_over_when_nothing_is_usual_any_more():
    assert RUNNING.bands["redness"].over_after == 120
    assert band((-1, 1, 1)).over_after is None


def test_the_running_bands_lie_within_the_hard_limits():
    assert not [found for name, limits in HARD.bands.items() for found in problems(RUNNING.bands[name], limits)]


@pytest.mark.parametrize(
    "rows, row, reason",
    [
        ([(24, 2, 3), (48, 1, 2)], 2, "must run without end"),
        ([], 1, "must run without end"),
        ([(24, 2, 3), (24, 1, 1), (-1, 0, 0)], 2, "hours must grow"),
        ([(-1, 2, 3), (-1, 0, 0)], 1, "hours must grow"),
        ([(24, 1, 2), (48, 1, 3), (-1, 0, 0)], 2, "must not rise"),
        ([(24, 1, 3), (48, 2, 3), (-1, 0, 0)], 2, "must not rise"),
        ([(24, 3, 2), (-1, 0, 0)], 1, "between 0 and highest"),
        ([(24, -1, 2), (-1, -1, 0)], 1, "between 0 and highest"),
        ([(24, 2, 4), (-1, 0, 0)], 1, "highest 4 at 0 hours must lie between 1 and 3"),
        ([(24, 0, 0), (-1, 0, 0)], 1, "highest 0 at 0 hours"),
        ([(72, 2, 2), (-1, 0, 0)], 1, "highest 2 at 48 hours must lie between 0 and 1"),
        ([(48, 2, 2), (-1, 2, 2)], 2, "highest 2 at 48 hours"),
    ],
)
def test_an_edit_beyond_the_limits_is_refused_with_its_row(rows, row, reason):
    found = problems(band(*rows), LIMITS)
    assert found[0][0] == row
    assert reason in found[0][1]


def test_a_band_within_its_limits_has_no_problem():
    assert not problems(band((12, 3, 3), (48, 1, 2), (-1, 0, 1)), LIMITS)
