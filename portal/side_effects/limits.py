"""What no table may go beyond: hard limits of bands and scales, rules that must stay, and signs never ignored."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portal.side_effects.bands import Limit
from portal.side_effects.conditions import Earlier, Facts
from portal.side_effects.rules import Level

_ALL_HOURS = (0.0, 24.0, 60.0, 100.0, 200.0, 800.0, None)


@dataclass(frozen=True, slots=True)
class Never:
    """A report that must come out at `level` or above, and the rule that stands for it."""

    rule: str
    level: Level
    said: str
    facts: Facts
    history: tuple[Earlier, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """All hard limits of one version."""

    version: str
    bands: Mapping[str, tuple[Limit, ...]]
    scales: Mapping[str, tuple[int, ...]]
    levels: Mapping[str, Level]
    never: tuple[Never, ...]


def read(text: str) -> Limits:
    """Hard limits from TOML."""
    data = tomllib.loads(text)
    return Limits(
        version=data["version"],
        bands={name: tuple(Limit(**row) for row in rows) for name, rows in data["bands"].items()},
        scales={name: tuple(values) for name, values in data["scales"].items()},
        levels={one["rule"]: Level(one["level"]) for one in data["never"]},
        never=tuple(never for one in data["never"] for told in one["cases"] for never in _nevers(one, told)),
    )


def _nevers(one: Mapping[str, Any], told: Mapping[str, Any]) -> Iterable[Never]:
    """A report is asked about at its hour, or at many; and always at an unknown one."""
    history = tuple(Earlier(**earlier) for earlier in told.get("history", ()))
    plain = {name: value for name, value in told.items() if name != "history"}
    facts: dict[str, Any] = {
        name: frozenset(value) if isinstance(value, list) else value for name, value in plain.items()
    }
    said = ", ".join(f"{name} {_said(value)}" for name, value in plain.items())
    moments = (facts.pop("hours"), None) if "hours" in facts else _ALL_HOURS
    for hours in moments:
        yield Never(one["rule"], Level(one["level"]), said, Facts(hours=hours, **facts), history)


def _said(value: object) -> str:
    return " and ".join(map(str, value)) if isinstance(value, list) else f"{value}"


HARD = read((Path(__file__).parent / "limits.toml").read_text("utf-8"))
