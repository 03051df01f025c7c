"""Details of a plan: memory by part, and energy with its grid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.units import BYTES_PER_GIB, PERCENT
from solver.export.bars import Segment, axis_svg, bar_svg, round_step, scale_of
from solver.export.detail_sums import MOST_BARS
from solver.export.fact_rows import grid_row, row
from solver.export.sections import Bar, Bars, Table
from solver.export.tables import lines, printable
from solver.export.themes import LIGHT
from solver.export.words import (
    bytes_text,
    co2_text,
    energy_text,
    listed,
    name_text,
    place_text,
    plural,
    sentence,
)

if TYPE_CHECKING:
    from solver.plan import MemoryUse, PlannedJob, Solved, Stopped

PARTS = {
    "weights": "parameters, as they are stored",
    "gradients": "of what is trained",
    "optimizer": "moments and full-precision copies",
    "activations": "kept for the backward pass",
    "logits": "scores over the vocabulary",
    "buffers": "communication, casts, gathered layers",
    "context": "CUDA, kernels and what the allocator keeps",
}

COLOURS = dict(zip(PARTS, LIGHT.parts, strict=False))


def memory_bars(answer: Solved | Stopped) -> Bars:
    """Memory of one accelerator by part, a bar for each job."""
    jobs = answer.jobs[:MOST_BARS]
    scale = scale_of(max(job.memory.capacity, job.memory.upper) for job in jobs)
    keys = tuple(
        (name, colour)
        for name, colour in COLOURS.items()
        if any(getattr(job.memory, name) > 0 for job in jobs)
    )
    step = round_step(scale / BYTES_PER_GIB) * BYTES_PER_GIB
    note = "The dark line is what the accelerator has, the pale end what 80 % of outcomes may need."
    if len(answer.jobs) > len(jobs):
        note += f" {plural(len(answer.jobs) - len(jobs), 'job')} more in the answer file."
    return Bars(
        "Memory of one accelerator",
        keys,
        tuple(_bar(job, scale) for job in jobs),
        axis_svg(scale, step, bytes_text, LIGHT) if len(jobs) > 1 else "",
        note,
    )


def memory_table(job: PlannedJob) -> Table:
    """Memory of one accelerator by part."""
    use = job.memory
    rows = [
        (f"{name}\n{words}", bytes_text(value), _share(value, use.capacity))
        for name, words in PARTS.items()
        if (value := getattr(use, name)) > 0
    ]
    rows += [
        ("together", bytes_text(use.total), _share(use.total, use.capacity)),
        ("upper end of 80 % of outcomes", bytes_text(use.upper), _share(use.upper, use.capacity)),
        ("there is", bytes_text(use.capacity), ""),
    ]
    return Table("Memory by part", ("Part", "Memory", "Of all"), tuple(rows), "lrr")


def energy_table(answer: Solved | Stopped) -> Table:
    """Energy and CO₂ of each job with the grid that feeds it."""
    rows = tuple(_energy_row(answer, job) for job in answer.jobs)
    known = [job.co2_kg for job in answer.jobs if job.co2_kg is not None]
    drawn = [job.energy_kwh for job in answer.jobs if job.energy_kwh is not None]
    if len(rows) > 1 and drawn:
        total = co2_text(sum(known)) if known else "not known"
        rows = (*rows, ("together", "", energy_text(sum(drawn)), "", total))
    return Table(
        "Energy and CO₂",
        ("Job", "Grid", "Energy", "PUE", "CO₂"),
        rows,
        "llrrr",
        _energy_note(answer),
    )


def _share(value: float, capacity: float) -> str:
    return f"{value / capacity * PERCENT:.0f} %" if capacity > 0 else ""


def _bar(job: PlannedJob, scale: float) -> Bar:
    use = job.memory
    segments = [Segment(getattr(use, name), colour) for name, colour in COLOURS.items()]
    segments.append(Segment(use.upper - _sum(use), COLOURS["activations"], 0.35))
    parts = [f"{name} {bytes_text(getattr(use, name))}" for name in PARTS if getattr(use, name) > 0]
    value = f"{bytes_text(use.total)} of {bytes_text(use.capacity)}"
    words = f"{listed(parts) or 'nothing'}; {value}"
    marks = ((use.capacity, LIGHT.ink),)
    return Bar(
        name_text(job.name), bar_svg(segments, scale, words, LIGHT, marks=marks), words, value
    )


def _sum(use: MemoryUse) -> float:
    return float(sum(getattr(use, name) for name in PARTS))


def _energy_row(answer: Solved | Stopped, job: PlannedJob) -> tuple[str, str, str, str, str]:
    grid = grid_row(answer.facts, job.offer)
    provider = row(answer.facts, "providers", "id", job.offer.provider)
    place = printable(str(grid.get("place") or place_text(job.offer)))
    if grid:
        year = f", {grid['year']}" if grid.get("year") else ""
        place = lines(place, f"{grid.get('grams_co2_per_kwh'):g} g CO₂ a kWh{year}")
    drawn = "not known" if job.energy_kwh is None else energy_text(job.energy_kwh)
    co2 = "not known" if job.co2_kg is None else co2_text(job.co2_kg)
    if job.co2_kg is not None and job.co2_at_confidence_kg is not None:
        co2 += f"\ncounted {co2_text(job.co2_at_confidence_kg)}"
    pue = f"{provider['pue']:g}" if isinstance(provider.get("pue"), int | float) else "not known"
    return name_text(job.name), place, drawn, pue, co2


def _energy_note(answer: Solved | Stopped) -> str:
    """How energy was reckoned and where each grid's figure comes from."""
    said = [job.energy_note for job in answer.jobs if job.energy_note]
    for job in answer.jobs:
        grid = grid_row(answer.facts, job.offer)
        if grid:
            said.append(f"{grid.get('place')}: {grid.get('method')}, {grid.get('source')}")
        provider = row(answer.facts, "providers", "id", job.offer.provider)
        if provider:
            said.append(f"{provider.get('name')}: {provider.get('source')}")
    return " ".join(sentence(words) for words in dict.fromkeys(said))
