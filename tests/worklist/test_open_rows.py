"""What the queue gathers about appointments and health answers: who, what, why, where it leads."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal.bookings import gatekeeping, service
from portal.bookings.models import Appointment
from portal.bookings.rules import Override, OverrideKind, Wish
from portal.kit import clock
from portal.kit.forms import checked
from portal.questionnaires import queries as questionnaires
from portal.questionnaires import service as answering
from portal.questionnaires.forms import AcceptForm
from portal.suitability import queries as verdicts
from portal.suitability import service as suitability
from portal.suitability.answer import Code
from portal.suitability.rules import HoldKind
from portal.worklist import booked, health, queries
from portal.worklist.rules import Kind, Rank
from tests.make_availability import a_week
from tests.make_bookings import a_treatment_session
from tests.make_questionnaires import a_new_version, health_answers, nothing_changed
from tests.make_suitability import a_needling, a_verdict

DAY = timedelta(days=1)
PRACTICAL = Override(OverrideKind.PRACTICAL, "She flies tomorrow.")


@pytest.fixture
def visit(db, alice, bob) -> Appointment:
    """Alice's session in three days, which the gate allows."""
    return a_session(db, bob, alice)


def a_session(db, bob, client, in_days=3) -> Appointment:
    a_needling(db)
    if not db.exec(sa.text("select 1 from working_hours")).first():
        a_week(db, bob)
    a_verdict(db, bob, client)
    return a_treatment_session(db, client, bob, in_days)


def pause(db, bob, client):
    return suitability.place_hold(db, bob, client.id, HoldKind.PRACTITIONER, "Let us look first.")


def of_kind(db, viewer, kind):
    return [one for one in queries.queue(db, viewer) if one.kind is kind]


# ---- on hold ----


def test_a_session_on_hold_waits_with_its_reason_and_leads_to_itself(db, alice, bob, visit):
    assert of_kind(db, bob, Kind.ON_HOLD) == []
    pause(db, bob, alice)
    (line,) = of_kind(db, bob, Kind.ON_HOLD)
    assert (line.who, line.why) == ("Alice Ash", "Because of: sessions are paused")
    assert (line.route, line.params) == ("bookings:show", (("appointment_id", visit.id),))
    assert (line.since, line.soon) == (visit.on_hold_since, visit.starts_at)


def test_the_soonest_session_on_hold_comes_first_however_long_it_waits(db, alice, bob, charlie, visit):
    soon = a_session(db, bob, charlie, in_days=2)
    pause(db, bob, alice)
    pause(db, bob, charlie)
    visit.on_hold_since = clock.now() - DAY
    db.flush()
    assert [line.params[0][1] for line in of_kind(db, bob, Kind.ON_HOLD)] == [soon.id, visit.id]


def test_a_session_that_has_begun_or_was_cancelled_is_not_on_hold_any_more(db, alice, bob, visit):
    pause(db, bob, alice)
    with clock.travelled(4 * DAY):
        assert of_kind(db, bob, Kind.ON_HOLD) == []
    service.cancel(db, bob, visit, "Ill")
    assert of_kind(db, bob, Kind.ON_HOLD) == []


def test_every_reason_for_being_on_hold_has_words():
    assert set(booked.BECAUSE) == set(Code)


# ---- change requests ----


@pytest.mark.parametrize("ahead, rank", [(47, Rank.CHANGE_SOON), (49, Rank.CHANGE)])
def test_a_request_presses_when_its_appointment_is_near(db, alice, bob, visit, ahead, rank):
    gatekeeping.ask_for_change(db, alice, visit, Wish.MOVE, "My train is cancelled.")
    with clock.travelled(visit.starts_at - timedelta(hours=ahead) - clock.now()):
        (line,) = of_kind(db, bob, Kind.CHANGES)
    assert (line.rank, line.who, line.why) == (rank, "Alice Ash", "My train is cancelled.")
    assert line.what.startswith("Asks to move an appointment: ")
    assert line.params == (("appointment_id", visit.id),)


def test_an_answered_request_waits_no_more(db, alice, bob, visit):
    gatekeeping.ask_for_change(db, alice, visit, Wish.CANCEL, "Ill.")
    gatekeeping.answer_request(db, bob, visit, "Please come.")
    assert of_kind(db, bob, Kind.CHANGES) == []


def test_a_request_about_an_appointment_that_is_gone_waits_no_more(db, alice, bob, visit):
    gatekeeping.ask_for_change(db, alice, visit, Wish.CANCEL, "Ill.")
    service.cancel(db, None, visit, "Its time was kept long enough")
    assert of_kind(db, bob, Kind.CHANGES) == []


# ---- countersignatures ----


def test_a_decision_waits_for_the_other_practitioner_only(db, alice, bob, erin, visit):
    pause(db, bob, alice)
    row = gatekeeping.override_standing(db, bob, visit, PRACTICAL)
    (line,) = of_kind(db, erin, Kind.COUNTERSIGN)
    assert (line.rank, line.who, line.why) == (Rank.COUNTERSIGN, "Alice Ash", "Bob Birch: She flies tomorrow.")
    assert line.params == (("appointment_id", visit.id),)
    assert of_kind(db, bob, Kind.COUNTERSIGN) == [], "nobody countersigns their own"
    gatekeeping.countersign(db, erin, row.id)
    assert of_kind(db, erin, Kind.COUNTERSIGN) == []


# ---- health ----


def _no_answers(db, bob, alice, dana):
    a_verdict(db, bob, alice)


def _the_same(db, bob, alice, dana):
    health_answers(db, alice, keloid="yes")
    a_verdict(db, bob, alice)
    nothing_changed(db, alice)


def _all_fine(db, bob, alice, dana):
    a_verdict(db, bob, alice)
    health_answers(db, alice)


def _worse(db, bob, alice, dana):
    health_answers(db, alice)
    a_verdict(db, bob, alice)
    health_answers(db, alice, keloid="yes")


def _first_answers(db, bob, alice, dana):
    a_verdict(db, bob, alice)
    health_answers(db, alice, keloid="unsure")


def _looked_at(db, bob, alice, dana):
    _first_answers(db, bob, alice, dana)
    newest = questionnaires.newest(db, bob, alice.id)
    answering.accept(db, bob, newest.id, checked(AcceptForm, note="").value)


def _the_same_after_a_look(db, bob, alice, dana):
    _looked_at(db, bob, alice, dana)
    nothing_changed(db, alice)


def _worse_after_a_look(db, bob, alice, dana):
    _looked_at(db, bob, alice, dana)
    health_answers(db, alice, keloid="unsure", pregnancy="yes")


def _asked_in_other_words(db, bob, alice, dana):
    health_answers(db, alice, keloid="yes")
    a_verdict(db, bob, alice)
    a_new_version(db, dana, keloid="Do wounds leave thick scars on you?")
    health_answers(db, alice, keloid="yes")


@pytest.mark.parametrize(
    "happened, waits",
    [
        (_no_answers, False),
        (_the_same, False),
        (_all_fine, False),
        (_worse, True),
        (_first_answers, True),
        (_looked_at, False),
        (_the_same_after_a_look, False),
        (_worse_after_a_look, True),
        (_asked_in_other_words, True),
    ],
)
def test_changed_answers_wait_exactly_when_the_gate_is_told_of_a_change(db, alice, bob, dana, happened, waits):
    happened(db, bob, alice, dana)
    verdict = verdicts.current_verdict(db, bob, alice.id)
    changes = questionnaires.changes_since(db, alice.id, verdict.signed_at)
    found = health.changed(db, bob)
    assert [one.client_id for one in found] == ([alice.id] if changes else [])
    assert bool(found) is waits


def test_the_line_names_the_gravest_and_leads_to_the_answers(db, alice, bob):
    a_verdict(db, bob, alice)
    health_answers(db, alice, keloid="unsure", infection="yes")
    (line,) = of_kind(db, bob, Kind.HEALTH)
    assert line.why == "The gravest of them: not yet"
    assert (line.route, line.params) == ("questionnaires:of-client", (("client_id", alice.id),))


def test_without_a_yes_that_counts_there_is_nothing_to_compare_with(db, alice, bob):
    health_answers(db, alice, keloid="yes")
    assert health.changed(db, bob) == []
    a_verdict(db, bob, alice)
    with clock.travelled(DAY):
        health_answers(db, alice, pregnancy="yes")
        assert len(health.changed(db, bob)) == 1
    with clock.travelled(200 * DAY):
        assert health.changed(db, bob) == [], "the yes is no longer valid"
    with clock.travelled(2 * DAY):
        a_verdict(db, bob, alice, outcome="not_suitable")
        assert health.changed(db, bob) == [], "there is nothing left to stop"


# ---- all of it ----


def test_nobody_but_a_practitioner_is_told_anything(db, alice, bob, dana, visit):
    pause(db, bob, alice)
    gatekeeping.override_standing(db, bob, visit, PRACTICAL)
    gatekeeping.ask_for_change(db, alice, visit, Wish.MOVE, "Ill.")
    health_answers(db, alice, keloid="yes")
    assert booked.lines(db, dana) == booked.lines(db, alice) == []
    assert health.changed(db, dana) == []


def test_more_that_waits_takes_no_more_statements(db, engine, alice, bob, charlie, visit):
    def count() -> int:
        said: list[str] = []

        def note(_: object, __: object, statement: str, *___: object) -> None:
            said.append(statement)

        db.expire_all()
        sa.event.listen(engine, "before_cursor_execute", note)
        queries.queue(db, bob)
        sa.event.remove(engine, "before_cursor_execute", note)
        return len(said)

    def all_kinds(client, visit) -> None:
        health_answers(db, client, keloid="yes")
        gatekeeping.ask_for_change(db, client, visit, Wish.MOVE, "Ill.")

    all_kinds(alice, visit)
    first = count()
    all_kinds(charlie, a_session(db, bob, charlie, in_days=4))
    assert count() == first
