"""THE GATE. Pure: no database, no clock, no web.

It opens only under a practitioner's signed verdict that says yes, covers this treatment, has sessions left and is valid
on that day, when the scalp has rested and nothing is on hold. It gives every reason for being shut, not the first.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID
from zoneinfo import ZoneInfo


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
    HEALTH_ANSWER = "health_answer"
    PRACTITIONER = "practitioner"


class Code(StrEnum):
    """Why the gate is shut."""

    NO_VERDICT = "no_verdict"
    NOT_SUITABLE = "not_suitable"
    DEFERRED = "deferred"
    EXPIRED = "expired"
    OUT_OF_SCOPE = "out_of_scope"
    TOO_SOON = "too_soon"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class VerdictFacts:
    """What the gate knows of the newest signed verdict. Dates are days in the clinic's time zone."""

    outcome: Outcome
    treatment_id: UUID
    sessions_covered: int = 0
    deferred_until: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class GateFacts:
    """Everything the gate looks at.

    `sessions_done`: done or booked since the verdict was signed. `last_done_at`: the treatment session before the one
    in question. `interval_days`: whole days of rest after it. `time_zone`: IANA, the clinic's.
    """

    treatment_id: UUID
    needs_verdict: bool = True
    verdict: VerdictFacts | None = None
    sessions_done: int = 0
    last_done_at: datetime | None = None
    interval_days: int = 0
    holds: tuple[HoldKind, ...] = ()
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the gate is shut, what each side can do next, and the day on which waiting alone removes it (None: never).

    No free text of a verdict or a hold stands here: who reads a refusal may not be allowed to read those.
    """

    code: Code
    sentence: str
    client_next: str
    clinic_next: str
    opens_on: date | None = None


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """Open, or shut with all reasons."""

    reasons: tuple[Reason, ...] = ()

    @property
    def is_open(self) -> bool:
        return not self.reasons

    @property
    def opens_on(self) -> date | None:
        """The first day on which waiting alone will have opened it; None when it is open or waiting is not enough."""
        days = [reason.opens_on for reason in self.reasons if reason.opens_on]
        return max(days) if days and len(days) == len(self.reasons) else None

    @property
    def to_client(self) -> str:
        """All reasons and next steps as one text for the client."""
        return " ".join(f"{reason.sentence} {reason.client_next}" for reason in self.reasons)

    @property
    def to_clinic(self) -> str:
        """The same for the clinic's team."""
        return " ".join(f"{reason.sentence} {reason.clinic_next}" for reason in self.reasons)


def gate(facts: GateFacts, at: datetime) -> GateAnswer:
    """May this client have this treatment at `at` (aware)? `at` is the moment of the treatment, not of the booking."""
    if not facts.needs_verdict:
        return GateAnswer()
    on = _day(at, facts)
    return GateAnswer(tuple(reason for rule in _RULES for reason in rule(facts, on)))


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
    """The last valid day counts in full. A yes without one opens nothing: where a fact is missing the gate is shut."""
    if (verdict := _yes(facts)) and (verdict.valid_until is None or on > verdict.valid_until):
        yield _reason(Code.EXPIRED, "expired", day=_plain(verdict.valid_until))


def _other_treatment(facts: GateFacts, _: date) -> Iterable[Reason]:
    if (verdict := _yes(facts)) and verdict.treatment_id != facts.treatment_id:
        yield _reason(Code.OUT_OF_SCOPE, "other treatment")


def _used_up(facts: GateFacts, _: date) -> Iterable[Reason]:
    if (verdict := _yes(facts)) and facts.sessions_done >= verdict.sessions_covered:
        yield _reason(Code.OUT_OF_SCOPE, "used up", count=verdict.sessions_covered)


def _too_soon(facts: GateFacts, on: date) -> Iterable[Reason]:
    """Rest is counted in calendar days at the clinic, so that a clock change moves nothing."""
    if facts.last_done_at:
        last = _day(facts.last_done_at, facts)
        rested = last + timedelta(days=facts.interval_days)
        if on < rested:
            known = {"days": facts.interval_days, "last": _plain(last), "day": _plain(rested)}
            yield _reason(Code.TOO_SOON, "too soon", rested, **known)


def _on_hold(facts: GateFacts, _: date) -> Iterable[Reason]:
    yield from (_reason(Code.HOLD, kind) for kind in facts.holds)


_RULES: tuple[_Rule, ...] = (
    _no_verdict,
    _not_suitable,
    _deferred,
    _expired,
    _other_treatment,
    _used_up,
    _too_soon,
    _on_hold,
)
# What is said: why it is shut (to the client), what the client can do next, what the clinic can do next.
_WORDS: dict[str, tuple[str, str, str]] = {
    "no verdict": (
        "A practitioner has not yet decided with you whether this treatment suits you.",
        "Please book a free consultation first.",
        "Book a consultation, then sign a verdict.",
    ),
    "not suitable": (
        "Your practitioner found that this treatment does not suit you for now.",
        "Your page “Suitability” says why. If something has changed, please call us or book a free consultation.",
        "Only a new signed verdict opens booking.",
    ),
    "deferred": (
        "Your practitioner would like to wait until {day} before deciding.",
        "Please book a free consultation for {day} or later.",
        "See the client on {day} or later, then sign a new verdict.",
    ),
    "expired": (
        "Your practitioner’s decision is valid for sessions up to {day}.",
        "Please choose an earlier day, or book a free consultation to renew it.",
        "Offer an earlier day, or see the client and sign a new verdict.",
    ),
    "other treatment": (
        "Your practitioner’s decision is about another treatment.",
        "Please book the treatment you agreed on, or a free consultation about this one.",
        "Book the treatment that the verdict covers, or sign a new verdict.",
    ),
    "used up": (
        "Your practitioner’s decision covers a number of sessions ({count}), and all of them are done or booked.",
        "Please book a free consultation to look at the result together and decide how to go on.",
        "See the client and sign a new verdict for further sessions.",
    ),
    "too soon": (
        "The scalp rests for {days} days between sessions, and the one before is on {last}.",
        "Please choose {day} or a later day.",
        "Offer {day} or a later day.",
    ),
    HoldKind.SIDE_EFFECT: (
        "New sessions are paused until we have looked after what you reported.",
        "You need not do anything: we will be in touch. If it gets worse, please report it again or call us.",
        "Review and close the report: that ends the pause.",
    ),
    HoldKind.HEALTH_ANSWER: (
        "New sessions are paused until a practitioner has looked at your new health answers.",
        "You need not do anything: we will be in touch. If you wait too long, please call us.",
        "Look at the changed answers and sign a new verdict: that ends the pause.",
    ),
    HoldKind.PRACTITIONER: (
        "Your practitioner has paused new sessions for now.",
        "Your page “Suitability” says why. Please call us if you have a question.",
        "End the pause on the client’s verdict page once its reason is gone.",
    ),
}


def _reason(code: Code, words: str, opens_on: date | None = None, **known: object) -> Reason:
    sentence, client_next, clinic_next = (text.format(**known) for text in _WORDS[words])
    return Reason(code, sentence, client_next, clinic_next, opens_on)


def _yes(facts: GateFacts) -> VerdictFacts | None:
    return facts.verdict if facts.verdict and facts.verdict.outcome.allows else None


def _day(at: datetime, facts: GateFacts) -> date:
    return at.astimezone(ZoneInfo(facts.time_zone)).date()


def _plain(day: date | None) -> str:
    return f"{day.day} {day:%B %Y}" if day else "another day"
