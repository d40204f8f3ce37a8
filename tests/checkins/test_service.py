"""Which question a report answers, what an all-clear does to later reports, and who settles silence."""

import pytest
from sqlmodel import select

from portal.audit.models import AuditEntry
from portal.checkins import queries, service
from portal.checkins.rules import State, Why
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.errors import NotAllowed, NotFound, Refused
from portal.kit.forms import checked
from portal.side_effects import service as side_effects
from portal.side_effects.models import SideEffectReport
from portal.side_effects.rules import Level
from portal.worklist import queries as worklist
from portal.worklist.rules import Kind, Rank
from tests.make_checkins import a_minute, an_answer, live, rows, treated, unmarked
from tests.make_side_effects import a_report, an_urgent_report

CALLED = checked(service.SettleForm, did="called", note="Away for a week; all is well.").value


@pytest.fixture
def asked(engine, alice, bob, after, healthy):
    """Planned: after 6, 24 and 72 hours."""
    with after(0):
        treated(engine, alice, bob)
        a_minute(engine)


def states(engine, client) -> list[State]:
    return [row.state(clock.now()) for row in rows(engine, client) if not row.is_follow_up]


def answered(engine, client, check_in=None, **said) -> SideEffectReport:
    with transaction(engine) as db:
        if check_in is None:
            return side_effects.report(db, client, an_answer(**said))
        row = queries.check_in(db, client, check_in.id)
        return service.answer(db, client, row, an_answer(**said))


@pytest.mark.parametrize(
    "hours, which",
    [(1, None), (2.9, None), (3.1, 0), (14.9, 0), (15.1, 1), (30, 1), (47, 1), (48.1, 2), (95, 2)],
)
def test_a_report_answers_the_nearest_question_also_by_the_ordinary_form(engine, alice, after, asked, hours, which):
    with after(hours), transaction(engine) as db:
        report = a_report(db, alice)
    found = [row.answer_id == report.id for row in rows(engine, alice) if not row.is_follow_up]
    assert found == [number == which for number in range(3)]


def test_the_questions_before_the_answered_one_are_asked_no_more(engine, alice, after, asked, noon):
    with after(20):
        report = answered(engine, alice)
        assert states(engine, alice) == [State.ENDED, State.ANSWERED, State.COMING]
    assert rows(engine, alice)[0].ended_why is Why.HEARD
    live(engine, noon, 50)
    assert not any(row.missed_at for row in rows(engine, alice))
    assert report.level is Level.EXPECTED


def test_one_report_answers_one_question_and_the_second_report_none(engine, alice, after, asked):
    with after(6):
        first = answered(engine, alice)
        second = answered(engine, alice, note="I forgot: it is a little warm.")
        assert states(engine, alice) == [State.ANSWERED, State.COMING, State.COMING]
    assert rows(engine, alice)[0].answer_id == first.id != second.id


def test_an_all_clear_is_a_report_that_is_expected_with_noughts(engine, alice, after, asked):
    with after(24):
        report = answered(engine, alice, rows(engine, alice)[1])
    assert (report.level, report.needs_person, report.title) == (Level.EXPECTED, False, "All well")
    assert (report.symptoms, report.fired) == ([], [])
    assert report.inputs["redness"] == 0


def test_what_begins_after_an_all_clear_is_seen_as_new(engine, alice, after, asked):
    with after(10):
        answered(engine, alice, redness="mild", feeling="something", trend="same")
    with after(24):
        answered(engine, alice)
    with after(30):
        again = answered(engine, alice, redness="mild", feeling="something", trend="same")
    assert "W07" in [rule["id"] for rule in again.fired], "it had gone, and is stronger again"


def test_the_same_answer_twice_is_one_report_and_another_one_is_never_lost(engine, alice, after, asked):
    with after(6):
        row = rows(engine, alice)[0]
        first = answered(engine, alice, row)
        assert answered(engine, alice, row).id == first.id
        worse = answered(engine, alice, row, flags_answer="unsure")
    assert worse.id != first.id
    assert worse.level.is_alarm


def test_the_same_answer_hours_later_is_a_new_report_and_judged_anew(engine, alice, after, asked):
    said = {"feeling": "something", "redness": "mild", "trend": "same"}
    with after(24):
        row = rows(engine, alice)[1]
        first = answered(engine, alice, row, **said)
    with after(24 + 60):
        second = answered(engine, alice, row, **said)
    assert second.id != first.id
    assert second.hours - first.hours == pytest.approx(60, abs=0.01)
    assert (first.level, second.level) == (Level.EXPECTED, Level.DAY)


@pytest.mark.parametrize(
    "more, title",
    [
        ({"flags_answer": "unsure"}, "Nothing ticked"),
        ({"note": "I can't breathe"}, "Nothing ticked"),
        ({"wants_person": True}, "Nothing ticked"),
        ({"trend": "worse"}, "Nothing ticked"),
        ({"trend": "better"}, "All well"),
    ],
)
def test_only_what_nobody_has_to_look_at_is_called_well(engine, alice, after, asked, more, title):
    with after(24):
        assert answered(engine, alice, rows(engine, alice)[1], **more).title == title


def test_all_well_after_a_session_that_nobody_has_marked_yet_is_no_alarm(engine, alice, bob, after, healthy):
    with after(0):
        unmarked(engine, treated(engine, alice, bob))
        a_minute(engine)
    with after(6):
        report = answered(engine, alice, rows(engine, alice)[0])
    assert (report.level, report.needs_person, report.title) == (Level.EXPECTED, False, "All well")
    assert rows(engine, alice)[0].answer_id == report.id


def test_of_very_many_who_are_silent_nobody_in_alarm_is_left_out(engine, alice, charlie, bob, after, noon, monkeypatch):
    monkeypatch.setattr(queries, "MOST", 1)
    with after(0):
        treated(engine, alice, bob, hours=(6, 10))
    with after(1):
        treated(engine, charlie, bob, hours=(6,))
    with after(2), transaction(engine) as db:
        an_urgent_report(db, charlie)
    live(engine, noon, 60)
    with transaction(engine, write=False) as db:
        (one,) = queries.silent(db, bob)
    assert (one.client_id, one.in_alarm) == (charlie.id, True)


def test_an_answer_after_the_question_ended_is_kept_as_a_report(engine, alice, after, asked):
    with after(20):
        answered(engine, alice)
        late = answered(engine, alice, rows(engine, alice)[0], note="Still fine.")
    assert rows(engine, alice)[0].answer_id is None
    with transaction(engine, write=False) as db:
        assert db.get(SideEffectReport, late.id)


def silent(engine, viewer):
    with transaction(engine, write=False) as db:
        return [one for one in worklist.queue(db, viewer) if one.kind is Kind.SILENT]


def test_silence_becomes_one_line_that_stays_until_somebody_settles_it(engine, alice, bob, after, asked, noon):
    live(engine, noon, 24.5)
    (line,) = silent(engine, bob)
    assert (line.who, line.what, line.rank) == ("Alice Ash", "Has not answered the 6-hour check-in", Rank.SILENT)
    live(engine, noon, 48.5)
    (line,) = silent(engine, bob)
    assert line.what == "Has not answered the 24-hour check-in and 1 before it"
    with after(49), transaction(engine) as db:
        row = queries.check_in(db, bob, line.params[0][1])
        service.settle(db, bob, row, CALLED)
    assert silent(engine, bob) == []
    assert [row.did for row in rows(engine, alice)[:2]] == ["called", "called"]
    assert [row.closed_by_id for row in rows(engine, alice)[:2]] == [bob.id] * 2
    with transaction(engine, write=False) as db:
        assert "checkins.settled" in [one.action for one in db.exec(select(AuditEntry))]


def test_a_late_answer_settles_it_by_itself_and_is_shown_as_late(engine, alice, bob, after, asked, noon):
    live(engine, noon, 25)
    with after(26):
        report = answered(engine, alice, rows(engine, alice)[0])
        assert states(engine, alice)[:2] == [State.LATE, State.ANSWERED]
        assert {row.answer_id for row in rows(engine, alice)[:2]} == {report.id}
    assert silent(engine, bob) == []


def test_silence_while_an_alarm_is_open_comes_first(engine, alice, charlie, bob, after, asked, noon):
    with after(0):
        treated(engine, charlie, bob, hours=(6, 24))
    with after(7), transaction(engine) as db:
        an_urgent_report(db, alice)
    live(engine, noon, 60)
    ranks = {line.who: line.rank for line in silent(engine, bob)}
    assert ranks == {"Alice Ash": Rank.SILENT_IN_ALARM, "Charlie Cedar": Rank.SILENT}


def test_only_a_practitioner_sees_and_settles_silence(engine, alice, dana, after, asked, noon):
    live(engine, noon, 25)
    assert silent(engine, dana) == []
    with transaction(engine) as db:
        row = queries.check_in(db, alice, rows(engine, alice)[0].id)
        with pytest.raises(NotAllowed):
            service.settle(db, dana, row, CALLED)


def test_what_is_settled_or_answered_cannot_be_settled_again(engine, alice, bob, erin, after, asked, noon):
    live(engine, noon, 25)
    with after(26), transaction(engine) as db:
        row = queries.check_in(db, bob, rows(engine, alice)[0].id)
        service.settle(db, bob, row, CALLED)
        with pytest.raises(Refused):
            service.settle(db, erin, row, CALLED)
        assert row.closed_by_id == bob.id


def test_somebody_elses_question_is_not_there(engine, charlie, dana, alice, asked):
    with transaction(engine, write=False) as db:
        for viewer in (charlie, dana):
            with pytest.raises(NotFound):
                queries.check_in(db, viewer, rows(engine, alice)[0].id)


def test_the_list_is_about_the_present_session(engine, alice, bob, after, asked):
    with after(24 * 28):
        treated(engine, alice, bob, hours=(6,))
        a_minute(engine)
        with transaction(engine, write=False) as db:
            assert [row.hours for row in queries.present(db, alice, alice.id)] == [6]
            assert queries.due(db, alice) == []
    with after(24 * 28 + 7), transaction(engine, write=False) as db:
        assert [row.hours for row in queries.due(db, alice)] == [6]
