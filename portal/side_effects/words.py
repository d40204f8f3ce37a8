"""The words of the form and of the pages: labels of what may be ticked."""

from portal.side_effects.conditions import Condition
from portal.side_effects.forms import Discharge, Late, Product, Rash, Sign
from portal.side_effects.models import SideEffectReport
from portal.side_effects.rules import Level, Outcome, Rule, ScalpZone, Symptom, Trend
from portal.side_effects.table import RUNNING

SYMPTOMS = {
    Symptom.REDNESS: "Redness",
    Symptom.SWELLING: "Swelling",
    Symptom.PAIN: "Pain or soreness",
    Symptom.ITCH: "Itch",
    Symptom.CRUSTING: "Crusts or flaking",
    Symptom.DISCHARGE: "Fluid or pus",
    Symptom.RASH: "Pimples, welts or a rash",
    Symptom.OTHER: "Something else",
}
QUESTIONS = {
    Symptom.REDNESS: "How red, or darker than usual, is the treated skin?",
    Symptom.SWELLING: "How swollen is the scalp?",
    Symptom.PAIN: "How strong is the pain?",
    Symptom.ITCH: "How strong is the itch?",
    Symptom.CRUSTING: "How much does it crust or flake?",
}
DISCHARGE = {
    Discharge.CLEAR: "Clear fluid or a dry crust",
    Discharge.PUS: "Pus: thick, white, yellow or green",
    Discharge.BAD_SMELL: "It smells bad",
    Discharge.UNSURE: "Not sure",
}
RASH = {
    Rash.FEW_PIMPLES: "One to four pimples",
    Rash.MANY_PIMPLES: "Five or more pimples",
    Rash.BLISTERS: "Small blisters in a group",
    Rash.WELTS: "Raised itchy welts on the scalp",
    Rash.ELSEWHERE: "An itchy rash outside the treated area",
    Rash.NONE_OF_THESE: "None of these",
    Rash.UNSURE: "Not sure",
}
SIGNS = {
    Sign.HOT: "The skin is hotter than the neck",
    Sign.SPREADING: "It reaches outside the treated area",
    Sign.FOREHEAD: "Forehead or eyelids are swollen",
    Sign.LUMPS: "Sore lumps behind the ears or at the neck",
    Sign.BLEEDING: "It bleeds again, or a bruise grows",
    Sign.UNSURE: "I am not sure about one of these",
}
LATE = {
    Late.DARKER: "A darker patch",
    Late.LIGHTER: "A lighter patch",
    Late.SCAR: "A raised scar, or fine lines",
    Late.BUMPS: "Firm bumps for more than 14 days",
    Late.SHEDDING: "More hair fall than before, for more than two weeks",
}
PRODUCTS = {
    Product.MINOXIDIL: "Minoxidil",
    Product.SERUM: "A serum, an oil or a cream",
    Product.DYE: "Hair dye or spray",
    Product.ANTISEPTIC: "An antiseptic",
    Product.OTHER: "Another product",
}
TRENDS = {Trend.BETTER: "Better", Trend.SAME: "The same, or it has just begun", Trend.WORSE: "Worse"}
ZONES = {
    ScalpZone.FRONTAL: "Front and hairline",
    ScalpZone.MID: "Middle",
    ScalpZone.VERTEX: "Crown",
    ScalpZone.LEFT_TEMPLE: "Left temple",
    ScalpZone.RIGHT_TEMPLE: "Right temple",
    ScalpZone.BACK: "Back",
    ScalpZone.ALL_OVER: "All over",
}
UNREAD = {
    "temperature": "the temperature",
    "note": "a part of your own words",
    "began": "when it began",
    "symptoms": "what you notice",
    "zones": "where it is",
}
OUTCOMES = {
    Outcome.RESOLVED: ("Resolved", "It has gone"),
    Outcome.TREATED_ELSEWHERE: ("Resolved with treatment elsewhere", "A doctor or a pharmacy helped"),
    Outcome.MONITORED: ("Ongoing, watched by us", "We keep looking at it at the visits"),
    Outcome.NOT_RELATED: ("Not related", "It has nothing to do with the treatment"),
}
LEVELS = {Level.URGENT: "Call now", Level.DAY: "Within a day", Level.WATCH: "Watch it", Level.EXPECTED: "Expected"}
TONES = {Level.URGENT: "alert", Level.DAY: "watch", Level.WATCH: "info", Level.EXPECTED: "good"}
_SAID = {
    "flags": {flag.id: flag.says for group in RUNNING.red_flags for flag in group.flags},
    "signs": SIGNS,
    "discharge": DISCHARGE,
    "rash": RASH,
    "late": LATE,
    "products": PRODUCTS,
}
_LABELS = {
    "discharge": "Fluid",
    "rash": "Rash",
    "late": "Later changes",
    "signs": "Also there",
    "products": "On the scalp",
}
RISKS = {
    "immune": "weak immune system or infection",
    "diabetes": "diabetes",
    "anticoagulant": "clots less well",
    "keloid": "raised scars",
    "allergy": "allergies",
}
_JOINED = {"any": "or", "all": "and"}
_KINDS = {
    "above_usual": "more than usual:",
    "above_highest": "above the band:",
    "rising": "stronger than in an earlier report:",
    "lasting": "not fallen:",
    "new": "begun late:",
    "risk": "health answers:",
    "word": "own words:",
    "unsure": "not sure:",
}
_NUMBERS = {
    "after_h": "from {} h",
    "from_h": "compared with reports from {} h on",
    "fell": "after it had fallen",
    "at_least": "at least {}",
    "gap_h": "over {} h",
}
_FLAGS_ANSWER = {"none": "None of these", "unsure": "Not sure", "some": "As ticked"}


def said(entry: SideEffectReport) -> list[tuple[str, str]]:
    """What a client answered, as (question, answer) in the order of the form."""
    given = entry.answers
    pairs = [("Warning signs", _ticks("flags", given) or _FLAGS_ANSWER[given.get("flags_answer", "unsure")])]
    pairs += [(SYMPTOMS[scale], _strength(scale, str(given[scale]))) for scale in QUESTIONS if scale in given]
    pairs += [(label, _ticks(name, given)) for name, label in _LABELS.items() if name in given]
    if "temperature" in given or "feverish" in given:
        measured = f"{given['temperature']} °C" if "temperature" in given else "felt feverish, not measured"
        pairs.append(("Temperature", measured))
    if "all_clear" in given:
        pairs.append(("To see or feel", "Nothing at all"))
    if "trend" in given:
        pairs.append(("Since yesterday", TRENDS[Trend(given["trend"])]))
    if entry.zones:
        pairs.append(("Where", ", ".join(ZONES[ScalpZone(zone)] for zone in entry.zones)))
    if given.get("wants_person"):
        pairs.append(("Wish", "Would like us to look at it soon"))
    if "unread" in given:
        pairs.append(("Could not be read", unread(entry).capitalize()))
    return pairs


def unread(entry: SideEffectReport) -> str:
    """What could not be read of a report with a red flag, in words; it is not among what was said."""
    parts = (UNREAD.get(name, "one of the ticks below the warning signs") for name in entry.answers.get("unread", ()))
    *others, last = dict.fromkeys(parts) or [""]
    return " and ".join(filter(None, (", ".join(others), last)))


def risks(entry: SideEffectReport) -> str:
    """Which health answers lowered thresholds when it was judged; all of them where there were none."""
    return ", ".join(text for risk, text in RISKS.items() if risk in entry.inputs.get("risks", ()))


def label(entry: SideEffectReport) -> str:
    """The level in a word or two, for a badge."""
    return "No hurry" if entry.follow_up and entry.level is Level.EXPECTED else LEVELS[entry.level]


def tone(entry: SideEffectReport) -> str:
    return "info" if entry.follow_up else TONES[entry.level]


def _ticks(name: str, given: dict[str, list[str]]) -> str:
    return "; ".join(_SAID[name].get(one, one) for one in given.get(name, ()))  # type: ignore[attr-defined]


def _strength(scale: Symptom, word: str) -> str:
    return next((step.says for step in RUNNING.scales[scale] if step.word == word), "Not sure")


def outcome_options() -> list[tuple[Outcome, str, str]]:
    return [(outcome, *text) for outcome, text in OUTCOMES.items()]


def when(rule: Rule) -> str:
    """What makes a rule fire, in one line, for those who sign the table."""
    return " or ".join([*map(_condition, rule.any), *([" and ".join(map(_condition, rule.all))] if rule.all else [])])


def _condition(condition: Condition) -> str:
    if isinstance(condition, str):
        return f"`{condition}`"
    kind, *others = condition
    if kind in {"any", "all"}:
        return f"({f' {_JOINED[kind]} '.join(map(_condition, condition[kind]))})"
    numbers = "".join(f", {_NUMBERS[name].format(condition[name])}" for name in others)
    return f"{_KINDS[kind]} {', '.join(f'`{name}`' for name in condition[kind])}{numbers}"
