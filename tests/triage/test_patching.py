"""Numbers change inside the text of the table, and nothing else does."""

import re
import tomllib

import pytest

from portal.side_effects.table import RUNNING, SHIPPED, read
from portal.triage.patching import Numbers, Unpatchable, raw_rule, slots, with_band, with_rule


def numbers_of(rule_id):
    return [slot.value for slot in slots(raw_rule(SHIPPED, rule_id))]


def rows_of(symptom):
    return [Numbers(f"{row.until:g}", str(row.usual), str(row.highest)) for row in RUNNING.bands[symptom].rows]


def changed_lines(before, after):
    pairs = zip(before.splitlines(), after.splitlines(), strict=True)
    return [(old, new) for old, new in pairs if old != new]


@pytest.mark.parametrize("rule", RUNNING.rules, ids=lambda rule: rule.id)
def test_a_rule_with_its_own_numbers_is_the_same_text(rule):
    assert with_rule(SHIPPED, rule.id, rule.level.value, numbers_of(rule.id)) == SHIPPED


@pytest.mark.parametrize("symptom", list(RUNNING.bands))
def test_a_band_with_its_own_numbers_is_the_same_text(symptom):
    assert with_band(SHIPPED, symptom, rows_of(symptom)) == SHIPPED


@pytest.mark.parametrize(
    "rule_id, labels",
    [
        ("U04", ["temperature in °C: at least", "redness: at least"]),
        ("D05", ["temperature in °C: at least"]),
        ("W14", ["hours after the session: less than"]),
        ("D12", ["redness: at least", "redness: over hours", "redness: from hour"]),
        ("D18", ["redness, pain: from hour", "redness, pain: compared with reports from hour"]),
        ("U08", []),
    ],
)
def test_each_number_says_what_it_is_about(rule_id, labels):
    assert [slot.label for slot in slots(raw_rule(SHIPPED, rule_id))][: len(labels)] == labels
    assert labels or not slots(raw_rule(SHIPPED, rule_id))


@pytest.mark.parametrize("rule", [rule for rule in RUNNING.rules if numbers_of(rule.id)], ids=lambda rule: rule.id)
def test_each_number_of_each_rule_changes_its_own_line_only(rule):
    for place, was in enumerate(numbers_of(rule.id)):
        numbers = numbers_of(rule.id)
        numbers[place] = "17"
        patched = with_rule(SHIPPED, rule.id, rule.level.value, numbers)
        (line,) = changed_lines(SHIPPED, patched)
        assert was != "17"
        assert "17" in line[1]
        assert [slot.value for slot in slots(raw_rule(patched, rule.id))] == numbers


@pytest.mark.parametrize("symptom", list(RUNNING.bands))
def test_each_row_of_a_band_changes_its_own_line_only(symptom):
    for place, row in enumerate(rows_of(symptom)):
        rows = rows_of(symptom)
        rows[place] = row._replace(usual="9", highest="9")
        ((_, new),) = changed_lines(SHIPPED, with_band(SHIPPED, symptom, rows))
        assert "usual = 9, highest = 9" in new
        assert "source = [" in new


def test_the_level_changes_alone():
    patched = with_rule(SHIPPED, "D08", "urgent", numbers_of("D08"))
    assert changed_lines(SHIPPED, patched) == [('level = "day"', 'level = "urgent"')]


def test_the_hours_of_a_row_change_and_the_last_has_no_end():
    rows = rows_of("itch")
    patched = with_band(SHIPPED, "itch", [rows[0]._replace(until="60.5"), *rows[1:-1], rows[-1]._replace(until="999")])
    assert [row.until for row in read(patched).bands["itch"].rows] == [60.5, 168, -1]


def test_comments_and_other_parts_stay():
    patched = with_rule(SHIPPED, "D18", "day", [*numbers_of("D18")[:-1], "25"])
    assert "# The trough must be at least so old" in patched
    assert tomllib.loads(patched)["say"] == tomllib.loads(SHIPPED)["say"]


@pytest.mark.parametrize(
    "before, after",
    [
        ('id = "D03"\n', 'id = "D03"\n# was once "pain >= 9"\n'),
        ('because = "It gets worse after the first day"', 'because = "pain >= 9"'),
        ('[[rules]]\nid = "D03"', '[["rules"]]\nid = "D03"'),
        ('"pain >= 4"] }]\nbecause = "It gets worse after', '"pain  >=  4"] }]\nbecause = "It gets worse after'),
    ],
)
def test_a_text_it_cannot_follow_is_left_alone(before, after):
    odd = SHIPPED.replace(before, after, 1)
    assert odd != SHIPPED
    with pytest.raises(Unpatchable):
        with_rule(odd, "D03", "day", ["24", "2", "2", "4"])


def test_a_band_written_in_another_way_is_left_alone():
    rows = re.search(r"(?ms)^crusting = \[(.*?)^\]", SHIPPED)
    other = "\n".join(f"[[bands.crusting]]\n{row}" for row in ["until = -1\nusual = 0\nhighest = 0\nsource = ['S12']"])
    odd = SHIPPED.replace(rows[0], "").replace("[[course]]", f"{other}\n[[course]]", 1)
    assert len(tomllib.loads(odd)["bands"]["crusting"]) == 1
    with pytest.raises(Unpatchable):
        with_band(odd, "crusting", [Numbers("-1", "0", "0")])


def test_a_number_it_cannot_read_whole_is_left_alone():
    odd = SHIPPED.replace("until = 120, usual", "until = 1_20, usual", 1)
    assert read(odd).bands["redness"] == RUNNING.bands["redness"]
    with pytest.raises(Unpatchable):
        with_band(odd, "redness", rows_of("redness"))


def test_fewer_numbers_in_the_text_than_in_the_table_are_left_alone():
    odd = SHIPPED.replace('"hours >= 24", "trend == worse", { any', '"hours  >=  24", "trend == worse", { any', 1)
    assert odd != SHIPPED
    with pytest.raises(Unpatchable):
        with_rule(odd, "D03", "day", ["2", "2", "4"])


def test_the_wrong_count_of_numbers_is_refused():
    with pytest.raises(Unpatchable):
        with_rule(SHIPPED, "D03", "day", ["24"])
    with pytest.raises(Unpatchable):
        with_band(SHIPPED, "itch", rows_of("itch")[:-1])
