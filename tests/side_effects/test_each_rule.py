"""Each rule by what is just enough for it, and by what is just not."""

import pytest

from portal.side_effects import wordlist
from portal.side_effects.table import RUNNING
from tests.side_effects.edges import ENOUGH, NOT_ENOUGH, NOW, WITHIN_A_DAY
from tests.side_effects.told import facts, judged

RULES = {rule.id: rule for rule in RUNNING.rules}


def test_every_rule_is_tested():
    assert set(ENOUGH) == set(NOT_ENOUGH) == set(RULES)


@pytest.mark.parametrize("name, said", [(name, one) for name, some in ENOUGH.items() for one in some])
def test_a_rule_fires_at_its_edge_and_raises_at_least_to_its_level(name, said):
    level, fired = judged(facts(**said))
    assert name in fired
    assert level.rank >= RULES[name].level.rank


@pytest.mark.parametrize("name, said", [(name, one) for name, some in NOT_ENOUGH.items() for one in some])
def test_a_rule_keeps_silent_below_its_edge(name, said):
    assert name not in judged(facts(**said))[1]


def test_every_word_that_is_searched_for_counts_in_a_rule():
    assert set(NOW) | set(WITHIN_A_DAY) | {"inflamed"} == set(wordlist.RUNNING.signs)
