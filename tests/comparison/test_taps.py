"""Three points, tapped step by step."""

import pytest

from portal.comparison import taps
from portal.comparison.taps import Tapped, problem, read, read_all, tapped, written

A, B, C = (0.2, 0.3), (0.7, 0.3), (0.5, 0.7)


def test_the_baseline_comes_first_and_then_the_photo():
    now, seen = Tapped(), []
    for point in (A, B, C, C, B, A):
        seen.append((now.turn, now.number))
        now = now.plus(point)
    assert seen == [("baseline", 1), ("baseline", 2), ("baseline", 3), ("photo", 1), ("photo", 2), ("photo", 3)]
    assert now == Tapped((A, B, C), (C, B, A))
    assert now.turn == ""
    assert now.plus(A) == now


def test_a_baseline_with_points_is_not_asked_again():
    assert Tapped(of_baseline=False).turn == "photo"
    assert Tapped((), (A, B, C), of_baseline=False).turn == ""


def test_no_point_changes_nothing():
    assert Tapped().plus(None) == Tapped()


def test_pixels_become_shares():
    assert tapped((160, 200), (None, None), 1.25) == (0.5, 0.5)


def test_a_picture_pressed_by_keyboard_is_no_point_but_what_was_typed_is():
    assert tapped((0, 0), (None, None), 1) is None
    assert tapped((0, 0), (25, 40), 1) == (0.25, 0.4)


@pytest.mark.parametrize("pixels", [(321, 10), (10, 9000), (-4, 10)])
def test_outside_the_picture_is_no_point(pixels):
    assert tapped(pixels, (None, None), 1) is None


@pytest.mark.parametrize("text", ["", "0.1", "a,b", "0.1,1.2", "nan,0.1", "inf,0", "-0.1,0.5", "0.1;0.2"])
def test_what_is_no_point_is_not_read(text):
    assert read(text) is None


def test_points_survive_a_form():
    assert read_all([written(point) for point in (A, B, C, A)]) == (A, B, C)


@pytest.mark.parametrize(
    "points, words",
    [
        ((), "three points"),
        ((A, B), "three points"),
        ((A, B, (0.21, 0.3)), "almost the same"),
        (((0.1, 0.1), (0.5, 0.5), (0.9, 0.9)), "one line"),
    ],
)
def test_points_that_fix_nothing_are_refused_in_words(points, words):
    assert words in problem(points)


def test_three_good_points_will_do():
    assert problem((A, B, C)) is None
    assert taps.WANTED == 3
