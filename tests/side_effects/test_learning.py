"""What a clinic's own cases may change of a band, and what they never may."""

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.side_effects.bands import problems
from portal.side_effects.conditions import Earlier
from portal.side_effects.learning import ENOUGH, Told, is_uneventful, learn, learned
from portal.side_effects.limits import HARD
from portal.side_effects.rules import Level, Outcome
from portal.side_effects.table import RUNNING

REDNESS, LIMITS = RUNNING.bands["redness"], HARD.bands["redness"]


def case(hours, redness, **said):
    return [Told(Earlier(hours, redness=redness), Level.EXPECTED, **said)]


def row_at(hours, proposals):
    return next(one for one in proposals if one.row is REDNESS.expected(hours))


def test_too_few_cases_change_nothing_and_n_is_shown():
    proposals = learn(REDNESS, LIMITS, [case(30, 3)] * (ENOUGH - 1))
    assert row_at(30, proposals).n == ENOUGH - 1
    assert not any(one.is_change for one in proposals)


def test_enough_strong_cases_widen_by_one_step():
    widened = row_at(30, learn(REDNESS, LIMITS, [case(30, 3)] * ENOUGH))
    assert (widened.row.highest, widened.highest, widened.n, widened.within) == (2, 3, ENOUGH, 0)


def test_enough_mild_cases_narrow():
    assert row_at(30, learn(REDNESS, LIMITS, [case(30, 0)] * ENOUGH)).highest == 1


def test_two_odd_cases_in_forty_widen_nothing():
    some = [case(30, 2)] * (ENOUGH - 2) + [case(30, 4)] * 2
    assert row_at(30, learn(REDNESS, LIMITS, some)).highest == 2


def test_no_number_of_cases_goes_beyond_a_hard_limit():
    assert row_at(300, learn(REDNESS, LIMITS, [case(300, 4)] * 500)).highest == 0
    assert row_at(5, learn(REDNESS, LIMITS, [case(5, 4)] * 500)).highest == 3


def test_the_strongest_report_of_a_case_counts_once():
    wavering = [*case(30, 0), *case(40, 3), *case(45, 1)]
    found = row_at(30, learn(REDNESS, LIMITS, [wavering] * ENOUGH))
    assert (found.n, found.highest) == (ENOUGH, 3)


def test_only_cases_that_ended_well_and_are_closed_teach():
    assert is_uneventful(case(30, 2))
    assert is_uneventful(case(30, 3, needed_person=True, outcome=Outcome.RESOLVED))
    assert not is_uneventful(case(30, 3, needed_person=True))
    assert not is_uneventful(case(30, 3, needed_person=True, outcome=Outcome.TREATED_ELSEWHERE))
    assert not is_uneventful(case(30, 3, needed_person=True, outcome=Outcome.MONITORED))
    assert not is_uneventful([Told(Earlier(30), Level.URGENT, Outcome.RESOLVED, needed_person=True)])
    assert not is_uneventful([])


def test_not_sure_and_an_unknown_hour_teach_nothing():
    unsure = [Told(Earlier(30, unsure=frozenset({"redness"})), Level.DAY, Outcome.RESOLVED, needed_person=True)]
    found = learn(REDNESS, LIMITS, [unsure] * 100 + [case(None, 4)] * 100)
    assert all(one.n == 0 for one in found)


TOLD = st.builds(
    Told,
    st.builds(Earlier, st.floats(0, 400), *[st.integers(0, 10)] * 7),
    st.sampled_from(Level),
    st.sampled_from([None, *Outcome]),
    st.booleans(),
)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(RUNNING.bands)), st.lists(st.lists(TOLD, max_size=3), max_size=3), st.integers(1, 200))
def test_learning_never_leaves_the_hard_limits(name, cases, times):
    band, limits = RUNNING.bands[name], HARD.bands[name]
    for _ in range(5):  # again and again: it cannot creep out step by step
        proposals = learn(band, limits, cases * times)
        made = learned(band, limits, proposals)
        assert not problems(made, limits)
        assert [row.highest for row in made.rows] == [one.highest for one in proposals]
        band = made
