"""What a table of rules is made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.side_effects.bands import Band
from portal.side_effects.conditions import Earlier, Facts
from portal.side_effects.rules import Level, Rule, Triage, triage


@dataclass(frozen=True, slots=True)
class Flag:
    """A red flag as it is asked."""

    id: str
    says: str


@dataclass(frozen=True, slots=True)
class FlagGroup:
    """Red flags that belong together."""

    group: str
    flags: tuple[Flag, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One word of a scale, its number, and what it means."""

    word: str
    value: int
    says: str


@dataclass(frozen=True, slots=True)
class Stage:
    """What is normal until so many hours after a session (-1 = from then on)."""

    until: int
    when: str
    normal: str
    not_normal: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client reads at once."""

    title: str
    lead: str
    todo: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rules, bands, words and advice of one version."""

    version: str
    sources: Mapping[str, str]
    bands: Mapping[str, Band]
    course: tuple[Stage, ...]
    scales: Mapping[str, tuple[Step, ...]]
    red_flags: tuple[FlagGroup, ...]
    rules: tuple[Rule, ...]
    say: Mapping[str, str]
    answers: Mapping[str, Answer]

    @property
    def flag_ids(self) -> frozenset[str]:
        return frozenset(flag.id for group in self.red_flags for flag in group.flags)

    def triage(self, facts: Facts, history: Sequence[Earlier] = ()) -> Triage:
        return triage(history, facts, self)

    def stage(self, hours: float | None) -> Stage:
        """What is normal now; the last stage when the hours are unknown."""
        return next((stage for stage in self.course if hours is not None and hours < stage.until), self.course[-1])

    def value(self, scale: str, word: str) -> int:
        return next(step.value for step in self.scales[scale] if step.word == word)

    def answer(self, level: Level, *, follow_up: bool) -> Answer:
        """What the client reads. A watched report that a person looks at, too, says both."""
        if not follow_up:
            return self.answers[level.value]
        looks = self.answers["follow_up"]
        if level is Level.EXPECTED:
            return looks
        watch = self.answers[level.value]
        return Answer(watch.title, watch.lead, (looks.lead, *watch.todo))
