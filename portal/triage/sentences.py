"""The sentences that clients read, and which of them a version changes. Pure.

Numbers and levels are held by hard limits, sentences are free: who signs a version reads each one that is new.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Changed:
    """A sentence as it was and as it is; empty where there was none, or is none."""

    place: str
    before: str
    after: str


def changed(before: str, after: str) -> list[Changed]:
    """Every sentence that differs between two texts of a table; those it no longer has come last."""
    old, new = (dict(_sentences(tomllib.loads(text))) for text in (before, after))
    places = (*new, *(place for place in old if place not in new))
    return [
        Changed(place, old.get(place, ""), new.get(place, "")) for place in places if old.get(place) != new.get(place)
    ]


def _sentences(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, answer in data.get("answers", {}).items():
        yield f"Answer “{name}”, title", answer["title"]
        yield f"Answer “{name}”, first sentences", answer["lead"]
        yield from ((f"Answer “{name}”, to do {number}", one) for number, one in enumerate(answer["todo"], 1))
    yield from ((f"Advice “{name}”", text) for name, text in data.get("say", {}).items())
    for number, stage in enumerate(data.get("course", ()), 1):
        yield f"Course, row {number}, when", stage["when"]
        yield f"Course, row {number}, normal", stage["normal"]
        yield f"Course, row {number}, not normal", stage["not_normal"]
    for rule in data.get("rules", ()):
        yield f"Rule {rule['id']}, why", rule["because"]
        yield f"Rule {rule['id']}, advice", rule.get("say", "")
