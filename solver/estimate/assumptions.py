"""What is assumed rather than fitted: shares, spells and spreads, each with its source."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Positive = Annotated[float, Field(gt=0)]
Ratio = Annotated[float, Field(ge=0, le=1)]


class Assumptions(BaseModel):
    """Factors that no table of the catalogue holds; an answer file embeds the ones it used."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    stated_on: str = "2026-11-25"
    evaluation_ratio: Ratio = 0.05
    """Evaluation and saving of checkpoints beside training; assumed, no source. [ratio]"""
    spot_log_sd: Positive = 0.4
    """Spread of the hours that interruptions add, read off the range of unbroken spells in the
    traces of wu2024 (mean spells from 0.7 to 10.5 h). [1]"""
    spot_spell_hours: Positive = 4.3
    """Mean unbroken spell of one spot machine: median of nine zones, wu2024. [h]"""
    spot_gang_spell_hours: Positive = 1.9
    """Mean unbroken spell of a gang of machines that must run together, wu2024. [h]"""
    spot_up_ratio: Ratio = 0.68
    """Share of the time one spot machine can be had: median of nine zones, wu2024. [ratio]"""
    spot_gang_up_ratio: Ratio = 0.45
    """The same for a gang. [ratio]"""
    checkpoint_hours: Positive = 1.0 / 60.0
    """Writing a checkpoint; assumed. [h]"""
    restart_hours: Positive = 0.1
    """Getting a machine back, loading and compiling; assumed. [h]"""
    failures_per_machine_day: Positive = 419.0 / (54.0 * 2048.0)
    """Unexpected failures of one machine of eight accelerators in a day: 419 in 54 days on 2,048
    machines (dubey2024). [1/d]"""
    failure_ratio: Ratio = 0.11
    """Time that failures add to a run which meets them as a matter of course: over 90 % of the time
    was effective on 2,048 machines (dubey2024), and 0.88 of the hours of lescao2022's run on 48
    machines follow from its tokens at its stated speed. [ratio]"""
    failure_log_sd: Positive = 0.10
    """Spread that failures add to the hours of such a run; assumed. [1]"""
    fresh_price_log_sd: Positive = 0.02
    """Spread of a price read today; assumed. [1]"""
    year_old_price_log_sd: Positive = 0.15
    """Spread that a year adds to an on-demand price, growing with the root of its age; assumed.
    [1]"""
    spot_price_log_sd: Positive = 0.20
    """Further spread of a spot price, which moves daily; assumed. [1]"""
    storage_days_after: Positive = 30.0
    """Days that checkpoints and data stay in paid storage after the run; assumed. [d]"""
    checkpoints_kept: Positive = 2.0
    """Checkpoints held at the same time, weights in two bytes each; assumed. [1]"""
    serving_ratio: Ratio = 0.2
    """Share of the dense 16-bit peak that serving in batches reaches; assumed. [ratio]"""
    serving_memory_ratio: Ratio = 0.6
    """Share of the memory that weights may take while serving, the rest is for the requests in
    work; assumed. [ratio]"""
    prompt_examples: Positive = 5.0
    """Examples that a prompt without training carries, each as long as a request; assumed. [1]"""
    node_watts_per_tdp_watt: Positive = 10_200.0 / (8 * 700.0)
    """Rated power of a whole machine for each watt of its accelerators: an 8-GPU H100 node is
    rated 10.2 kW (latif2024); carried over to other parts as an assumption. [W/W]"""
    training_load_ratio: Ratio = 0.76
    """Share of the rated node power drawn in heavy training: newkirk2025, H100 only. [ratio]"""
    common_time_ratio: Ratio = 0.5
    """Share of the variance of hours that the jobs of one plan have in common: one software
    stack, one way of measuring; assumed. [ratio]"""
    common_accuracy_ratio: Ratio = 0.5
    """The same for accuracies: one data set, one way of predicting; assumed. [ratio]"""
    simulations: int = Field(20_000, ge=1_000, le=10_000_000)
    """Outcomes drawn for the joint chance. [1]"""


ASSUMPTIONS = Assumptions()
"""The assumptions of this release."""
