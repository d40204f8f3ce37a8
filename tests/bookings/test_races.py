"""More people than times, all at once, with real transactions: nothing is given twice or lost, and all are told."""

import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import time, timedelta
from random import Random
from threading import Event

import pytest
from sqlalchemy import Engine
from sqlmodel import select, update

from portal.accounts.models import Person
from portal.accounts.rules import Viewer
from portal.bookings import queries, service
from portal.bookings.models import Appointment, SlotHold, TimeTaken
from portal.bookings.rules import State
from portal.kit import clock
from portal.kit.db import transaction
from portal.kit.errors import Refused, Unavailable
from portal.kit.jobs import Surroundings
from portal.treatments import queries as treatments
from portal.waiting import entries, jobs
from portal.waiting import queries as waiting
from portal.waiting import service as offers
from portal.waiting.models import WaitingOffer
from tests.make_bookings import a_slot
from tests.make_rush import Rush, a_rush, all_at_once, booked, wrongs
from tests.make_waiting import policy, waits

SLOT = re.compile(r'name="slot" value="([^"]+)"')


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
        if isinstance(made, Appointment) and made.is_booked:  # a second yes gives what was cancelled since
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
    [(1, 8, 12), pytest.param(2, 64, 8, marks=pytest.mark.thorough)],
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
    said = " ".join(sum((who.told for who in crowd), Counter()))
    assert "same moment" not in said, "two waited for each other"
    assert "busy" not in said
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
