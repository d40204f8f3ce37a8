"""What happens to a report: kept with its reasons, raised to people, acknowledged, closed."""

from datetime import timedelta

import pytest
from sqlmodel import col, select

from portal.audit.models import AuditEntry
from portal.bookings.rules import State
from portal.kit import clock
from portal.kit.errors import NotFound, Refused
from portal.kit.events import Event
from portal.kit.forms import checked
from portal.kit.mail import OutboxMail
from portal.notifications.models import Notice
from portal.questionnaires.editing import RELIED_UPON
from portal.side_effects import queries, service
from portal.side_effects.conditions import RISKS
from portal.side_effects.forms import CloseForm, ReportForm
from portal.side_effects.rules import Level, Outcome
from portal.side_effects.table import RUNNING
from portal.suitability import queries as suitability
from portal.suitability.rules import HoldKind
from tests.make_escalations import an_action
from tests.make_questionnaires import health_answers
from tests.make_side_effects import a_report, a_report_form, a_session_done, an_urgent_report

RESOLVED = checked(CloseForm, outcome="resolved", note="for us only").value


def notices_of(db, viewer):
    return db.exec(select(Notice).where(Notice.person_id == viewer.id).order_by(col(Notice.made_at))).all()


def closed(db, practitioner, report):
    """Something was done about it, and it went away."""
    an_action(db, practitioner, report)
    service.close(db, practitioner, report, RESOLVED)


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
    assert {"D01", "D02"} <= {reason["id"] for reason in report.fired}
    assert all(reason["because"] and reason["source"] for reason in report.fired)
    assert report.inputs["redness"] == 2
    assert report.inputs["hours"] is None
    assert report.rules_version == RUNNING.version
    assert report.answers["swelling"] == "mild"
    assert report.title == "Redness and swelling"


def test_an_urgent_report_holds_the_course(db, alice):
    report = an_urgent_report(db, alice)
    (hold,) = suitability.holds(db, alice, alice.id)
    assert report.level is Level.URGENT
    assert (hold.kind, hold.source_id) == (HoldKind.SIDE_EFFECT, report.id)


def test_no_mail_says_what_was_reported(db, alice, bob):
    report = a_report(db, alice, symptoms=["redness", "discharge"], discharge=["pus"], note="a secret")
    closed(db, bob, report)
    mails = db.exec(select(OutboxMail)).all()
    assert mails
    for mail in mails:
        text = f"{mail.subject} {mail.text}".lower()
        assert not any(word in text for word in ("redness", "pus", "secret", "side effect", "alice"))


def test_two_reports_in_a_minute_are_both_kept(db, alice):
    first, second = a_report(db, alice), a_report(db, alice)
    assert {report.id for report in queries.reports(db, alice, alice.id)} == {first.id, second.id}
    assert len(suitability.holds(db, alice, alice.id)) == 2


def test_redness_that_does_not_fade_is_seen_from_the_report_before(db, alice, bob):
    health_answers(db, alice)
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
@pytest.mark.parametrize("key", ["immune", "therapy", "systemic", "diabetes"])
def test_health_answers_lower_the_threshold(db, alice, bob, key, answer, fires):
    a_session_done(db, alice, bob, hours_ago=30)
    health_answers(db, alice, **{key: answer})
    assert ("D09" in [reason["id"] for reason in a_report(db, alice).fired]) is fires


@pytest.mark.parametrize(
    "key, risk",
    [("thinners", "anticoagulant"), ("bleeding", "anticoagulant"), ("keloid", "keloid"), ("allergy", "allergy")],
)
def test_each_answer_is_the_risk_it_means(db, alice, key, risk):
    health_answers(db, alice, **{key: "unsure"})
    assert queries.risks(db, alice, alice.id) == {risk}


def test_who_was_never_asked_is_judged_as_if_at_every_risk(db, alice, bob):
    assert queries.risks(db, alice, alice.id) == RISKS
    health_answers(db, alice)
    assert not queries.risks(db, bob, alice.id)


def test_the_answers_it_reads_cannot_be_taken_out_of_the_questions():
    assert set(queries.RISK_OF) == RELIED_UPON
    assert set(queries.RISK_OF.values()) == RISKS


def test_a_rise_after_a_fall_is_seen_over_the_reports_before(db, alice, bob):
    health_answers(db, alice)
    a_session_done(db, alice, bob, hours_ago=6)
    levels = [a_report(db, alice, redness="marked").level]
    for hours, redness in ((24, "faint"), (40, "mild")):
        with clock.travelled(timedelta(hours=hours)):
            levels.append(a_report(db, alice, redness=redness, trend="better").level)
    assert levels == [Level.EXPECTED, Level.EXPECTED, Level.DAY]


def test_a_watched_report_needs_nobody_and_holds_nothing(db, alice, bob):
    health_answers(db, alice)
    a_session_done(db, alice, bob, hours_ago=40)
    report = a_report(db, alice, symptoms=["swelling"], redness="faint", swelling="mild")
    assert report.level is Level.WATCH
    assert not report.is_open
    assert not suitability.holds(db, alice, alice.id)
    assert not queries.open_reports(db, bob)


def test_this_is_urgent_to_me_reaches_a_person_and_keeps_why(db, alice, bob):
    a_session_done(db, alice, bob)
    report = a_report(db, alice)
    fired = [reason["id"] for reason in report.fired]
    for _ in range(2):
        service.ask_for_person(db, alice, report)
    assert (report.level, report.is_open) == (Level.DAY, True)
    assert [reason["id"] for reason in report.fired] == ["D15", *fired]
    assert [one.id for one in queries.open_reports(db, bob)] == [report.id]
    assert len(suitability.holds(db, alice, alice.id)) == 1


def test_this_is_urgent_to_me_never_lowers_and_a_closed_report_stays_closed(db, alice, bob):
    urgent = an_urgent_report(db, alice)
    service.ask_for_person(db, alice, urgent)
    assert urgent.level is Level.URGENT
    closed(db, bob, urgent)
    with pytest.raises(Refused, match="report again"):
        service.ask_for_person(db, alice, urgent)


class Heard(list):
    """Everything an event tells."""

    def __call__(self, _db, *what):
        self.append(what)


def test_whoever_has_to_act_is_told(db, alice, bob, monkeypatch):
    for name in ("RAISED", "SEEN", "CLOSED"):
        monkeypatch.setattr(service, name, Event())
    raised, seen, ended = Heard(), Heard(), Heard()
    service.RAISED.listen(raised)
    service.SEEN.listen(seen)
    service.CLOSED.listen(ended)
    a_session_done(db, alice, bob)
    quiet = a_report(db, alice)
    assert not raised
    service.ask_for_person(db, alice, quiet)
    service.close(db, bob, quiet, RESOLVED)
    assert (raised, seen, ended) == ([(quiet,)], [(quiet, bob.id)], [(quiet,)])


def test_a_beginning_before_the_session_is_kept_and_judged_strictly(db, alice, bob):
    health_answers(db, alice)
    appointment = a_session_done(db, alice, bob, hours_ago=5)
    began = (appointment.ends_at - timedelta(days=4)).strftime("%Y-%m-%dT%H:%M")
    report = a_report(db, alice, redness="faint", began=began)
    assert report.level is Level.DAY
    assert report.hours == pytest.approx(5, abs=0.1)
    assert "W09" in [reason["id"] for reason in report.fired]


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
    closed(db, bob, report)
    assert not suitability.holds(db, alice, alice.id)
    assert not report.is_open
    assert (report.outcome, report.closed_by) == (Outcome.RESOLVED, bob.id)
    assert "Bob Birch has closed your report." in [notice.text for notice in notices_of(db, alice)]


def test_closing_one_report_leaves_the_hold_of_another(db, alice, bob):
    first, second = a_report(db, alice), a_report(db, alice)
    closed(db, bob, first)
    assert [hold.source_id for hold in suitability.holds(db, alice, alice.id)] == [second.id]


def test_a_closed_report_cannot_be_closed_again(db, alice, bob):
    report = a_report(db, alice)
    closed(db, bob, report)
    with pytest.raises(Refused, match="closed already"):
        service.close(db, bob, report, RESOLVED)


def test_every_step_is_in_the_audit(db, alice, bob):
    closed(db, bob, an_urgent_report(db, alice))
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
    closed(db, bob, a_report(db, alice))
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


def not_marked(db, client, practitioner, hours_ago):
    """A session whose time has come, and of which nobody has said yet whether it took place."""
    appointment = a_session_done(db, client, practitioner, hours_ago)
    appointment.state = State.BOOKED
    db.flush()
    return appointment


def test_a_session_of_today_counts_as_held_before_anybody_has_marked_it(db, alice, bob):
    health_answers(db, alice)
    a_session_done(db, alice, bob, hours_ago=35 * 24)
    latest = not_marked(db, alice, bob, 5)
    report = a_report(db, alice, redness="faint")
    assert (report.level, report.appointment_id) == (Level.EXPECTED, latest.id)
    assert report.hours == pytest.approx(5, abs=0.01)


@pytest.mark.parametrize("hours_ago", [37, -0.5])
def test_a_session_that_nobody_marks_for_long_makes_the_hours_unknown(db, alice, bob, hours_ago):
    health_answers(db, alice)
    a_session_done(db, alice, bob, hours_ago=35 * 24)
    latest = not_marked(db, alice, bob, hours_ago)
    fever = service.report(db, alice, checked(ReportForm, flags_answer="none", temperature="39.5", trend="same").value)
    assert (fever.level, fever.hours, fever.appointment_id) == (Level.DAY, None, latest.id)
    assert a_report(db, alice, redness="faint").level is Level.DAY


def test_a_session_that_is_still_to_come_was_cancelled_or_missed_changes_nothing(db, alice, bob):
    health_answers(db, alice)
    last = a_session_done(db, alice, bob, hours_ago=30)
    not_marked(db, alice, bob, -40)
    for state in (State.CANCELLED, State.NO_SHOW):
        not_marked(db, alice, bob, 3).state = state
    report = a_report(db, alice)
    assert (report.level, report.appointment_id) == (Level.EXPECTED, last.id)
    assert report.hours == pytest.approx(30, abs=0.01)


def test_what_was_told_before_a_session_was_marked_counts_after_it(db, alice, bob):
    health_answers(db, alice)
    visit = not_marked(db, alice, bob, 30)
    a_report(db, alice)
    visit.state = State.ATTENDED
    db.flush()
    after = queries.followed(db, alice, alice.id)
    (told,) = queries.earlier(db, alice.id, after)
    assert told.hours == pytest.approx(30, abs=0.01)
    with clock.travelled(timedelta(hours=30)):
        assert "D12" in [reason["id"] for reason in a_report(db, alice).fired]


def test_who_may_not_see_a_client_learns_nothing_of_a_session(db, alice, bob, charlie):
    a_session_done(db, alice, bob)
    assert queries.followed(db, charlie, alice.id) == (None, None)
    assert queries.followed(db, bob, alice.id).ended_at


@pytest.mark.parametrize("degrees, level", [("33", Level.DAY), ("35.0", Level.DAY), ("35.1", Level.EXPECTED)])
def test_a_low_temperature_reaches_a_person(db, alice, bob, degrees, level):
    health_answers(db, alice)
    a_session_done(db, alice, bob, hours_ago=30)
    said = checked(ReportForm, flags_answer="none", temperature=degrees, trend="same").value
    assert service.report(db, alice, said).level is level


def test_a_fever_reaches_a_person_however_late(db, alice, bob):
    health_answers(db, alice)
    a_session_done(db, alice, bob, hours_ago=800)
    said = checked(ReportForm, flags_answer="none", temperature="39.5", trend="same").value
    assert service.report(db, alice, said).level is Level.DAY
