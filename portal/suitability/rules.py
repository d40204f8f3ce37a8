"""THE GATE. Pure: no database, no clock, no web.

It opens only under a practitioner's signed verdict that says yes, covers this treatment as planned, has sessions left
and is valid on that day; under a standing signed consent; when the time to think and the scalp's rest are over, no
health answer has changed unseen, and nothing is on hold. It gives every reason for being shut, not the first. Where a
fact is missing it is shut.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo

from portal.consents.rules import ConsentFacts, ConsentState
from portal.questionnaires.rules import HealthChange, Meaning
from portal.suitability.answer import Code, GateAnswer, Reason
from portal.suitability.wording import WORDS


class Outcome(StrEnum):
    """What a practitioner decides at a consultation."""

    SUITABLE = "suitable"
    WITH_CONDITIONS = "with_conditions"
    DEFERRED = "deferred"
    NOT_SUITABLE = "not_suitable"

    @property
    def allows(self) -> bool:
        return self in {Outcome.SUITABLE, Outcome.WITH_CONDITIONS}


class HoldKind(StrEnum):
    """Who or what paused new treatment sessions."""

    SIDE_EFFECT = "side_effect"
    PRACTITIONER = "practitioner"


@dataclass(frozen=True, slots=True)
class VerdictFacts:
    """What the gate knows of the newest signed verdict. Dates are days in the clinic's time zone; depth in mm."""

    outcome: Outcome
    treatment_id: UUID
    signed_at: datetime
    sessions_covered: int = 0
    zones: frozenset[str] = frozenset()
    max_depth_mm: float | None = None
    deferred_until: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """Another treatment session, done or booked. `zones`: what was treated; empty: not known, so the whole scalp."""

    at: datetime
    zones: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class GateFacts:
    """Everything the gate looks at.

    `sessions`: the others of this client, done or booked. `sessions_counted`: how many of them use up the verdict.
    `has_begun`: a session was done before, so the time to think is over. `interval_days`: whole days of rest.
    `zones`, `depth_mm`: what the course plans; empty and None: not said. `time_zone`: IANA, the clinic's.
    """

    treatment_id: UUID
    needs_verdict: bool = True
    verdict: VerdictFacts | None = None
    consent: ConsentFacts = field(default_factory=lambda: ConsentFacts(ConsentState.MISSING))
    health: tuple[HealthChange, ...] = ()
    holds: tuple[HoldKind, ...] = ()
    sessions: tuple[SessionFacts, ...] = ()
    sessions_counted: int = 0
    has_begun: bool = False
    interval_days: int = 0
    cooling_off_days: int = 0
    zones: frozenset[str] = frozenset()
    depth_mm: float | None = None
    time_zone: str = "UTC"


def gate(facts: GateFacts, at: datetime) -> GateAnswer:
    """May this client have this treatment at `at` (aware)? `at` is the moment of the treatment, not of the booking."""
    if not facts.needs_verdict:
        return GateAnswer()
    on = _day(at, facts)
    return GateAnswer(tuple(reason for rule in _RULES for reason in rule(facts, on)))


def first_rested(after: date, others: Iterable[date], days: int) -> date:
    """The first day, `days` or more after `after`, that is also `days` or more away from every other session."""
    day = after + timedelta(days=days)
    for other in sorted(others):
        if abs((other - day).days) < days:
            day = other + timedelta(days=days)
    return day


_Rule = Callable[[GateFacts, date], Iterable[Reason]]


def _no_verdict(facts: GateFacts, _: date) -> Iterable[Reason]:
    if facts.verdict is None:
        yield _reason(Code.NO_VERDICT, "no verdict")


def _not_suitable(facts: GateFacts, _: date) -> Iterable[Reason]:
    if facts.verdict and facts.verdict.outcome is Outcome.NOT_SUITABLE:
        yield _reason(Code.NOT_SUITABLE, "not suitable")


def _deferred(facts: GateFacts, _: date) -> Iterable[Reason]:
    """A deferral never turns into a yes by itself: from that day on a practitioner looks again."""
    if facts.verdict and facts.verdict.outcome is Outcome.DEFERRED:
        yield _reason(Code.DEFERRED, "deferred", day=_plain(facts.verdict.deferred_until))


def _expired(facts: GateFacts, on: date) -> Iterable[Reason]:
    """The last valid day counts in full. A yes without one opens nothing."""
    if (verdict := _yes(facts)) and (verdict.valid_until is None or on > verdict.valid_until):
        yield _reason(Code.EXPIRED, "expired", day=_plain(verdict.valid_until))


def _other_treatment(facts: GateFacts, _: date) -> Iterable[Reason]:
    if (verdict := _yes(facts)) and verdict.treatment_id != facts.treatment_id:
        yield _reason(Code.OUT_OF_SCOPE, "other treatment")


def _used_up(facts: GateFacts, _: date) -> Iterable[Reason]:
    if (verdict := _yes(facts)) and facts.sessions_counted >= verdict.sessions_covered:
        yield _reason(Code.OUT_OF_SCOPE, "used up", count=verdict.sessions_covered)


def _other_zones(facts: GateFacts, _: date) -> Iterable[Reason]:
    if (verdict := _yes(facts)) and not facts.zones <= verdict.zones:
        yield _reason(Code.OUT_OF_SCOPE, "zones")


def _too_deep(facts: GateFacts, _: date) -> Iterable[Reason]:
    if (verdict := _yes(facts)) and facts.depth_mm is not None and facts.depth_mm > (verdict.max_depth_mm or 0):
        yield _reason(Code.OUT_OF_SCOPE, "depth")


def _health_changed(facts: GateFacts, on: date) -> Iterable[Reason]:
    """What changed since the verdict and was not looked at. One sentence each, however many answers say the same."""
    said = dict.fromkeys(_health_words(change, on) for change in facts.health)
    yield from (_reason(Code.HEALTH_CHANGED, words, day=_plain(until)) for words, until in said)


def _consent(facts: GateFacts, on: date) -> Iterable[Reason]:
    """The last valid day counts in full."""
    state, last = facts.consent.state, facts.consent.expires_on
    if state is ConsentState.SIGNED and last is not None and on > last:
        state = ConsentState.EXPIRED
    if state is not ConsentState.SIGNED:
        yield _reason(Code.CONSENT, f"consent {state.value.replace('_', ' ')}", day=_plain(last))


def _cooling_off(facts: GateFacts, on: date) -> Iterable[Reason]:
    """Counted in days at the clinic from the later of verdict and consent, for the first session only."""
    if facts.has_begun or not (verdict := _yes(facts)):
        return
    known = [at for at in (verdict.signed_at, facts.consent.signed_at) if at]
    first = _day(max(known), facts) + timedelta(days=facts.cooling_off_days)
    if on < first:
        yield _reason(Code.COOLING_OFF, "cooling off", first, day=_plain(first))


def _too_soon(facts: GateFacts, on: date) -> Iterable[Reason]:
    """Rest is counted in calendar days at the clinic, so that a clock change moves nothing; it holds towards the
    session before and towards the one booked after. Sessions on other zones only do not count.
    """
    days = sorted(_day(one.at, facts) for one in facts.sessions if _same_skin(one.zones, facts.zones))
    last = max((day for day in days if day <= on), default=None)
    following = min((day for day in days if day > on), default=None)
    if last and (on - last).days < facts.interval_days:
        yield _rest("too soon", last, days, facts.interval_days)
    if following and (following - on).days < facts.interval_days:
        yield _rest("too close", following, days, facts.interval_days)


def _on_hold(facts: GateFacts, _: date) -> Iterable[Reason]:
    if HoldKind.PRACTITIONER in facts.holds:
        yield _reason(Code.HOLD, HoldKind.PRACTITIONER)


def _side_effect(facts: GateFacts, _: date) -> Iterable[Reason]:
    if HoldKind.SIDE_EFFECT in facts.holds:
        yield _reason(Code.SIDE_EFFECT, HoldKind.SIDE_EFFECT)


_RULES: tuple[_Rule, ...] = (
    _no_verdict,
    _not_suitable,
    _deferred,
    _expired,
    _other_treatment,
    _used_up,
    _other_zones,
    _too_deep,
    _health_changed,
    _consent,
    _cooling_off,
    _too_soon,
    _side_effect,
    _on_hold,
)


def _reason(code: Code, words: str, opens_on: date | None = None, **known: object) -> Reason:
    sentence, client_next, clinic_next = (text.format(**known) for text in WORDS[words])
    return Reason(code, sentence, client_next, clinic_next, opens_on)


def _rest(words: str, near: date, days: Sequence[date], interval: int) -> Reason:
    rested = first_rested(near, days, interval)
    return _reason(Code.TOO_SOON, words, rested, days=interval, last=_plain(near), day=_plain(rested))


def _health_words(change: HealthChange, on: date) -> tuple[str, date | None]:
    if change.meaning is Meaning.STOP:
        return "health stop", None
    if change.meaning is Meaning.NOT_NOW and change.until:
        return ("health not now" if on < change.until else "health asked again"), change.until
    return "health decide", None


def _same_skin(one: frozenset[str], other: frozenset[str]) -> bool:
    """Zones that are not known may be any."""
    return not one or not other or bool(one & other)


def _yes(facts: GateFacts) -> VerdictFacts | None:
    return facts.verdict if facts.verdict and facts.verdict.outcome.allows else None


def _day(at: datetime, facts: GateFacts) -> date:
    return at.astimezone(ZoneInfo(facts.time_zone)).date()


def _plain(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else "another day"
