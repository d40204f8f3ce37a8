"""What happens to a report: kept with its reasons, raised to people, acknowledged, closed."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from portal.audit.models import AuditEntry
from portal.kit import clock
from portal.kit.errors import NotFound, Refused
from portal.kit.forms import checked
from portal.kit.mail import OutboxMail
from portal.notifications.models import Notice
from portal.questionnaires.editing import RELIED_UPON
from portal.side_effects import queries, service
from portal.side_effects.forms import CloseForm
from portal.side_effects.rules import Level, Outcome
from portal.side_effects.table import RUNNING
from portal.suitability import queries as suitability
from portal.suitability.rules import HoldKind
from tests.make_questionnaires import health_answers
from tests.make_side_effects import a_report, a_report_form, a_session_done, an_urgent_report

RESOLVED = checked(CloseForm, outcome="resolved", note="for us only").value


def notices_of(db, viewer):
    return db.exec(select(Notice).where(Notice.person_id == viewer.id).order_by(col(Notice.made_at))).all()


def test_what_is_usual_after_a_session_is_kept_and_bothers_nobody(db, alice, bob):
    appointment = a_session_done(db, alice, bob, hours_ago=3)
    report = a_report(db, alice, redness="marked")
    assert report.level is Level.EXPECTED
    assert report.appointment_id == appointment.id
    assert report.hours == pytest.approx(3, abs=0.01)
    assert not report.is_open
    assert not suitability.holds(db, alice, alice.id)
    assert not notices_of(db, bob)


def test_the_same_report_three_days_later_reaches_a_person(db, alice, bob):
    a_session_done(db, alice, bob, hours_ago=80)
    report = a_report(db, alice, redness="marked")
    assert report.level is Level.DAY
    assert report.is_open


def test_a_report_keeps_its_reasons_inputs_and_version(db, alice):
    report = a_report(db, alice, symptoms=["redness", "swelling"], swelling="mild", zones=["mid"], note="since the run")
    assert [reason["id"] for reason in report.fired] == ["D01", "D02"]
    assert all(reason["because"] and reason["source"] for reason in report.fired)
    assert report.inputs["redness"] == 2
    assert report.inputs["hours"] is None
    assert report.rules_version == RUNNING.version
    assert report.answers["swelling"] == "mild"
    assert report.title == "Redness and swelling"


def test_an_urgent_report_holds_the_course_and_calls_every_practitioner(db, alice, bob, erin):
    report = an_urgent_report(db, alice)
    (hold,) = suitability.holds(db, alice, alice.id)
    assert report.level is Level.URGENT
    assert (hold.kind, hold.source_id) == (HoldKind.SIDE_EFFECT, report.id)
    assert [notice.href for notice in notices_of(db, bob) + notices_of(db, erin)] == [f"/side-effects/{report.id}"] * 2


def test_no_mail_says_what_was_reported(db, alice):
    report = a_report(db, alice, symptoms=["redness", "discharge"], discharge=["pus"], note="a secret")
    service.acknowledge(db, alice, report)
    mails = db.exec(select(OutboxMail)).all()
    assert len(mails) >= 3
    for mail in mails:
        text = f"{mail.subject} {mail.text}".lower()
        assert not any(word in text for word in ("redness", "pus", "secret", "side effect", "alice"))


def test_two_reports_in_a_minute_are_both_kept(db, alice):
    first, second = a_report(db, alice), a_report(db, alice)
    assert {report.id for report in queries.reports(db, alice, alice.id)} == {first.id, second.id}
    assert len(suitability.holds(db, alice, alice.id)) == 2


def test_redness_that_does_not_fade_is_seen_from_the_report_before(db, alice, bob):
    a_session_done(db, alice, bob, hours_ago=30)
    assert a_report(db, alice).level is Level.EXPECTED
    with clock.travelled(timedelta(hours=30)):
        later = a_report(db, alice)
    assert "D12" in [reason["id"] for reason in later.fired]


def test_reports_about_another_session_do_not_count(db, alice, bob):
    a_session_done(db, alice, bob, hours_ago=24 * 30)
    a_report(db, alice)
    a_session_done(db, alice, bob, hours_ago=50)
    assert "D12" not in [reason["id"] for reason in a_report(db, alice).fired]


@pytest.mark.parametrize("answer, fires", [("yes", True), ("unsure", True), ("no", False)])
def test_health_answers_lower_the_threshold(db, alice, bob, answer, fires):
    a_session_done(db, alice, bob, hours_ago=30)
    health_answers(db, alice, immune=answer)
    assert ("D09" in [reason["id"] for reason in a_report(db, alice).fired]) is fires


def test_the_answers_it_reads_cannot_be_taken_out_of_the_questions():
    assert set(queries.AT_RISK) == RELIED_UPON


def test_a_beginning_in_the_future_is_refused(db, alice):
    with pytest.raises(Refused, match="future"):
        service.report(db, alice, a_report_form(began="2099-01-01T10:00"))


def test_acknowledging_twice_is_once(db, alice, bob, erin):
    report = an_urgent_report(db, alice)
    first = service.acknowledge(db, bob, report)
    assert service.acknowledge(db, bob, report).id == first.id
    service.acknowledge(db, erin, report)
    assert [seen.name for seen in queries.acknowledged(db, [report])[report.id]] == ["Bob Birch", "Erin Elm"]


def test_closing_lifts_the_hold_and_tells_the_client(db, alice, bob):
    report = an_urgent_report(db, alice)
    service.close(db, bob, report, RESOLVED)
    assert not suitability.holds(db, alice, alice.id)
    assert not report.is_open
    assert (report.outcome, report.closed_by) == (Outcome.RESOLVED, bob.id)
    assert "Bob Birch has closed your report." in [notice.text for notice in notices_of(db, alice)]


def test_closing_one_report_leaves_the_hold_of_another(db, alice, bob):
    first, second = a_report(db, alice), a_report(db, alice)
    service.close(db, bob, first, RESOLVED)
    assert [hold.source_id for hold in suitability.holds(db, alice, alice.id)] == [second.id]


def test_a_closed_report_cannot_be_closed_again(db, alice, bob):
    report = a_report(db, alice)
    service.close(db, bob, report, RESOLVED)
    with pytest.raises(Refused, match="closed already"):
        service.close(db, bob, report, RESOLVED)


def test_every_step_is_in_the_audit(db, alice, bob):
    service.close(db, bob, an_urgent_report(db, alice), RESOLVED)
    db.flush()
    actions = [entry.action for entry in db.exec(select(AuditEntry).where(AuditEntry.client_id == alice.id))]
    assert {"side_effects.reported", "side_effects.acknowledged", "side_effects.closed"} <= set(actions)


def test_the_most_urgent_waits_first(db, alice, charlie, bob):
    ordinary = a_report(db, charlie)
    urgent = an_urgent_report(db, alice)
    assert [report.id for report in queries.open_reports(db, bob)] == [urgent.id, ordinary.id]
    assert not queries.open_reports(db, bob, limit=0)


def test_open_reports_come_before_closed_ones(db, alice, bob):
    first = a_report(db, alice)
    service.close(db, bob, a_report(db, alice), RESOLVED)
    assert queries.reports(db, alice, alice.id)[0].id == first.id


def test_a_stranger_cannot_tell_that_a_report_exists(db, alice, charlie, dana, bob):
    report = a_report(db, alice)
    for stranger in (charlie, dana):
        with pytest.raises(NotFound):
            queries.report(db, stranger, report.id)
        assert not queries.reports(db, stranger, alice.id)
        assert not queries.open_reports(db, stranger)
    assert queries.report(db, bob, report.id).id == report.id


def test_what_is_normal_now_follows_the_session(db, alice, bob):
    assert queries.stage_now(db, alice, alice.id, clock.now()) is None
    a_session_done(db, alice, bob, hours_ago=30)
    stage = queries.stage_now(db, alice, alice.id, clock.now())
    assert stage
    assert stage.when == "the second and third day"
