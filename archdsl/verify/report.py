"""What was held against what, and how it came out."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, field
from typing import Any

from archdsl.records import record


@record
class Check:
    """One thing that was held: `found` against `expected`, as text.

    `holds` is None where it could not be held, and `note` says why. `difference` is the largest relative one where
    numbers were compared.
    """

    what: str
    found: str
    expected: str = ""
    holds: bool | None = True
    note: str = ""
    difference: float | None = None


@dataclass(slots=True)
class Report:
    """All checks of one model: `module` of the generated module alone, `against` of the comparison with a peer."""

    spec: str
    model: str
    device: str
    versions: dict[str, str]
    peer: str | None = None
    module: list[Check] = field(default_factory=list)
    against: list[Check] = field(default_factory=list)
    #: how weights were mapped: "name" or "order"
    mapping: str | None = None

    @property
    def holds(self) -> bool:
        """Whether no check failed."""
        return all(check.holds is not False for check in (*self.module, *self.against))

    @property
    def failures(self) -> list[Check]:
        return [check for check in (*self.module, *self.against) if check.holds is False]

    @property
    def skipped(self) -> list[Check]:
        """What could not be held."""
        return [check for check in (*self.module, *self.against) if check.holds is None]

    @property
    def difference(self) -> float | None:
        """The largest relative difference of all comparisons with the peer."""
        known = [check.difference for check in self.against if check.difference is not None]
        return max(known) if known else None

    def as_data(self) -> dict[str, Any]:
        """For JSON, which has no infinite numbers: a difference without bounds is null."""
        return {
            "spec": self.spec,
            "model": self.model,
            "holds": self.holds,
            "device": self.device,
            "versions": self.versions,
            "checks": list(map(_plain, self.module)),
            "against": None
            if self.peer is None
            else {
                "peer": self.peer,
                "mapping": self.mapping,
                "difference": _finite(self.difference),
                "checks": list(map(_plain, self.against)),
            },
        }


def _plain(check: Check) -> dict[str, Any]:
    return {**asdict(check), "difference": _finite(check.difference)}


def _finite(value: float | None) -> float | None:
    return value if value is not None and math.isfinite(value) else None
