"""How a series and a pair are shown: what may lie over what, and the months in words."""

from datetime import date, timedelta

import pytest

from portal.comparison import looking
from portal.comparison.rules import AlignState
from tests.comparison.make_series import BAD, FIRST, a_frame, a_pair, a_series

START = a_frame(0)
LATER = a_frame(60, size=(900, 900))


def test_two_aligned_photos_have_the_size_of_the_baseline_and_may_lie_over_each_other():
    shown = looking.look(a_pair(START, LATER), START, even=False)
    assert shown.together
    assert shown.overlay
    assert (shown.after.width, shown.after.height) == START.photo.fits(1024)
    assert (shown.before.picture, shown.after.picture) == (START.aligned_id, LATER.aligned_id)


@pytest.mark.parametrize("state", [AlignState.WAITING, AlignState.PROPOSED, AlignState.NOT_ALIGNED])
def test_what_is_not_aligned_is_shown_as_taken_and_never_laid_over(state):
    loose = a_frame(60, state, size=(900, 900))
    shown = looking.look(a_pair(START, loose), START, even=True)
    assert not shown.together
    assert not shown.overlay
    assert not shown.can_even
    assert (shown.before.picture, shown.after.picture) == (None, None)
    assert (shown.after.width, shown.after.height) == (900, 900)


def test_a_pair_that_is_no_result_is_not_laid_over_although_it_is_aligned():
    shown = looking.look(a_pair(START, LATER, BAD), START, even=False)
    assert shown.together
    assert not shown.overlay


def test_the_light_is_evened_on_both_or_on_none():
    both = looking.look(a_pair(START, LATER), START, even=True)
    assert (both.before.picture, both.after.picture) == (START.evened_id, LATER.evened_id)
    dim = a_frame(60)
    dim.alignment.evened_id = None
    none = looking.look(a_pair(START, dim), START, even=True)
    assert not none.even
    assert (none.before.picture, none.after.picture) == (START.aligned_id, dim.aligned_id)


def test_a_baseline_without_a_copy_of_its_own_is_shown_as_its_photo():
    bare = a_frame(0, AlignState.WAITING)
    shown = looking.look(a_pair(bare, LATER), bare, even=False)
    assert shown.together
    assert shown.before.picture is None


def test_the_time_lapse_leaves_out_what_is_not_aligned_or_not_comparable():
    frames = (START, a_frame(30, verdict=BAD), a_frame(60, AlignState.PROPOSED), a_frame(90))
    assert [sight.frame for sight in looking.lapse(a_series(*frames))] == [START, frames[3]]


def test_the_time_lapse_of_a_series_without_a_baseline_is_empty():
    assert looking.lapse(a_series(a_frame(30))) == []


def test_sessions_stand_between_the_photos_with_the_time_between_in_words():
    strip = looking.strip(a_series(START, a_frame(30), sessions=(2, 30)))
    assert [(item.number, item.gap) for item in strip] == [
        (0, ""), (1, "2 days later"), (0, "4 weeks later"), (2, "the same day"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "days, words",
    [
        (0, "0 days"),
        (1, "1 day"),
        (13, "13 days"),
        (14, "2 weeks"),
        (69, "10 weeks"),
        (91, "3 months"),
        (365, "12 months"),
    ],
)
def test_time_is_told_in_the_unit_that_fits(days, words):
    assert looking.apart(FIRST, FIRST + timedelta(days=days)) == words
    assert looking.apart(FIRST + timedelta(days=days), FIRST) == words


def test_the_earlier_photo_stands_first_however_they_were_chosen():
    assert looking.in_order(a_pair(LATER, START)) == looking.in_order(a_pair(START, LATER)) == a_pair(START, LATER)


def test_neighbours_skip_the_earlier_photo():
    frames = [START, a_frame(30), a_frame(60), a_frame(90)]
    found = looking.neighbours(a_series(*frames), a_pair(frames[1], frames[2]))
    assert found == (START, frames[3])
    assert looking.neighbours(a_series(*frames), a_pair(START, frames[3])) == (frames[2], None)


def test_photos_to_tap_and_photos_waiting_are_counted_apart():
    proposed, waits = a_frame(30, AlignState.PROPOSED), a_frame(60, AlignState.WAITING)
    assert looking.to_tap(a_series(START, proposed, waits)) == [proposed]
    assert looking.waiting([START, proposed, waits]) == 1


def test_every_state_has_words():
    assert set(looking.STATES) == set(AlignState)


def test_days_apart_do_not_depend_on_the_year():
    assert looking.apart(date(2025, 12, 31), date(2026, 1, 1)) == "1 day"
