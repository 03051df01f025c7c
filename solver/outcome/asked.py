"""What was asked, of which facts, when: the head that every answer shares."""

from __future__ import annotations

import importlib.metadata
import platform
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from solver.plan import Provenance
from solver.simulate import SEED

if TYPE_CHECKING:
    from datetime import datetime

    from catalog.tables import Catalog
    from solver.constants import EstimateConstants
    from solver.question import Question

PACKAGES = ("highspy", "numpy", "pyomo")
"""Packages whose version may change a figure."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with everything its answer depends on."""

    question: Question
    catalog: Catalog
    constants: EstimateConstants
    moment: datetime
    top: int
    """Most alternatives to show. [1]"""

    @property
    def provenance(self) -> Provenance:
        """What the answer depends on besides the question."""
        return Provenance(
            app=app_version(),
            catalog_revision=self.catalog.revision,
            catalog_sha256=self.catalog.sha256,
            constants=self.constants.dates,
            versions=_versions(),
            seed=SEED,
        )


@cache
def app_version() -> str:
    """Version of the installed program."""
    return importlib.metadata.version("trilemma")


@cache
def _versions() -> dict[str, str]:
    versions = {name: importlib.metadata.version(name) for name in PACKAGES}
    return {"python": platform.python_version(), **versions}
