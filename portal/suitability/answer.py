"""What the gate answers: open, or shut for reasons, each with the next step and what it takes to pass it."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Code(StrEnum):
    """Why the gate is shut."""

    NO_VERDICT = "no_verdict"
    NOT_SUITABLE = "not_suitable"
    DEFERRED = "deferred"
    EXPIRED = "expired"
    OUT_OF_SCOPE = "out_of_scope"
    HEALTH_CHANGED = "health_changed"
    CONSENT = "consent"
    COOLING_OFF = "cooling_off"
    TOO_SOON = "too_soon"
    SIDE_EFFECT = "side_effect"
    HOLD = "hold"


class Overriding(StrEnum):
    """Whether a practitioner may let one session pass in spite of a reason, and whether a second one must agree."""

    NEVER = "never"
    COUNTERSIGNED = "countersigned"
    ALONE = "alone"


# A verdict takes a practitioner a minute to sign and a consent is the client's alone: there is nothing to override.
_OVERRIDING = {
    Code.NO_VERDICT: Overriding.NEVER,
    Code.NOT_SUITABLE: Overriding.NEVER,
    Code.CONSENT: Overriding.NEVER,
    Code.DEFERRED: Overriding.COUNTERSIGNED,
    Code.EXPIRED: Overriding.COUNTERSIGNED,
    Code.OUT_OF_SCOPE: Overriding.COUNTERSIGNED,
    Code.HEALTH_CHANGED: Overriding.COUNTERSIGNED,
    Code.SIDE_EFFECT: Overriding.COUNTERSIGNED,
    Code.COOLING_OFF: Overriding.COUNTERSIGNED,
    Code.TOO_SOON: Overriding.ALONE,
    Code.HOLD: Overriding.ALONE,
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why the gate is shut, what each side can do next, and the day on which waiting alone removes it (None: never)."""

    code: Code
    sentence: str
    client_next: str
    clinic_next: str
    opens_on: date | None = None

    @property
    def overriding(self) -> Overriding:
        return _OVERRIDING[self.code]


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """Open, or shut with all reasons."""

    reasons: tuple[Reason, ...] = ()

    @property
    def is_open(self) -> bool:
        return not self.reasons

    @property
    def codes(self) -> tuple[Code, ...]:
        """The reasons' codes, each once, in the order of the rules."""
        return tuple(dict.fromkeys(reason.code for reason in self.reasons))

    def without(self, *codes: Code) -> "GateAnswer":
        """The same answer as if these reasons did not count."""
        return GateAnswer(tuple(reason for reason in self.reasons if reason.code not in codes))

    @property
    def opens_on(self) -> date | None:
        """The first day on which waiting alone will have opened it; None when it is open or waiting is not enough."""
        days = [reason.opens_on for reason in self.reasons if reason.opens_on]
        return max(days) if days and len(days) == len(self.reasons) else None

    @property
    def overriding(self) -> Overriding:
        """What it takes to pass in spite of all reasons: the strictest of them."""
        asked = {reason.overriding for reason in self.reasons}
        return next((one for one in Overriding if one in asked), Overriding.ALONE)

    @property
    def to_client(self) -> str:
        """All reasons and next steps as one text for the client."""
        return " ".join(f"{reason.sentence} {reason.client_next}" for reason in self.reasons)

    @property
    def to_clinic(self) -> str:
        """The same for the clinic's team."""
        return " ".join(f"{reason.sentence} {reason.clinic_next}" for reason in self.reasons)
