"""When two photos can be compared. Each fault has a row; deleting its rule turns that row red."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.comparison import rules
from portal.comparison.rules import AlignState, Level, Lie, Shot, comparable
from portal.photos.rules import HairLength, Parting, Product, Wetness

GOOD = Shot(
    photo="a",
    view="crown",
    sharpness=6.0,
    luma=120.0,
    clipped=0.001,
    dark=0.01,
    cast=30.0,
    skin=40.0,
    wetness=Wetness.DRY,
    product=Product.NONE,
    parting=Parting.SAME,
    length=HairLength.SAME,
    days=40,
)
LATER = replace(GOOD, photo="b", days=80)
FLAT = Lie(AlignState.ALIGNED, residual=0.001, overlap=0.99)
CARE, NO = Level.WITH_CARE, Level.NOT_COMPARABLE

FAULTS = [
    ("another view", {"view": "back"}, {}, "view", NO),
    ("not measured yet", {}, {"state": AlignState.WAITING}, "waiting", NO),
    ("only a guess", {}, {"state": AlignState.PROPOSED}, "not_aligned", NO),
    ("not aligned", {}, {"state": AlignState.NOT_ALIGNED}, "not_aligned", NO),
    ("laid over by hand", {}, {"state": AlignState.BY_HAND}, "by_hand", CARE),
    ("a little closer", {}, {"scale": 1.2}, "scale", CARE),
    ("much closer", {}, {"scale": 1.5}, "scale", NO),
    ("much further", {}, {"scale": 1 / 1.5}, "scale", NO),
    ("turned a little", {}, {"turn": -12}, "turn", CARE),
    ("turned", {}, {"turn": 25}, "turn", NO),
    ("another angle", {}, {"keystone": 1.2}, "perspective", CARE),
    ("quite another angle", {}, {"keystone": 1.5}, "perspective", NO),
    ("not quite on it", {}, {"residual": 0.01}, "residual", CARE),
    ("beside it", {}, {"residual": 0.03}, "residual", NO),
    ("a part missing", {}, {"overlap": 0.85}, "overlap", CARE),
    ("half missing", {}, {"overlap": 0.5}, "overlap", NO),
    ("softer", {"sharpness": 5.5}, {}, "sharpness", CARE),
    ("blurred", {"sharpness": 5.0}, {}, "sharpness", NO),
    ("darker by a stop", {"luma": 120 * 2 ** (-1 / 2.2)}, {}, "exposure", CARE),
    ("darker by two stops", {"luma": 120 * 2 ** (-2 / 2.2)}, {}, "exposure", NO),
    ("some of it blown out", {"clipped": 0.05}, {}, "exposure", CARE),
    ("blown out", {"clipped": 0.2}, {}, "exposure", NO),
    ("some of it black", {"dark": 0.2}, {}, "exposure", CARE),
    ("black", {"dark": 0.5}, {}, "exposure", NO),
    ("warmer skin", {"skin": 45}, {}, "colour", CARE),
    ("another colour of skin", {"skin": 50}, {}, "colour", NO),
    ("warmer, no skin to see", {"skin": None, "cast": 38}, {}, "colour", CARE),
    ("another colour, no skin to see", {"skin": None, "cast": 45}, {}, "colour", NO),
    ("wet", {"wetness": Wetness.WET}, {}, "wetness", NO),
    ("with product", {"product": Product.SOME}, {}, "product", NO),
    ("another parting", {"parting": Parting.OTHER}, {}, "parting", NO),
    ("after a haircut", {"length": HairLength.SHORTER}, {}, "length", CARE),
    ("nothing said of wetness", {"wetness": Wetness.UNKNOWN}, {}, "unsaid", CARE),
    ("nothing said of product", {"product": Product.UNKNOWN}, {}, "unsaid", CARE),
    ("nothing said of the parting", {"parting": Parting.UNKNOWN}, {}, "unsaid", CARE),
    ("nothing said of length", {"length": HairLength.UNKNOWN}, {}, "unsaid", CARE),
    ("the day after a session", {"days": 1}, {}, "session", NO),
    ("five days after a session", {"days": 5}, {}, "session", CARE),
    ("never measured", {"sharpness": None, "luma": None}, {}, "unmeasured", NO),
]


@pytest.mark.parametrize("shot, lie, code, level", [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS])
def test_each_fault_is_named_and_weighed(shot, lie, code, level):
    verdict = comparable(GOOD, replace(LATER, **shot), replace(FLAT, **lie))
    assert [(reason.code, reason.level) for reason in verdict.reasons] == [(code, level)]
    assert verdict.level is level
    assert verdict.can_be_result == (level is CARE)
    assert verdict.headline == ("Not measured yet" if code == "waiting" else rules.HEADLINES[level])


def test_two_good_photos_are_comparable():
    assert comparable(GOOD, LATER, FLAT).level is Level.COMPARABLE
    assert not comparable(GOOD, LATER, FLAT).reasons


def test_no_session_before_it_is_no_fault():
    assert comparable(replace(GOOD, days=None), replace(LATER, days=None), FLAT).level is Level.COMPARABLE


def test_wet_hair_on_both_days_is_read_with_care():
    wet = {"wetness": Wetness.WET}
    verdict = comparable(replace(GOOD, **wet), replace(LATER, **wet), FLAT)
    assert [reason.code for reason in verdict.reasons] == ["wetness"]
    assert verdict.level is CARE


def test_several_faults_are_all_told():
    verdict = comparable(GOOD, replace(LATER, sharpness=3, wetness=Wetness.WET), replace(FLAT, turn=30))
    assert {reason.code for reason in verdict.reasons} == {"sharpness", "wetness", "turn"}


SHOTS = st.builds(
    Shot,
    photo=st.sampled_from("abc"),
    view=st.sampled_from(["crown", "back"]),
    sharpness=st.none() | st.floats(0, 9),
    luma=st.none() | st.floats(0, 255),
    clipped=st.floats(0, 1),
    dark=st.floats(0, 1),
    cast=st.none() | st.floats(-50, 90),
    skin=st.none() | st.floats(0, 90),
    wetness=st.sampled_from(Wetness),
    product=st.sampled_from(Product),
    parting=st.sampled_from(Parting),
    length=st.sampled_from(HairLength),
    days=st.none() | st.integers(0, 400),
)
LIES = st.builds(
    Lie,
    st.sampled_from(AlignState),
    st.floats(0.3, 3),
    st.floats(-180, 180),
    st.floats(1, 3),
    st.floats(0, 1),
    st.floats(0, 1),
)


@given(SHOTS, LIES)
def test_a_photo_and_itself_are_always_comparable(shot, lie):
    assert comparable(shot, shot, lie).level is Level.COMPARABLE


@given(SHOTS, SHOTS, LIES)
def test_the_order_of_the_two_does_not_matter(a, b, lie):
    other = replace(lie, scale=1 / lie.scale, turn=-lie.turn)
    assert comparable(a, b, lie).level is comparable(b, a, other).level
    assert {one.code for one in comparable(a, b, lie).reasons} == {one.code for one in comparable(b, a, other).reasons}


@given(SHOTS, SHOTS, LIES)
def test_what_does_not_lie_over_the_other_is_never_a_result(a, b, lie):
    if a.photo != b.photo and not lie.state.lies_over:
        assert not comparable(a, b, lie).can_be_result


def test_every_reason_ends_as_a_sentence():
    every = [comparable(GOOD, replace(LATER, **row[1]), replace(FLAT, **row[2])) for row in FAULTS]
    assert all(reason.sentence.endswith(".") for verdict in every for reason in verdict.reasons)
