"""More people than times, all at once, with real transactions: nothing is given twice or lost, and all are told."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import time, timedelta
from random import Random
from threading import Barrier, Event

import pytest
from sqlalchemy import Engine
from sqlmodel import select, update

from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.bookings import queries, service
from portal.bookings.models import Appointment, SlotHold, TimeTaken
from portal.bookings.rules import State
from portal.consents import queries as consent_queries
from portal.consents import service as consents
from portal.kit import clock
from portal.kit.db import make_engine, transaction
from portal.kit.errors import Refused, Unavailable
from portal.kit.jobs import Surroundings
from portal.suitability import service as suitability
from portal.suitability.rules import HoldKind
from portal.treatments import queries as treatments
from portal.waiting import entries, jobs
from portal.waiting import queries as waiting
from portal.waiting import service as offers
from portal.waiting.models import WaitingOffer
from tests.make_availability import a_week
from tests.make_bookings import a_slot, a_treatment_session
from tests.make_rush import Rush, a_rush, booked, wrongs
from tests.make_waiting import an_open_gate, policy, waits

SLOT = re.compile(r'name="slot" value="([^"]+)"')


@pytest.fixture
def wide(engine):
    """The same database for many threads; a loser on PostgreSQL waits in it, not for a connection."""
    made = make_engine(engine.url.render_as_string(hide_password=False), 64)
    yield made
    made.dispose()


@dataclass
class Somebody:
    """One client in a thread of their own, and what they were told: what they have, and each refusal."""

    engine: Engine
    rush: Rush
    me: Viewer
    random: Random
    has: dict = field(default_factory=dict)
    told: Counter = field(default_factory=Counter)

    def slots(self, treatment, moving=None):
        """The free times of the first day, in any order, that has one."""
        for day in self.random.sample(self.rush.days, len(self.rush.days)):
            with transaction(self.engine, write=False) as db:
                found = queries.slots(db, self.me, treatment, day, 1, None, self.me.id, moving)[0].slots
            if found:
                return found
        return []

    def tries(self, act):
        """What `act(db)` gives in a transaction of its own, or None and the sentence noted."""
        try:
            with transaction(self.engine) as db:
                made = act(db)
        except (Refused, Unavailable) as error:
            self.told[error.sentence] += 1
            return None
        if isinstance(made, Appointment):
            self.has[made.id] = made.starts_at
        return made

    def books(self, treatment, slot, hold_id=None):
        who, when = slot.practitioner_id, slot.starts_at
        return self.tries(lambda db: service.book(db, self.me, self.me.id, treatment, who, when, hold_id))

    def gets_all(self):
        """Every treatment once, unless nothing is left."""
        for treatment in self.rush.treatments:
            while slots := self.slots(treatment):
                if self.books(treatment, self.random.choice(slots)):
                    break

    def lives(self, times):
        """Anything anybody may do, in any order."""
        verbs = [self.take, self.keep, self.keep, self.move, self.move, self.give_up, self.wait, self.answer]
        for _ in range(times):
            self.random.choice(verbs)()

    def take(self):
        treatment = self.random.choice(self.rush.treatments)
        if slots := self.slots(treatment):
            self.books(treatment, self.random.choice(slots[:3]))

    def keep(self):
        """Hold a time, sometimes for too long, and sometimes confirm it."""
        treatment = self.random.choice(self.rush.treatments)
        slots = self.slots(treatment)
        if not slots:
            return
        slot = self.random.choice(slots[:3])
        who, when = slot.practitioner_id, slot.starts_at
        kept = self.tries(lambda db: service.hold(db, self.me, self.me.id, treatment, who, when))
        if kept and self.random.random() < 0.4:
            self.tries(lambda db: lets_lapse(db, kept.id))
        if kept and self.random.random() < 0.6:
            self.books(treatment, slot, kept.id)

    def move(self):
        if not self.has:
            return
        mine = self.random.choice(list(self.has))
        with transaction(self.engine, write=False) as db:
            treatment = treatments.get(db, queries.appointment(db, self.me, mine).treatment_id)
        if slots := self.slots(treatment, mine):
            slot = self.random.choice(slots[:3])
            self.tries(lambda db: self._moved(db, mine, slot))

    def _moved(self, db, mine, slot):
        found = queries.appointment(db, self.me, mine)
        return service.move(db, self.me, found, slot.starts_at, slot.practitioner_id, "Another day")

    def give_up(self):
        if self.has:
            mine = self.random.choice(list(self.has))
            if self.tries(lambda db: self._cancelled(db, mine)):
                del self.has[mine]

    def _cancelled(self, db, mine):
        service.cancel(db, self.me, queries.appointment(db, self.me, mine), "Ill")
        return True

    def wait(self):
        self.tries(lambda db: waits(db, self.me, self.random.choice(self.rush.treatments)))

    def answer(self):
        """Yes to what is offered, or sometimes no."""
        with transaction(self.engine, write=False) as db:
            asked = db.exec(select(WaitingOffer.id).where(WaitingOffer.client_id == self.me.id)).all()
        verb = offers.decline if self.random.random() < 0.3 else offers.accept
        for one in asked[-1:]:
            self.tries(lambda db, one=one: verb(db, self.me, waiting.offer(db, self.me, one)))


def crowd_of(engine, rush, seed=0):
    return [Somebody(engine, rush, one, Random(seed * 1000 + n)) for n, one in enumerate(rush.clients)]


def lets_lapse(db, hold_id):
    """The minutes are over, for this hold alone: the clock is everybody's."""
    db.exec(update(SlotHold).where(SlotHold.id == hold_id).values(expires_at=clock.now()))
    db.exec(update(TimeTaken).where(TimeTaken.owner_id == hold_id).values(expires_at=clock.now()))


def all_at_once(acts):
    """Each in a thread of its own, beginning together; what one raises is raised here."""
    ready = Barrier(len(acts))

    def run(act):
        ready.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def nothing_is_wrong(engine, crowd):
    """No double booking, no time taken by nobody, and everybody has what they were told they have, and nothing else."""
    with transaction(engine, write=False) as db:
        assert not wrongs(db)
        there = {(one.client_id, one.id, one.starts_at) for one in booked(db)}
    assert there == {(who.me.id, one, at) for who in crowd for one, at in who.has.items()}


@pytest.mark.parametrize("clients, days, at_once", [(14, 3, 2), pytest.param(64, 5, 5, marks=pytest.mark.thorough)])
def test_everything_is_sold_once_and_whoever_gets_nothing_is_told(wide, clients, days, at_once):
    with transaction(wide) as db:
        rush = a_rush(db, clients, days, at_once)
    crowd = crowd_of(wide, rush)
    all_at_once([who.gets_all for who in crowd])
    nothing_is_wrong(wide, crowd)
    assert sum(len(who.has) for who in crowd) == rush.capacity < clients * len(rush.treatments)
    said = sum((who.told for who in crowd), Counter())
    assert set(said) <= {"That time is no longer free. Please choose another one."}


def test_as_many_as_there_are_rooms_find_one_at_the_same_hour(wide):
    with transaction(wide) as db:
        rush = a_rush(db, clients=8, days=1, open_at_once=8, spare=1)
        slots = [
            queries.slots(db, who, rush.treatments[0], rush.days[0], 1, one.id)[0].slots
            for who, one in zip(rush.clients, rush.practitioners, strict=False)
        ]
    crowd = crowd_of(wide, rush)
    all_at_once([lambda n=n, who=who: who.books(rush.treatments[0], slots[n][0]) for n, who in enumerate(crowd)])
    assert [len(who.has) for who in crowd] == [1] * 8, [who.told for who in crowd]
    nothing_is_wrong(wide, crowd)


@pytest.mark.parametrize(
    "seed, clients, times",
    [(1, 8, 12), *[pytest.param(seed, 64, 12, marks=pytest.mark.thorough) for seed in (2, 3)]],
)
def test_moves_cancellations_holds_and_offers_at_once_lose_nothing(wide, seed, clients, times):
    with transaction(wide) as db:
        rush = a_rush(db, clients, days=2, open_at_once=max(2, clients // 16), spare=1)
        policy(db, quiet_from=time(0), quiet_until=time(0))
    crowd = crowd_of(wide, rush, seed)
    over = Event()

    def clinic():
        while not over.is_set():
            clinic_works(wide)
            over.wait(0.05)

    with ThreadPoolExecutor(2) as workers:
        running = [workers.submit(clinic) for _ in range(2)]
        try:
            all_at_once([lambda who=who: who.lives(times) for who in crowd])
        finally:
            over.set()
        for one in running:
            one.result()
    nothing_is_wrong(wide, crowd)
    with clock.travelled(timedelta(hours=5)):  # every hold has lapsed, and every offer
        all_at_once([lambda: clinic_works(wide)] * 3 + [who.answer for who in crowd[:8]])
        nothing_is_wrong(wide, crowd)
    with clock.travelled(timedelta(hours=10)):
        clinic_works(wide)
        with transaction(wide, write=False) as db:
            kept, taken = set(db.exec(select(SlotHold.id))), set(db.exec(select(TimeTaken.owner_id)))
            assert kept <= {one.slot_hold_id for one in waiting.every_open_offer(db)}, "what lapsed is swept away"
        assert taken == {one for who in crowd for one in who.has} | kept


def clinic_works(engine):
    """What the minute's tick and the waiting list's job do."""
    for tick in (service.let_go, service.sweep, entries.tick):
        with suppress(Unavailable), transaction(engine) as db:
            tick(db)
    with suppress(Unavailable):
        jobs.offer(Surroundings(engine, None), {})


@pytest.mark.parametrize("rounds", [1, pytest.param(6, marks=pytest.mark.thorough)])
@pytest.mark.parametrize("shut", ["hold", "withdraw"])
@pytest.mark.parametrize("verb", ["book", "move"])
def test_no_session_slips_past_a_gate_that_shuts_at_that_moment(wide, bob, erin, clinic_day, verb, shut, rounds):
    with transaction(wide) as db:
        a_week(db, erin, "17:00", "22:00")
        policy(db, horizon_days=300)
    for number in range(rounds):
        people = [person(wide, bob, f"{number}-{one}") for one in range(6)]
        acts = []
        for place, one in enumerate(people):
            begin, to = standing(wide, one, bob, 3 + place) if verb == "move" else (None, None)
            acts.append(lambda one=one, place=place, b=begin, t=to: changes(wide, one, bob, 3 + place, b, t))
            acts.append(lambda one=one: shuts(wide, one, bob, shut))
        Random(number).shuffle(acts)
        all_at_once(acts)
        with transaction(wide, write=False) as db:
            open_ones = [one for one in booked(db) if one.client_id in {who.id for who in people}]
        assert all(one.is_on_hold for one in open_ones), [one.starts_at for one in open_ones if not one.is_on_hold]


@pytest.mark.postgres
def test_a_session_that_moved_meanwhile_counts_where_it_is_now(wide, alice, bob, suitable, needling):
    with transaction(wide) as db:
        policy(db, horizon_days=300)
        early = a_treatment_session(db, alice, bob, in_days=5)
        late, between = (a_slot(db, bob, needling, bob, in_days=day) for day in (60, 50))
    with transaction(wide) as db:
        assert queries.appointments(db, alice, alice.id)  # as a page does before it books
        with transaction(wide) as other:
            mine = queries.appointment(other, bob, early.id)
            service.move(other, bob, mine, late.starts_at, bob.id, "Another day")
        with pytest.raises(Refused, match="rest"):
            service.book(db, alice, alice.id, needling, bob.id, between.starts_at)


def person(engine, bob, name):
    with transaction(engine) as db:
        one = Person(name=f"Client {name}", email=f"client{name}@gate.test")
        db.add(one)
        db.flush()
        an_open_gate(db, bob, one.as_viewer())
        return one.as_viewer()


def standing(engine, who, bob, day):
    with transaction(engine) as db:
        needling = treatments.needling(db)
        slot = a_slot(db, who, needling, bob, day, 9, who)
        made = service.book(db, who, who.id, needling, bob.id, slot.starts_at)
        later = a_slot(db, who, needling, bob, day + 10, 9, who)
        return made.id, later.starts_at


def changes(engine, who, bob, day, mine, to):
    """Book a session, or move the one there is."""
    with suppress(Refused), transaction(engine) as db:
        if mine:
            service.move(db, who, queries.appointment(db, who, mine), to, bob.id, "Another day")
        else:
            needling = treatments.needling(db)
            slot = a_slot(db, who, needling, bob, day, 9, who)
            service.book(db, who, who.id, needling, bob.id, slot.starts_at)


def shuts(engine, who, bob, how):
    with transaction(engine) as db:
        if how == "hold":
            suitability.place_hold(db, bob, who.id, HoldKind.PRACTITIONER, "Let us look first.")
        else:
            (consent,) = consent_queries.signatures(db, who, who.id)
            consents.withdraw(db, who, consent.id)


def test_seven_of_eight_who_press_the_same_button_see_other_times(signed_in, engine, bob, consultation):
    with transaction(engine) as db:
        people = [Person(name=f"Client {n}", email=f"client{n}@example.test") for n in range(8)]
        db.add_all(people)
        db.flush()
        slot = a_slot(db, people[0].as_viewer(), consultation, bob)
        clients = [one.as_viewer() for one in people]
    browsers = [signed_in(one) for one in clients]
    data = {"treatment": consultation.slug, "slot": slot.value, "who": str(bob.id)}
    pages = all_at_once([lambda one=one: one.post("/appointments", data=data) for one in browsers])
    assert sorted(page.status_code for page in pages) == [303, *[409] * 7]
    for page in pages:
        if page.status_code == 409:
            assert "no longer free" in page.text
            others = [value.replace("&#43;", "+") for value in SLOT.findall(page.text)]
            assert others
            assert slot.value not in others
    with transaction(engine, write=False) as db:
        assert len(db.exec(select(Appointment).where(Appointment.state == State.BOOKED)).all()) == 1
        assert not wrongs(db)
