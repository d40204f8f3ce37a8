"""A table of rules is checked before it runs: nonsense is refused with its line, the row and the reason."""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import portal.side_effects.table as running
from portal.side_effects.layout import Answer
from portal.side_effects.limits import HARD
from portal.side_effects.rules import Level
from portal.side_effects.table import RUNNING, read

TEXT = (Path(running.__file__).parent / "triage.toml").read_text("utf-8")
FOREHEAD = 'all = ["eyelid_or_forehead_swelling"]'
LASTING = '{ lasting = ["redness"], at_least = 2, gap_h = 24, after_h = 48 }'
WEEK = '  { until = -1, usual = 0, highest = 0, source = ["S12"] },\n]\nswelling'


@pytest.mark.parametrize(
    "before, after, complaint",
    [
        ('all = ["bleeding_not_stopped_15min_pressure"]', 'all = ["bleding"]', "rule U08: no condition “bleding”"),
        (FOREHEAD, 'all = ["redness >= much"]', "rule D07: no condition"),
        (FOREHEAD, 'all = ["mood == bad"]', "rule D07: no condition"),
        (FOREHEAD, 'all = ["redness <> 3"]', "rule D07: no condition"),
        (FOREHEAD, 'all = ["redness < 3"]', "rule D07: no condition “redness < 3”"),
        (FOREHEAD, 'all = ["trend == better"]', "rule D07: no condition “trend == better”"),
        (FOREHEAD, "all = []", "rule D07: it can never fire"),
        (FOREHEAD, "all = [{ any = [] }]", "rule D07: no condition"),
        (FOREHEAD, "all = [{}]", "rule D07: no condition"),
        (FOREHEAD, "all = [7]", "rule D07: no condition"),
        (FOREHEAD, 'all = [{ mood = ["bad"] }]', "rule D07: no condition"),
        (FOREHEAD, 'all = [{ any = ["mood"] }]', "rule D07: no condition “mood”"),
        (
            FOREHEAD,
            'all = [{ rising = ["redness"], mood = 3 }]',
            "rule D07: rising takes after_h, at_least, fell, from_h",
        ),
        (FOREHEAD, 'all = [{ risk = ["red hair"] }]', "rule D07: risk does not know “red hair”"),
        (FOREHEAD, 'all = [{ word = ["ouch"] }]', "rule D07: word does not know “ouch”"),
        (FOREHEAD, "every = 3", "rule D07"),
        (
            'any = [{ above_highest = ["redness"] }]',
            'any = [{ above_highest = ["mood"] }]',
            "rule D01: above_highest does",
        ),
        ('id = "D02"\nlevel = "day"', 'id = "D02"\nlevel = "soon"', "rule D02: 'soon'"),
        (LASTING, '{ lasting = ["mood"], at_least = 2, gap_h = 24, after_h = 48 }', "rule D12: lasting does not know"),
        (LASTING, '{ lasting = ["redness"], at_least = 2, after_h = 48 }', "rule D12: lasting takes"),
        ('id = "D02"', 'id = "D01"', "rule D01: the id is used twice"),
        ('source = ["S26"]', 'source = ["S99"]', "rule U03: no source “S99”"),
        ('source = ["S26"]', "source = []", "rule U03: no source"),
        ('say = "eye"', 'say = "ear"', "rule U06: no advice “ear”"),
        (
            'bleeding = "Keep pressing firmly with a clean cloth and call {number}."',
            'bleeding = "Wait."',
            "rule U08: an urgent",
        ),
        ('id = "U08"\nlevel = "urgent"', 'id = "U08"\nlevel = "day"', "rule U08: its level must be urgent or above"),
        ('id = "D13"\nlevel = "day"', 'id = "D13"\nlevel = "watch"', "rule D13: its level must be day or above"),
        ('id = "D15"', 'id = "X15"', "rule D15: it must stay"),
        (
            'all = ["bleeding_not_stopped_15min_pressure"]',
            'all = ["chest_pain"]',
            "U08: present bleeding_not_stopped_15min",
        ),
        (
            '"pus", "bad_smell", "pustules >= 5"',
            '"bad_smell", "pustules >= 5"',
            "rule D04: present pus must come out as day",
        ),
        (
            '["trend == worse", { any = ["spreading", "pus"',
            '["trend == worse", { any = ["pus"',
            "rule U10: trend worse",
        ),
        (
            "redness = [\n  { until = 12, usual = 3, highest = 3",
            "redness = [\n  { until = 12, usual = 3, highest = 4",
            "row 1: highest 4",
        ),
        (WEEK, WEEK.replace("highest = 0", "highest = 1"), "band redness, row 7: highest 1 at 240 hours"),
        (
            WEEK,
            WEEK.replace("usual = 0, highest = 0", "usual = 2, highest = 2"),
            "band redness, row 7: a band must not rise",
        ),
        (WEEK, WEEK.replace("until = -1", "until = 900"), "band redness, row 7: the last row must run without end"),
        (WEEK, WEEK.replace("S12", "S99"), "band redness, row 7: no source “S99”"),
        ("crusting = [\n  { until = 96", "scabs = [\n  { until = 96", "band scabs: no such symptom"),
        ("crusting = [\n  { until = 96", "scabs = [\n  { until = 96", "band crusting: is missing"),
        (
            'word = "severe", value = 4, says = "Severe: fiery',
            'word = "severe", value = 2, says = "Severe: fiery',
            "scale redness: a",
        ),
        (
            'word = "marked", value = 7, says = "Marked: keeps',
            'word = "marked", value = 4, says = "Marked: keeps',
            "scale pain: the",
        ),
        (
            'word = "faint", value = 1, says = "Faint: one',
            'word = "weak", value = 1, says = "Faint: one',
            "scale redness: it needs",
        ),
        ("[answers.watch]", "[answers.wait]", "answers.watch: is missing"),
        ("[sources]", "[origins]", "sources"),
        ("highest = 3, source", "hihgest = 3, source", "band redness, row 1: there is no “hihgest” here"),
        ('version = "draft-2', "version = draft-2", "line 15, column"),
    ],
)
def test_nonsense_is_refused_with_the_name_of_the_row(before, after, complaint):
    assert before in TEXT
    with pytest.raises(ValueError, match=re.escape(complaint)):
        read(TEXT.replace(before, after, 1))


@pytest.mark.parametrize("rule", sorted(HARD.levels))
def test_a_rule_that_must_stay_cannot_be_removed(rule):
    without = re.sub(
        rf'\[\[rules\]\]\nid = "{rule}"\n.*?(?=\n\[\[rules\]\]|\n# |\Z)', "", TEXT, count=1, flags=re.DOTALL
    )
    assert len(without) < len(TEXT)
    with pytest.raises(ValueError, match=f"rule {rule}: it must stay"):
        read(without)


@pytest.mark.parametrize(
    "before, after",
    [
        (FOREHEAD, 'all = ["redness >= much"]'),
        (WEEK, WEEK.replace("highest = 0", "highest = 1")),
        ('word = "marked", value = 7, says = "Marked: keeps', 'word = "marked", value = 4, says = "Marked: keeps'),
    ],
)
def test_the_line_is_the_one_that_has_to_be_changed(before, after):
    wrong = TEXT.replace(before, after, 1)
    with pytest.raises(ValueError, match="line") as refused:
        read(wrong)
    line = int(re.match(r"line (\d+), ", str(refused.value)).group(1))
    first = wrong[: wrong.index(after)].count("\n") + 1
    assert abs(line - first) <= 3


def test_everything_that_is_wrong_is_told_at_once():
    wrong = TEXT.replace(FOREHEAD, 'all = ["mood"]').replace('15min_pressure"]', '15min"]')
    with pytest.raises(ValueError, match="rule U08") as refused:
        read(wrong)
    assert len(str(refused.value).splitlines()) == 2


def test_an_edit_within_the_limits_is_read():
    stricter = TEXT.replace("{ until = 24, usual = 2, highest = 3", "{ until = 24, usual = 1, highest = 2", 1)
    assert stricter != TEXT
    assert (
        read(stricter.replace("usual = 2, highest = 2", "usual = 1, highest = 2", 1)).bands["redness"].rows[1].highest
        == 2
    )


def test_the_running_table_says_that_nobody_signed_it():
    assert RUNNING.version == "draft-2, not yet signed off by a clinician"


def test_every_urgent_rule_says_what_to_do():
    assert all(rule.say for rule in RUNNING.rules if rule.level == "urgent")


def test_there_is_an_answer_for_every_outcome():
    assert set(RUNNING.answers) == {*Level, "follow_up"}
    for level in Level:
        assert RUNNING.answer(level, follow_up=False) == RUNNING.answers[level]
    assert RUNNING.answer(Level.EXPECTED, follow_up=True) == RUNNING.answers["follow_up"]
    both = RUNNING.answer(Level.WATCH, follow_up=True)
    assert isinstance(both, Answer)
    assert both.title == RUNNING.answers["watch"].title
    assert both.todo[0] == RUNNING.answers["follow_up"].lead


@pytest.mark.parametrize(
    "hours, when",
    [
        (0, "the first day"),
        (24, "the second and third day"),
        (168, "more than a week after"),
        (None, "more than a week after"),
    ],
)
def test_the_stage_follows_the_hours(hours, when):
    assert RUNNING.stage(hours).when == when


WORDS = st.sampled_from(["3", '"x"', "[]", "{}", "true", "-1", '["pus"]', "{ any = [] }", '[["x"]]', "nan", "1e400"])


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(20, TEXT.count("\n") - 1), WORDS, st.sampled_from(["value", "drop", "twice"]), st.randoms())
def test_any_nonsense_is_refused_as_such_or_read(number, word, how, random):
    """Never an error of another kind, whatever is typed in place of a value, left out or written twice."""
    lines = TEXT.splitlines()
    values = list(re.finditer(r"(?<== )(\"[^\"]*\"|-?\d+|\[[^\]]*\])", lines[number]))
    if how == "value" and values:
        spot = random.choice(values)
        lines[number] = lines[number][: spot.start()] + word + lines[number][spot.end() :]
    elif how == "twice":
        lines.insert(number, lines[number])
    else:
        del lines[number]
    with suppress(ValueError):
        assert read("\n".join(lines)).rules
