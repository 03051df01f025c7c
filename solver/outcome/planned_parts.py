"""What a candidate is made of: its parts, where dollars and hours go, energy, and the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from catalog.schema import Architecture, MethodKind, Pricing, Verified
from solver.calibration.calibration import calibration_notes
from solver.estimate.batch import (
    TUNING_CRITICAL_TOKENS,
    WORTH_SAYING,
    pretraining_critical_tokens,
    sample_stretch,
)
from solver.estimate.configurations import Stack, Tuning
from solver.estimate.cost import MEDIAN
from solver.plan import CostParts, Evidence, TimeParts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from catalog.schema import Model, Offer
    from solver.candidates import Candidates
    from solver.estimate.configurations import Configurations
    from solver.estimate.memory import Memory
    from solver.space.rents import Rent
    from solver.space.variants import Variant

Scope = Literal["measured", "interpolated", "unseen", "none"]
SCOPES: tuple[Scope, ...] = ("measured", "interpolated", "unseen", "none")
"""Evidence by code."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The parts a candidate is made of."""

    model: Model
    variant: Variant
    rent: Rent
    epochs: int

    @property
    def offer(self) -> Offer:
        """What is rented."""
        return self.rent.machine.offer


def chosen(made: Candidates, position: int) -> Chosen:
    """Model, variant, rent and passes of the candidate at a position."""
    row = int(made.row[position])
    return Chosen(
        made.bench.models[int(made.physics.model[row])],
        made.bench.variants[int(made.physics.variant[row])],
        made.rents.rents[int(made.rent[position])],
        made.passes(position),
    )


def time_parts(made: Candidates, position: int) -> TimeParts:
    """Where the hours go, at the median. [h]"""
    duration = made.duration(np.array([position]))
    rent = int(made.rent[position])
    undisturbed = float(duration.work_hours[0] / made.rents.stretch[rent])
    share = made.bench.constants.assumptions.evaluation_ratio
    first, rest = duration.worked(MEDIAN)
    return TimeParts(
        startup=float(duration.startup_hours[0]),
        training=undisturbed / (1.0 + share),
        evaluation=undisturbed * share / (1.0 + share),
        interruptions=float(first[0] + rest[0]) - undisturbed,
    )


def cost_parts(made: Candidates, position: int) -> CostParts:
    """Where the dollars go, at the median. [USD]"""
    index = np.array([position])
    duration, billing = made.duration(index), made.billing(index)
    row, rent = int(made.row[position]), int(made.rent[position])
    where = int(made.physics.model[row]), int(made.physics.variant[row])
    startup, (first, rest) = duration.startup_hours, duration.worked(MEDIAN)
    used = billing.usd_per_hour * (startup + first * billing.paid_ratio)
    machines = float((used + made.rents.then_usd_per_hour[rent] * rest)[0])
    storage = float(made.stored_gb[where] * made.rents.storage_usd_per_gb[rent])
    serving = float(made.serving_usd[where])
    once = float(made.rents.once_usd[rent])
    return CostParts(
        machines=machines + once,
        storage=storage,
        egress=float(billing.fixed_usd[0]) - storage - serving - once,
        serving=serving,
        idle=float(billing.machines_usd(startup, first, rest)[0]) - machines,
    )


def energy(made: Candidates, position: int) -> tuple[float | None, float | None, str]:
    """Energy at the median [kWh], emissions [kg], and how they were reckoned."""
    rent = int(made.rent[position])
    index = np.array([position])
    paid = float(made.billing(index).paid_hours(made.duration(index), MEDIAN)[0])
    kwh = paid * float(made.rents.kw[rent])
    if np.isnan(kwh):
        return None, None, "no power is published for this accelerator"
    kg = kwh * float(made.rents.kg_co2_per_kwh[rent])
    if np.isnan(kg):
        return kwh, None, "the grid of this place is not known"
    return kwh, kg, "node power and load from H100 nodes (latif2024, newkirk2025), location-based"


def co2_at(made: Candidates, position: int, quantile: float) -> float | None:
    """Emissions at a quantile of the hours; None where they are not known. [kg]"""
    rent = int(made.rent[position])
    index = np.array([position])
    paid = float(made.billing(index).paid_hours(made.duration(index), quantile)[0])
    kg = paid * float(made.rents.kw[rent] * made.rents.kg_co2_per_kwh[rent])
    return None if np.isnan(kg) else kg


def evidence(
    made: Candidates, position: int, peak: Memory, configuration: Configurations
) -> Evidence:
    """What each number stands on.

    Args:
        made: the candidates of the job.
        position: which of them.
        peak: its memory.
        configuration: it, laid out.
    """
    parts = chosen(made, position)
    row = int(made.row[position])
    where = int(made.physics.model[row]), int(made.physics.variant[row])
    offer = parts.offer
    age = f"read {offer.price_date.isoformat()}"
    if offer.price_date_to is not None:
        age = f"read between {offer.price_date.isoformat()} and {offer.price_date_to.isoformat()}"
    if offer.pricing is Pricing.OWNED:
        price = "your own rate"
    elif offer.verified is Verified.YES:
        price = age
    else:
        price = f"{age}, not fully verified ({offer.verified.value})"
    return Evidence(
        throughput=SCOPES[int(made.physics.evidence[row])],
        memory=SCOPES[int(peak.evidence[0])],
        accuracy=SCOPES[int(made.accuracy.evidence[where])],
        price=price + (f"; {offer.marked}" if offer.marked else ""),
        notes=_notes(made, parts, configuration),
    )


def _batch_notes(made: Candidates, configuration: Configurations) -> list[str]:
    """What a batch beyond the critical one costs; nothing where it costs little."""
    phase = made.bench.phases[0]
    batch = float(phase.batch_sequences * phase.sequence)
    pretrains = int(configuration.tuning[0]) == Tuning.PRETRAIN
    critical = pretraining_critical_tokens(phase.tokens) if pretrains else TUNING_CRITICAL_TOKENS
    if batch <= WORTH_SAYING * critical:
        return []
    at_critical = sample_stretch(critical, critical)
    more = 100.0 * (sample_stretch(batch, critical) / at_critical - 1.0)
    times = batch / critical
    words = (
        f"a step of {batch:,.0f} tokens is {times:.1f} times the critical batch: the same loss"
        f" needs about {more:.0f} % more data than there, so that more accelerators hardly shorten"
        " the time to it (mccandlish2018)"
    )
    return [words]


SOFTWARE_WORDS = {
    Stack.HF_TRAINER: "Hugging Face's trainer",
    Stack.PYTORCH_FSDP: "PyTorch with FSDP",
    Stack.MEGATRON: "Megatron",
    Stack.MLPERF: "software tuned as for MLPerf",
    Stack.JAX: "JAX",
}


def _software_notes(
    made: Candidates, parts: Chosen, configuration: Configurations
) -> tuple[str, ...]:
    """Whose speed the plan counts on; nothing for a model that is only prompted."""
    if not parts.variant.method.trains:
        return ()
    software = SOFTWARE_WORDS.get(Stack(int(configuration.stack[0])), "common software")
    why = "usual for such runs" if made.job.software is None else "as stated"
    return (f"speed and memory are those of {software} ({why})",)


def _spot_notes(parts: Chosen) -> Iterator[str]:
    """What is assumed of machines that may be taken away."""
    if parts.offer.pricing is Pricing.SPOT:
        yield "spot machines behave as in the traces of wu2024"
    if parts.rent.then is not None:
        yield (
            "what is not done when the window on spot machines is over goes on from the last"
            " checkpoint on machines that nobody takes away; the deadline counts on it"
        )


def _notes(made: Candidates, parts: Chosen, configuration: Configurations) -> tuple[str, ...]:
    """Assumptions that this plan rests on, in words."""
    assumptions = made.bench.constants.assumptions
    notes = [
        f"evaluation and saving take {100 * assumptions.evaluation_ratio:.0f} % beside training"
    ]
    if made.job.batch_sequences is None and not made.job.phases:
        batch = made.bench.phases[0].batch_sequences
        notes.append(f"one optimiser step sees {batch:,} sequences (the usual for such tasks)")
    notes += _software_notes(made, parts, configuration)
    notes += _batch_notes(made, configuration)
    if parts.rent.instances > 1:
        ratio = 100 * assumptions.failure_ratio
        notes.append(f"failures of machines stretch long runs by up to {ratio:.0f} % (dubey2024)")
    notes += calibration_notes(made.bench.constants.calibration, configuration)
    notes += made.bench.constants.unused
    notes += _spot_notes(parts)
    if made.job.serving is not None:
        notes.append(
            f"serving reaches {100 * assumptions.serving_ratio:.0f} % of the 16-bit peak on the "
            "allowed machine that answers a token for least"
        )
    if not parts.variant.method.trains:
        notes.append(
            f"each prompt carries {assumptions.prompt_examples:.0f} examples as long as a request"
        )
    if parts.variant.method.kind is MethodKind.FROM_SCRATCH:
        notes.append("the published recipe reaches the published quality")
    if parts.model.architecture is Architecture.ENCODER_DECODER:
        notes.append("every token is counted as passing encoder and decoder")
    for fact, name in ((parts.model, "model"), (parts.rent.machine.shape.accelerator, "part")):
        if fact.verified is not Verified.YES:
            notes.append(f"facts of the {name} are not fully verified ({fact.verified.value})")
    return (*notes, *made.accuracy.notes)
