"""Every fitted or assumed factor that estimates use, as one value that an answer embeds."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from solver.calibration.calibration import NEUTRAL, Calibration
from solver.estimate.assumptions import ASSUMPTIONS, Assumptions
from solver.estimate.constants import (
    MemoryConstants,
    ThroughputConstants,
    memory_constants,
    throughput_constants,
)
from solver.estimate.quality_constants import OwnScore, QualityConstants, quality_constants


class EstimateConstants(BaseModel):
    """The sets of constants that a plan depends on."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    assumptions: Assumptions
    memory: MemoryConstants
    throughput: ThroughputConstants
    quality: QualityConstants
    calibration: Calibration = NEUTRAL
    """What the user's own runs say of throughput and memory; neutral without runs."""
    unused: tuple[str, ...] = ()
    """What of the user's own is planned without, and why, in words."""

    @property
    def dates(self) -> dict[str, str]:
        """The date of each set."""
        made_on = self.calibration.made_on
        return {
            **({} if made_on is None else {"calibration": made_on.isoformat()}),
            "assumptions": self.assumptions.stated_on,
            "memory": self.memory.origin.fitted_on.isoformat(),
            "throughput": self.throughput.origin.fitted_on.isoformat(),
            "quality": self.quality.date,
        }


def shipped_constants(
    calibration: Calibration = NEUTRAL,
    own: tuple[OwnScore, ...] = (),
    unused: tuple[str, ...] = (),
) -> EstimateConstants:
    """The constants of this release, with what the user's own runs say.

    Args:
        calibration: of throughput and memory.
        own: scores that the user measured.
        unused: what of the user's own cannot be used, and why.
    """
    quality = quality_constants()
    return EstimateConstants(
        assumptions=ASSUMPTIONS,
        memory=memory_constants(),
        throughput=throughput_constants(),
        quality=quality.model_copy(update={"own": own}) if own else quality,
        calibration=calibration,
        unused=unused,
    )
