"""Whatever happens in whatever order: no future session stands whose gate is shut, unless a practitioner said why."""

from contextlib import ExitStack
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import Engine
from sqlmodel import Session, col, select

from portal.bookings import claims, gatekeeping, gates, queries, service, whole_course
from portal.bookings.models import Appointment, GateOverride, TimeTaken
from portal.bookings.rules import Override, OverrideKind, State
from portal.consents import queries as consents
from portal.consents import service as consent_service
from portal.consents.models import Consent
from portal.courses import queries as courses
from portal.courses import service as course_service
from portal.courses.forms import EndForm
from portal.kit import clock
from portal.kit.errors import PortalError
from portal.kit.forms import checked
from portal.kit.jobs import Job, JobState
from portal.side_effects import service as side_effects
from portal.side_effects.forms import CloseForm
from portal.side_effects.models import SideEffectReport
from portal.suitability import service as suitability
from portal.suitability.models import Hold, Verdict
from portal.suitability.rules import HoldKind
from portal.treatments import service as catalogue
from tests.gate.facts import as_form
from tests.gate.world import at
from tests.make_availability import a_week
from tests.make_consents import a_signed_consent
from tests.make_escalations import an_action
from tests.make_questionnaires import health_answers
from tests.make_side_effects import an_urgent_report
from tests.make_suitability import a_course, a_needling, a_verdict
from tests.people import Cast

DAYS = st.integers(1, 80)
WHY = st.sampled_from(OverrideKind)
WHO = st.sampled_from(["client", "team"])
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")


class History(RuleBasedStateMachine):
    """Every run begins with a clinic in which Alice was found suitable, and is rolled back in the end."""

    engine: Engine
    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.stack = ExitStack()
        self.db = self.stack.enter_context(Session(self.engine, expire_on_commit=False))
        self.alice, self.bob, self.erin = self.cast.alice, self.cast.bob, self.cast.erin
        self.needling = a_needling(self.db)
        self.needling.interval_days = 14
        for who in (self.bob, self.erin):
            a_week(self.db, who)
        a_verdict(self.db, self.bob, self.alice)

    def teardown(self) -> None:
        self.db.rollback()
        self.stack.close()

    def tries(self, act: Any) -> None:
        """A refusal is an answer; half of what was refused must not stay."""
        nested = self.db.begin_nested()
        try:
            act()
        except PortalError:
            nested.rollback()
        else:
            nested.commit()
        for job in self.db.exec(select(Job).where(Job.kind == gatekeeping.RECHECK, Job.state == JobState.READY)):
            job.state = JobState.DONE
            gatekeeping.recheck(self.db, self.alice.id)

    def actor(self, who: str) -> Any:
        return self.alice if who == "client" else self.bob

    def booked(self) -> list[Appointment]:
        return list(queries.ahead(self.db, self.alice.id))

    def pick(self, number: int) -> Appointment | None:
        known = self.booked()
        return known[number % len(known)] if known else None

    # ---- facts ----

    @rule(
        outcome=st.sampled_from(["suitable", "suitable", "deferred", "not_suitable"]),
        sessions=st.integers(1, 4),
        days=st.integers(20, 120),
        zone=st.sampled_from(["vertex", "back"]),
    )
    def a_verdict_is_signed(self, outcome: str, sessions: int, days: int, zone: str) -> None:
        last = clock.now().date() + timedelta(days=days)
        given: dict[str, Any] = {
            "outcome": outcome,
            "sessions": sessions,
            "valid_until": last,
            "zones": [zone, "frontal"],
        }
        self.tries(lambda: a_verdict(self.db, self.bob, self.alice, consents=False, despite_answers="Seen.", **given))

    @rule()
    def the_consent_is_signed(self) -> None:
        self.tries(lambda: a_signed_consent(self.db, self.alice, self.needling))

    @rule()
    def the_consent_is_withdrawn(self) -> None:
        standing = [one for one in consents.signatures(self.db, self.alice, self.alice.id) if not one.withdrawn_at]
        if standing:
            self.tries(lambda: consent_service.withdraw(self.db, self.alice, standing[0].id))

    @rule(given=st.sampled_from([{}, {"thinners": "yes"}, {"infection": "yes"}, {"pregnancy": "unsure"}]))
    def health_questions_are_answered(self, given: dict[str, str]) -> None:
        self.tries(lambda: health_answers(self.db, self.alice, **given))

    @rule()
    def a_practitioner_pauses(self) -> None:
        self.tries(
            lambda: suitability.place_hold(self.db, self.bob, self.alice.id, HoldKind.PRACTITIONER, "Please wait.")
        )

    @rule()
    def every_pause_ends(self) -> None:
        for hold in self.db.exec(select(Hold).where(col(Hold.lifted_at).is_(None))).all():
            self.tries(lambda hold=hold: suitability.lift_hold(self.db, self.bob, hold.id))

    @rule()
    def a_side_effect_is_reported(self) -> None:
        self.tries(lambda: an_urgent_report(self.db, self.alice))

    @rule()
    def side_effects_are_closed(self) -> None:
        for one in self.db.exec(select(SideEffectReport).where(col(SideEffectReport.closed_at).is_(None))).all():
            form = checked(CloseForm, outcome="resolved", note="Gone.").value
            self.tries(lambda one=one: an_action(self.db, self.bob, one))
            self.tries(lambda one=one, form=form: side_effects.close(self.db, self.bob, one, form))

    @rule(interval=st.sampled_from([14, 21, 60]), thinking=st.sampled_from([0, 1, 30]))
    def the_clinic_changes_its_treatment(self, interval: int, thinking: int) -> None:
        form = as_form(self.needling, interval_days=interval, cooling_off_days=thinking)
        self.tries(lambda: catalogue.save(self.db, None, form, self.needling))

    @rule(zones=st.sampled_from([[], ["vertex"], ["back"]]), interval=st.sampled_from([14, 28]))
    def a_course_is_agreed(self, zones: list[str], interval: int) -> None:
        plan = {"zones": zones, "interval_days": interval, "sessions_planned": 2}
        self.tries(lambda: a_course(self.db, self.bob, self.alice, **plan))

    @rule()
    def the_course_ends(self) -> None:
        form = checked(EndForm, reason="Done").value
        self.tries(lambda: course_service.end(self.db, self.bob, self.alice.id, form))

    # ---- appointments ----

    @rule(who=WHO, days=DAYS, hour=st.integers(9, 15))
    def somebody_books(self, who: str, days: int, hour: int) -> None:
        when = at(self.db, days, hour)
        book = service.book
        self.tries(lambda: book(self.db, self.actor(who), self.alice.id, self.needling, self.bob.id, when))

    @rule(days=DAYS, kind=WHY)
    def a_practitioner_books_in_spite_of_the_gate(self, days: int, kind: OverrideKind) -> None:
        why, when, book = Override(kind, "Weighed with the client."), at(self.db, days, 10), service.book
        who = (self.db, self.bob, self.alice.id)
        self.tries(lambda: book(*who, self.needling, self.bob.id, when, override=why))

    @precondition(lambda self: courses.running(self.db, self.alice.id))
    @rule(who=WHO)
    def the_whole_course_is_booked(self, who: str) -> None:
        def act() -> None:
            lines = whole_course.propose(self.db, self.alice.id).open_lines
            chosen = [(line.offers[0].practitioner_id, line.offers[0].starts_at) for line in lines if line.offers]
            times = [whole_course.Chosen(*one) for one in chosen]
            whole_course.book_all(self.db, self.actor(who), self.alice.id, times)

        self.tries(act)

    @rule(who=WHO, number=st.integers(0, 5), days=DAYS, follow=st.booleans())
    def somebody_moves(self, who: str, number: int, days: int, *, follow: bool) -> None:
        if one := self.pick(number):
            move = whole_course.move_with_following if follow else service.move
            when = at(self.db, days, 11)
            self.tries(lambda: move(self.db, self.actor(who), one, when, self.erin.id, "A journey"))

    @rule(who=WHO, number=st.integers(0, 5))
    def somebody_cancels(self, who: str, number: int) -> None:
        if one := self.pick(number):
            self.tries(lambda: service.cancel(self.db, self.actor(who), one, "Ill"))

    @rule(number=st.integers(0, 5), kind=WHY)
    def a_practitioner_lets_one_stand(self, number: int, kind: OverrideKind) -> None:
        if one := self.pick(number):
            why = Override(kind, "Weighed with the client.")
            self.tries(lambda: gatekeeping.override_standing(self.db, self.bob, one, why))

    @rule()
    def a_second_one_countersigns(self) -> None:
        for one in queries.to_countersign(self.db, self.erin):
            self.tries(lambda one=one: gatekeeping.countersign(self.db, self.erin, one.id))

    # ---- time ----

    @rule(hours=st.sampled_from([1, 30, 24 * 8, 24 * 40]))
    def time_goes_on(self, hours: int) -> None:
        self.stack.enter_context(clock.travelled(timedelta(hours=hours)))
        self.tries(lambda: service.let_go(self.db))
        self.tries(lambda: gatekeeping.nightly(self.db))

    @precondition(lambda self: self.booked())
    @rule(came=st.booleans())
    def the_next_session_begins(self, *, came: bool) -> None:
        one = self.booked()[0]
        self.stack.enter_context(clock.travelled(one.starts_at - clock.now() + timedelta(minutes=1)))
        self.tries(lambda: service.let_go(self.db))
        self.tries(lambda: (service.attend if came else service.no_show)(self.db, self.bob, one))

    # ---- what must be true ----

    @invariant()
    def what_stands_is_allowed(self) -> None:
        ask = gates.standing_gates(self.db, self.alice.id, self.needling)
        for one in self.booked():
            assert one.is_on_hold is not ask(one).is_open, (one.on_hold_codes, ask(one).codes)

    @invariant()
    def what_stands_without_a_reason_has_its_papers(self) -> None:
        """Asked of the tables directly, not of the gate."""
        passed = {one.appointment_id for one in self.db.exec(select(GateOverride)) if one.is_effective}
        newest = self.db.exec(select(Verdict).order_by(col(Verdict.signed_at).desc())).first()
        signed = self.db.exec(select(Consent).where(col(Consent.withdrawn_at).is_(None))).all()
        paused = self.db.exec(select(Hold).where(col(Hold.lifted_at).is_(None))).all()
        counting = select(Appointment).where(col(Appointment.state).in_((State.BOOKED, State.ATTENDED)))
        every = self.db.exec(counting).all()

        def before(one: Appointment) -> list[date]:
            return [other.starts_at.date() for other in every if other.starts_at < one.starts_at]

        for one in self.booked():
            if not one.is_on_hold and one.id not in passed:
                assert newest
                assert newest.outcome.allows
                assert newest.valid_until
                assert one.starts_at.date() <= newest.valid_until + timedelta(days=1)
                assert signed
                assert not paused
                rest = self.needling.interval_days - 1
                assert all((one.starts_at.date() - day).days >= rest for day in before(one))

    @invariant()
    def an_override_is_never_alone_where_two_must_agree(self) -> None:
        for one in self.db.exec(select(GateOverride)):
            assert one.reason
            assert one.countersigned_by_id != one.by_id

    @invariant()
    def time_is_taken_by_what_takes_place(self) -> None:
        owners = {row.owner_id for row in self.db.exec(select(TimeTaken))}
        living = [one for one in self.db.exec(select(Appointment)) if one.state is not State.CANCELLED]
        assert owners == {one.id for one in living}
        for one in living:
            others = claims.taken(self.db, one.subjects, one.blocked, [one.id])
            assert not any(other.begins for other in others.values())


def test_no_future_session_stands_whose_gate_is_shut(engine, cast):
    _run(engine, cast, examples=12, steps=30)


@pytest.mark.thorough
def test_nor_after_many_long_histories(engine, cast):
    _run(engine, cast, examples=60, steps=60)


def _run(engine: Any, cast: Any, *, examples: int, steps: int) -> None:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    chosen = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=checks, database=None
    )
    run_state_machine_as_test(type("Run", (History,), {"engine": engine, "cast": cast}), settings=chosen)
