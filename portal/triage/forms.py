"""What an admin may post: a text, numbers of a band or a rule, a publication, the setting."""

import re
from typing import Annotated, Any

from pydantic import StringConstraints

from portal.kit.forms import Bound, Form, Tick, Words
from portal.side_effects.bands import ENDLESS, Band
from portal.side_effects.rules import Level
from portal.triage.patching import Numbers, Slot
from portal.triage.rules import MOST_CHARACTERS

Mark = Annotated[str, StringConstraints(max_length=64)]
_NUMBER = re.compile(r"\d{1,4}([.,]\d{1,2})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,2}", re.ASCII)


class TextForm(Form):
    """The whole table; `mark` stands for the text it was typed over."""

    text: Annotated[str, StringConstraints(max_length=MOST_CHARACTERS)]
    mark: Mark = ""


class BandForm(Form):
    """The numbers are named by their row: `until-1`, `usual-1`, `highest-1`."""


class RuleForm(Form):
    """The level; the numbers are named by their place: `number-1`."""

    level: Level


class PublishForm(Form):
    """What was changed and why; `mark` stands for the text that was tried."""

    why: Words
    mark: Mark


class SettingForm(Form):
    """What clients see."""

    shows_level: Tick = False


def band_values(band: Band) -> dict[str, object]:
    """A band as its form shows it for the first time."""
    rows = enumerate(band.rows, 1)
    return {
        f"{name}-{number}": f"{getattr(row, name):g}" for number, row in rows for name in ("until", "usual", "highest")
    }


def band_numbers(form: Bound[Any], band: Band) -> list[Numbers]:
    """What was typed for each row; what is no number is said beside its field."""
    found = []
    for number, row in enumerate(band.rows, 1):
        until = str(ENDLESS) if row.until == ENDLESS else _typed(form, f"until-{number}", _NUMBER)
        usual, highest = (_typed(form, f"{name}-{number}", _WHOLE) for name in ("usual", "highest"))
        found.append(Numbers(until, usual, highest))
    return found


def rule_values(level: Level, slots: list[Slot]) -> dict[str, object]:
    """A rule as its form shows it for the first time."""
    return {"level": level, **{f"number-{number}": slot.value for number, slot in enumerate(slots, 1)}}


def rule_numbers(form: Bound[Any], slots: list[Slot]) -> list[str]:
    """What was typed for each number of a rule; what is none is said beside its field."""
    return [_typed(form, f"number-{number}", _NUMBER) for number in range(1, len(slots) + 1)]


def _typed(form: Bound[Any], name: str, kind: re.Pattern[str]) -> str:
    text = form.raw_text(name).strip()
    if not kind.fullmatch(text):
        form.fail(name, "Please give a whole number." if kind is _WHOLE else "Please give a number, for example 24.")
        return "0"
    whole, _, part = text.replace(",", ".").partition(".")
    return f"{int(whole)}.{part}" if part.strip("0") else f"{int(whole)}"
