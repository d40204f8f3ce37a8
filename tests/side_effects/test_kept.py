"""What of a kept report counts in later ones: what was told, and never what was not."""

from uuid import uuid4

import pytest

from portal.side_effects import drawn, kept
from portal.side_effects.conditions import REMEMBERED, Facts
from portal.side_effects.models import SideEffectReport
from portal.side_effects.rules import Symptom
from portal.side_effects.table import RUNNING
from tests.side_effects.told import DAY

FLAG = frozenset({"chest_pain"})


def told(**facts):
    return kept.earlier(30, kept.plain(Facts(30, **facts), ()))


@pytest.mark.parametrize("trend", ["", "worse", "same", "better"])
def test_beside_a_red_flag_nothing_was_told_whatever_the_trend(trend):
    assert told(present=FLAG, trend=trend).unsure == set(REMEMBERED)


def test_what_was_told_beside_a_red_flag_counts_and_the_rest_is_unknown():
    one = told(present=FLAG, trend="worse", itch=3)
    assert one.itch == 3
    assert one.unsure == set(REMEMBERED) - {"itch"}


def test_who_was_asked_and_ticked_one_symptom_told_that_there_are_no_others():
    assert told(redness=2, trend="same").unsure == set()
    assert told(trend="clear").unsure == set()
    assert told(redness=2, unsure=frozenset({"pain"})).unsure == {"pain"}


def test_a_red_flag_is_not_drawn_as_none():
    inputs = kept.plain(Facts(30, present=FLAG, trend="worse"), ())
    flagged = SideEffectReport(client_id=uuid4(), hours=30, inputs=inputs)
    (shown,) = drawn.of_session(RUNNING, [flagged], [Symptom.REDNESS])
    assert not shown.course.spots


def test_better_is_compared_with_the_last_report_that_told_how_strong_it_was():
    before = [kept.earlier(5, {"redness": 1, "trend": "same"}), told(present=FLAG, trend="worse")]
    found = RUNNING.triage(Facts(40, redness=2, trend="better"), before)
    assert {"W11", "D03"} <= {rule.id for rule in found.fired}
    assert found.level is DAY
