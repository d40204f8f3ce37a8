"""What no edit may undo: a window in time, an answer less, a rule less. Each is an edit of the table that runs."""

import re
import time
from pathlib import Path

import pytest

import portal.side_effects.table as running
from portal.side_effects.conditions import Facts
from portal.side_effects.ignoring import hours_named
from portal.side_effects.limits import HARD
from portal.side_effects.rules import Level
from portal.side_effects.table import RUNNING, read

TEXT = (Path(running.__file__).parent / "triage.toml").read_text("utf-8")
BREATH = '["breathing_difficulty", "tongue_or_throat_swelling", "lip_or_face_swelling", "collapse_or_faint"]'
U01, FEVER, D13 = f"any = {BREATH}", 'all = ["fever_c >= 38"]', 'any = [{ unsure = ["anything"] }]'
ALL_UNSURE = ("red_flags", "signs", "discharge", "rash", "redness", "swelling", "pain", "itch", "crusting")
FELL = '{ rising = ["redness", "swelling", "pain", "discharge"], after_h = 24, fell = true }'
LATE = FELL.replace('"discharge"], after_h = 24', '"discharge"], after_h = 60')
WORDS = '{ any = ["pus", "spreading", { all = ["hot_skin", "hours >= 24"] }] }] },'
AT = "it must hold at any hour"


def refusal(*edits):
    text = TEXT
    for before, after in edits:
        assert before in text
        text = text.replace(before, after, 1)
    with pytest.raises(ValueError, match="rule") as refused:
        read(text)
    return str(refused.value)


def within(*hours, what=BREATH):
    return f"all = [{{ any = [{', '.join(hours)}] }}, {{ any = {what} }}]"


@pytest.mark.parametrize(
    "before, after, complaint",
    [
        (U01, within('"hours <= 900"'), f"rule U01: {AT}"),
        (U01, within('"hours <= 24"', '"hours >= 60"'), f"rule U01: {AT}"),
        (U01, within('"hours == 0"', '"hours == 24"', '"hours == 800"'), f"rule U01: {AT}"),
        (U01, within('"hours >= 5"'), f"rule U01: {AT}"),
        (U01, f'any = [{{ lasting = ["redness"], at_least = 1, gap_h = 1, after_h = 0 }}, {BREATH[1:]}', f"U01: {AT}"),
        (FEVER, 'all = ["fever_c >= 38", { any = ["hours <= 1", "hours >= 720"] }]', f"rule D05: {AT}"),
        (FEVER, 'all = ["fever_c >= 38.1"]', "rule D05: fever_c 38.0 must come out as day around hour 0"),
        ('all = ["hours >= 24", "trend == worse"', 'all = ["hours < 900", "trend == worse"', "D03: it may begin at"),
        (
            'all = ["hours >= 24", "trend == worse"',
            'all = ["hours >= 25", "trend == worse"',
            "worse, redness 2, hours 24",
        ),
        ('["something_else", "rash_unclear", "rash', '["rash_unclear", "rash', "rule D16: present something_else must"),
        (FELL, LATE, "rule D18: swelling 1, hours 30 must come out as day"),
        (WORDS, '"pus"] },', "rule U12: note_words fever, present spreading must come out as urgent"),
        ('{ risk = ["immune", "diabetes"] }, "hours', '{ risk = ["immune"] }, "hours', "rule D09: risks diabetes"),
    ],
)
def test_an_edit_that_lets_something_slip_is_refused(before, after, complaint):
    assert complaint in refusal((before, after))


@pytest.mark.parametrize("left_out", ALL_UNSURE)
def test_not_sure_never_becomes_no(left_out):
    others = ", ".join(f'"{name}"' for name in ALL_UNSURE if name != left_out)
    refused = refusal((D13, f"any = [{{ unsure = [{others}] }}]"))
    assert f"rule D13: unsure {left_out} must come out as day" in refused
    assert len(refused.splitlines()) == 1


@pytest.mark.parametrize("until", ["<", "<="])
@pytest.mark.parametrize("hole", [(30, 31), (0.5, 0.75), (24, 24.01), (850, 860), (9999, 10000)])
def test_a_hole_in_time_is_found_wherever_it_is(hole, until):
    """The rule that must stay asks for something else besides, and two others stand in for it but for the hole."""
    start, end = hole
    rule = '[[rules]]\nid = "X{}"\nlevel = "day"\nall = ["eyelid_or_forehead_swelling", "hours {}"]\n'
    other = 'because = "x"\nsource = ["general"]\n\n'
    edits = (
        ('all = ["eyelid_or_forehead_swelling"]', 'all = ["eyelid_or_forehead_swelling", "pus"]'),
        (
            '[[rules]]\nid = "W01"',
            f'{rule.format(1, f"{until} {start}")}{other}{rule.format(2, f">= {end}")}{other}[[rules]]\nid = "W01"',
        ),
    )
    assert f"present eyelid_or_forehead_swelling must come out as day around hour {start:g}" in refusal(*edits)


@pytest.mark.parametrize("rule", ["D09", "D16", "D20", "D21", "D22", "D23"])
def test_rules_on_health_answers_and_on_something_else_must_stay_at_a_day(rule):
    assert f"rule {rule}: its level must be day" in refusal(
        (f'id = "{rule}"\nlevel = "day"', f'id = "{rule}"\nlevel = "watch"')
    )
    assert f"rule {rule}: it must stay" in refusal((f'id = "{rule}"', 'id = "X99"'))


def test_a_table_that_names_too_many_hours_is_refused():
    many = ", ".join(f'"hours >= {hour}.5"' for hour in range(100))
    assert "more than 100 different hours" in refusal(('all = ["bleeds_again", "hours >= 24"]', f"any = [{many}]"))


def test_the_largest_table_is_asked_within_the_time_a_page_may_take():
    free = 100 - len(hours_named(RUNNING))
    many = ", ".join(f'"hours >= {hour}.5"' for hour in range(free))
    text = TEXT.replace('all = ["bleeds_again", "hours >= 24"]', f'all = ["bleeds_again", {many}]')
    begun = time.process_time()
    read(text)
    assert time.process_time() - begun < 2


def test_an_hour_from_which_a_rule_counts_may_be_earlier():
    assert read(TEXT.replace('all = ["hot_skin", "hours >= 48"]', 'all = ["hot_skin", "hours >= 36"]', 1))


def test_every_case_of_the_hard_limits_holds_in_the_table_that_runs():
    for one in HARD.never:
        for hours in (one.since, one.since + 0.1, one.since + 37, 5000.0, None):
            assert RUNNING.triage(one.at(hours), one.history).level.rank >= one.level.rank
    assert RUNNING.triage(Facts(800.0, fever_c=39.5)).level is Level.DAY
    assert re.fullmatch(r"[UD]\d\d", min(HARD.timeless))
