import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portal.imaging import geometry
from portal.imaging.measured import Ellipse, Matrix

HALF = Ellipse(0.5, 0.5, 0.25, 0.25)
TALL = 4 / 3


def moved(turn: float = 0, scale: float = 1, right: float = 0, down: float = 0) -> Matrix:
    cosine, sine = scale * math.cos(math.radians(turn)), scale * math.sin(math.radians(turn))
    return (cosine, -sine, right, sine, cosine, down, 0, 0, 1)


@st.composite
def matrices(draw) -> Matrix:
    """Such as lie between two photos of one view, and a little beyond."""
    a, b, c, d, e, f, *_ = moved(
        draw(st.floats(-60, 60)), draw(st.floats(0.4, 2.5)), draw(st.floats(-1, 1)), draw(st.floats(-1, 1))
    )
    lean = st.floats(-0.2, 0.2)
    return (a, b + draw(lean), c, d, e + draw(lean), f, draw(lean), draw(lean), 1)


points = st.tuples(st.floats(0, 1), st.floats(0, TALL))


@given(matrices(), points)
def test_there_and_back_again_is_where_one_was(matrix, point):
    assert geometry.apply(geometry.inverted(matrix), geometry.apply(matrix, point)) == pytest.approx(point, abs=1e-6)


@given(matrices(), matrices(), points)
def test_composed_is_one_after_the_other(first, second, point):
    between = geometry.apply(first, point)
    assume(1 + second[6] * between[0] + second[7] * between[1] > 0.1)
    one_by_one = geometry.apply(second, between)
    try:
        both = geometry.compose(second, first)
    except ValueError:
        assume(False)
    assume(both[6] * point[0] + both[7] * point[1] + 1 > 0.05)
    assert geometry.apply(both, point) == pytest.approx(one_by_one, abs=1e-5, rel=1e-5)


@given(st.floats(-170, 170), st.floats(0.2, 5), st.floats(0.3, 3))
def test_scale_and_turn_are_read_off(turn, scale, aspect):
    found = geometry.shape(moved(turn, scale, 0.3, -0.2), aspect)
    assert (found.scale, found.turn, found.keystone) == pytest.approx((scale, turn, 1), abs=1e-6)
    assert found.sides == pytest.approx((scale,) * 4)


@given(st.floats(-39, 39), st.floats(0.51, 1.95), st.floats(-1, 1), st.floats(-1, 1))
def test_a_turned_scaled_and_shifted_photo_is_plausible(turn, scale, right, down):
    assert geometry.plausible(moved(turn, scale, right, down), TALL)


@given(matrices())
def test_what_is_plausible_has_a_plausible_shape_and_nothing_else(matrix):
    assume(geometry.plausible(matrix, TALL))
    found = geometry.shape(matrix, TALL)
    assert all(0.5 <= side <= 2 for side in found.sides)
    assert found.keystone <= 1.6
    assert abs(found.turn) <= 40
    corners = geometry.frame(matrix, TALL)
    assert all(math.isfinite(number) for corner in corners for number in corner)


@pytest.mark.parametrize(
    "matrix",
    [
        moved(turn=41),
        moved(turn=180),
        moved(scale=0.49),
        moved(scale=2.01),
        (-1, 0, 1, 0, 1, 0, 0, 0, 1),  # mirrored
        (1, 0, 0, 0, -1, 1, 0, 0, 1),  # upside down
        (1, 0, 0, 0, 1, 0, -0.9, 0, 1),  # one side ten times the other
        (1, 0, 0, 0, 1, 0, -2, 0, 1),  # folded through infinity
        (1, 0, 0, 0, 0, 0, 0, 0, 1),  # flat
        (math.nan, 0, 0, 0, 1, 0, 0, 0, 1),
        (math.inf, 0, 0, 0, 1, 0, 0, 0, 1),
    ],
)
def test_what_no_two_photos_of_a_view_do_is_not_plausible(matrix):
    assert not geometry.plausible(matrix, TALL)


def test_keystone_is_the_ratio_of_opposite_sides():
    found = geometry.shape((1, 0, 0, 0, 1, 0, 0, 0.3, 1), 1)
    top, right, bottom, left = found.sides
    assert found.keystone == pytest.approx(top / bottom)
    assert found.keystone == pytest.approx(1.3)
    assert right != left


def test_a_matrix_that_flattens_has_no_way_back():
    with pytest.raises(ValueError, match="no way back"):
        geometry.inverted((1, 1, 0, 1, 1, 0, 0, 0, 1))


@pytest.mark.parametrize("right, share", [(0, 1), (0.25, 1), (0.5, 0.5), (0.75, 0), (-0.5, 0.5)])
def test_overlap_is_the_share_of_the_region_that_is_covered(right, share):
    assert geometry.overlap(moved(right=right), HALF, (1, 1)) == pytest.approx(share, abs=0.03)


def test_a_photo_of_another_shape_covers_what_it_shows():
    assert geometry.overlap(geometry.IDENTITY, Ellipse(0.5, 0.5, 0.4, 0.4), (0.5, 1)) == pytest.approx(0.5, abs=0.03)


@given(matrices())
def test_overlap_is_a_share(matrix):
    assert 0 <= geometry.overlap(matrix, HALF, (TALL, TALL)) <= 1
