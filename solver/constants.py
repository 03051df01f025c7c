"""Every fitted or assumed factor that estimates use, as one value that an answer embeds."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from solver.estimate.assumptions import ASSUMPTIONS, Assumptions
from solver.estimate.constants import (
    MemoryConstants,
    ThroughputConstants,
    memory_constants,
    throughput_constants,
)
from solver.estimate.quality_constants import QualityConstants, quality_constants


class EstimateConstants(BaseModel):
    """The sets of constants that a plan depends on."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    assumptions: Assumptions
    memory: MemoryConstants
    throughput: ThroughputConstants
    quality: QualityConstants

    @property
    def dates(self) -> dict[str, str]:
        """The date of each set."""
        return {
            "assumptions": self.assumptions.stated_on,
            "memory": self.memory.origin.fitted_on.isoformat(),
            "throughput": self.throughput.origin.fitted_on.isoformat(),
            "quality": self.quality.date,
        }


def shipped_constants() -> EstimateConstants:
    """The constants of this release."""
    return EstimateConstants(
        assumptions=ASSUMPTIONS,
        memory=memory_constants(),
        throughput=throughput_constants(),
        quality=quality_constants(),
    )
