"""What no table may go beyond: hard limits of bands and scales, rules that must stay, and signs never ignored."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from portal.side_effects.bands import Limit
from portal.side_effects.conditions import Earlier, Facts
from portal.side_effects.rules import Level


@dataclass(frozen=True, slots=True)
class Never:
    """A report that must come out at `level` or above, and the rule that stands for it; `facts.hours` is the first hour
    from which on that holds, without end.
    """

    rule: str
    level: Level
    said: str
    facts: Facts
    history: tuple[Earlier, ...] = ()

    @property
    def since(self) -> float:
        return self.facts.hours or 0.0

    def at(self, hours: float | None) -> Facts:
        """The same report at another time."""
        return replace(self.facts, hours=hours)


@dataclass(frozen=True, slots=True)
class Limits:
    """All hard limits of one version. `timeless`: rules that must stay and may not know of time."""

    version: str
    bands: Mapping[str, tuple[Limit, ...]]
    scales: Mapping[str, tuple[int, ...]]
    levels: Mapping[str, Level]
    never: tuple[Never, ...]
    timeless: frozenset[str]


def read(text: str) -> Limits:
    """Hard limits from TOML."""
    data = tomllib.loads(text)
    return Limits(
        version=data["version"],
        bands={name: tuple(Limit(**row) for row in rows) for name, rows in data["bands"].items()},
        scales={name: tuple(values) for name, values in data["scales"].items()},
        levels={one["rule"]: Level(one["level"]) for one in data["never"]},
        never=tuple(_never(one, told) for one in data["never"] for told in one["cases"]),
        timeless=frozenset(one["rule"] for one in data["never"] if not any("hours" in told for told in one["cases"])),
    )


def _never(one: Mapping[str, Any], told: Mapping[str, Any]) -> Never:
    history = tuple(Earlier(**earlier) for earlier in told.get("history", ()))
    plain = {name: value for name, value in told.items() if name != "history"}
    facts: dict[str, Any] = {
        name: frozenset(value) if isinstance(value, list) else value for name, value in plain.items()
    }
    facts["hours"] = float(plain.get("hours", 0))
    said = ", ".join(_said(plain))
    return Never(one["rule"], Level(one["level"]), said, Facts(**facts), history)


def _said(told: Mapping[str, Any]) -> Iterable[str]:
    for name, value in told.items():
        yield f"{name} {' and '.join(map(str, value)) if isinstance(value, list) else value}"


HARD = read((Path(__file__).parent / "limits.toml").read_text("utf-8"))
