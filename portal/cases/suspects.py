"""What may have caused it: what was used in the session, what the client used since, and what a practitioner names."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from portal.cases.rules import SuspectKind
from portal.records.models import TreatmentRecord
from portal.side_effects.forms import Product
from portal.side_effects.models import SideEffectReport
from portal.side_effects.words import PRODUCTS


class Suspect(NamedTuple):
    """One thing with its lot, as it is kept. `source`: the treatment record, the client's report, or written here."""

    kind: SuspectKind
    name: str
    lot: str
    source: str

    @property
    def label(self) -> str:
        return f"{self.name}, lot {self.lot}" if self.lot else self.name

    def kept(self) -> dict[str, Any]:
        return {**self._asdict(), "kind": self.kind.value}


def offered(record: TreatmentRecord | None, report: SideEffectReport) -> dict[str, Suspect]:
    """What there is to choose from, by the value the form sends."""
    return {**dict(_of_record(record)), **dict(_of_client(report))}


def of_kept(rows: list[dict[str, Any]]) -> list[Suspect]:
    """As they were kept."""
    return [Suspect(SuspectKind(row["kind"]), row["name"], row["lot"], row["source"]) for row in rows]


def _of_record(record: TreatmentRecord | None) -> Iterator[tuple[str, Suspect]]:
    if record is None:
        return
    found = {
        "device": (SuspectKind.DEVICE, record.device, ""),
        "cartridge": (SuspectKind.DEVICE, "Needle cartridge" if record.cartridge_lot else "", record.cartridge_lot),
        "topical": (SuspectKind.TOPICAL, record.topical, record.topical_lot),
        "anaesthetic": (SuspectKind.TOPICAL, record.anaesthetic, ""),
    }
    for key, (kind, name, lot) in found.items():
        if name:
            yield key, Suspect(kind, name, lot, "record")


def _of_client(report: SideEffectReport) -> Iterator[tuple[str, Suspect]]:
    for product in Product:
        if product.value in report.answers.get("products", ()) and product is not Product.OTHER:
            yield product.value, Suspect(SuspectKind.OTHER, f"{PRODUCTS[product]}, used by the client", "", "report")
