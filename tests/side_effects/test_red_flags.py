"""A red flag is never lost because of what else stands in the form: the rest is kept as far as it can be read."""

import pytest

from portal.kit.db import transaction
from portal.kit.forms import checked
from portal.side_effects import queries
from portal.side_effects.forms import MOST_NOTE, ReportForm
from portal.side_effects.rules import Level
from tests.make_checkins import ALL_WELL, a_minute, rows, treated

NEW, FLAG = "/side-effects/new", {"flags": "collapse_or_faint"}


@pytest.fixture
def only_report(engine, alice):
    """`only_report()`: the one report there is."""

    def read():
        with transaction(engine, write=False) as db:
            (one,) = queries.reports(db, alice, alice.id)
            return one

    return read


@pytest.mark.parametrize(
    "wrong, words",
    [
        ({"temperature": "hot"}, "the temperature"),
        ({"temperature": "102"}, "the temperature"),
        ({"began": "2199-01-01T00:00"}, "when it began"),
        ({"began": "yesterday"}, "when it began"),
        ({"note": "a" * 4001}, "a part of your own words"),
        ({"note": "it \x01hurts"}, "a part of your own words"),
        ({"zones": "knee"}, "where it is"),
        ({"trend": "bogus"}, "one of the ticks"),
        ({"flags_answer": "bogus"}, "one of the ticks"),
        (
            {"temperature": "hot", "note": "\x01", "zones": "knee"},
            "the temperature, where it is and a part of your own",
        ),
    ],
)
def test_a_mistake_beside_a_red_flag_costs_only_itself_and_is_named(
    alice_browser, bob_browser, only_report, wrong, words
):
    sent = alice_browser.post(NEW, data={**FLAG, "symptoms": "pain", **wrong})
    assert sent.status_code == 303
    report = only_report()
    assert (report.level, report.symptoms) == (Level.URGENT, ["pain"])
    page = alice_browser.get(sent.headers["location"]).text
    assert "Call 112" in page
    assert f"We could not read {words}" in page
    assert "Could not be read" in bob_browser.get(sent.headers["location"]).text


def test_of_words_that_are_too_many_or_cannot_be_shown_the_rest_is_kept():
    def kept(note):
        return checked(ReportForm, **FLAG, note=note).value.note

    assert kept("a" * 5000) == "a" * MOST_NOTE
    assert kept(" it \x01hurts\x1b\r\nüber 😀 皮膚\x7f ") == "it hurts\nüber 😀 皮膚"


def test_of_many_ticks_only_those_nobody_knows_are_left_out():
    form = checked(ReportForm, flags=["luck", "chest_pain"], zones=["knee", "back"], symptoms=["hair", "itch"]).value
    assert (form.flags, form.zones, form.symptoms) == (["chest_pain"], ["back"], ["itch"])
    assert form.unread == ["symptoms", "zones"]


def test_nothing_is_named_where_all_is_well_or_where_somebody_says_so(alice_browser, only_report):
    alice_browser.post(NEW, data={**FLAG, "unread": "temperature"})
    assert "unread" not in only_report().answers


@pytest.mark.parametrize("said", [{"flags": "luck"}, {"flags": "luck", "temperature": "hot"}, {"temperature": "hot"}])
def test_without_a_red_flag_a_mistake_is_asked_about(alice_browser, said):
    page = alice_browser.post(NEW, data={"flags_answer": "none", "symptoms": "other", "trend": "same", **said})
    assert page.status_code == 422


def test_a_check_in_keeps_a_red_flag_just_so(alice_browser, engine, alice, bob, only_report):
    treated(engine, alice, bob, (6,), 7)
    a_minute(engine)
    here = f"/check-ins/{rows(engine, alice)[0].id}"
    said = {**ALL_WELL, **FLAG, "temperature": "hot", "began": "2199-01-01T00:00", "feeling": "bogus"}
    assert alice_browser.post(here, data=said).status_code == 303
    report = only_report()
    assert report.level is Level.URGENT
    assert {"temperature", "began"} <= set(report.answers["unread"])


def test_all_clear_is_worked_out_and_never_taken_from_the_ordinary_form(alice_browser, engine, alice):
    said = {"flags_answer": "none", "all_clear": "yes"}
    assert alice_browser.post(NEW, data=said).status_code == 422
    assert alice_browser.post(NEW, data={**said, "symptoms": ["pain", "redness"]}).status_code == 422
    with transaction(engine, write=False) as db:
        assert not queries.reports(db, alice, alice.id)
    assert not checked(ReportForm, **FLAG, all_clear="yes").value.all_clear
