"""Famous training runs, predicted through the two doors that everyone uses.

*As it was run*: through `trilemma estimate`, with the layout, the formats and the software that the
source states. *As planned today*: through the planner, on the same machines, in whatever layout is
fastest and with the software of today. `headline/runs.csv` holds the runs in the contract of
measured runs; columns beyond the contract say what was published and by whom.
"""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from catalog.load import load_catalog
from catalog.schema import Pricing
from catalog.units import BYTES_PER_GB
from solver.candidates import candidates
from solver.estimate.assumptions import ASSUMPTIONS
from solver.estimate.duration import failure_stretch, work_hours
from solver.estimate.hardware import generation_of
from solver.measured.predict import Z80, predictions
from solver.measured.runs import read_runs
from solver.measured.words import network_bytes_per_s
from solver.outcome.planned import planned_job
from solver.question import Question

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from catalog.schema import Offer
    from catalog.tables import Catalog
    from solver.constants import EstimateConstants
    from solver.measured.runs import Run
    from solver.plan import PlannedJob

FOLDER = Path(__file__).parent / "headline"

RUNS = FOLDER / "runs.csv"

FACTS = FOLDER / "facts"
"""Models of such runs that nobody can fine-tune, laid over the catalogue."""

METHODS = {"pretrain": "from-scratch", "distil": "distillation", "lora": "lora"}
"""Methods of the catalogue by kind of the contract."""

FAMILIES = {"lora": "generation"}
"""Task family by kind; all others learn language itself."""

WHOLE_MACHINE = 8
"""Accelerators of the machines that clusters are made of. [1]"""

CONFIDENCE = 0.9
"""At which `PlannedJob` states limits; intervals do not depend on it."""


@dataclass(frozen=True, slots=True)
class Hours:
    """A predicted time. [h]"""

    median: float
    low80: float
    high80: float


@dataclass(frozen=True, slots=True)
class Headline:
    """A run as somebody told it; several rows where its sequences or batches changed."""

    rows: tuple[Mapping[str, str], ...]
    runs: tuple[Run, ...]
    """The same rows as the contract reads them."""

    @property
    def first(self) -> Mapping[str, str]:
        """The row that carries what is said of the whole."""
        return self.rows[0]

    @property
    def name(self) -> str:
        """What people call it."""
        return self.first["run"]

    @property
    def accelerators(self) -> int:
        """How many worked together. [1]"""
        return int(self.first["n_gpus"])

    @property
    def published_hours(self) -> float | None:
        """Published accelerator-hours over the accelerators; None where nobody says. [h]"""
        stated = self.first["gpu_hours"]
        return float(stated) / self.accelerators if stated else None

    @property
    def tracked_tokens_per_s(self) -> float | None:
        """Measured speed of all accelerators, where the source states it. [token/s]"""
        stated = self.first["tokens_per_s_total"]
        return float(stated) if stated else None


def headlines() -> tuple[Headline, ...]:
    """All runs, in the order of their table."""
    with RUNS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    made: dict[str, list[int]] = {}
    for position, row in enumerate(rows):
        made.setdefault(f"{row['run']} {row['accelerator']}", []).append(position)
    runs = read_runs(RUNS)
    return tuple(
        Headline(tuple(rows[i] for i in own), tuple(runs[i] for i in own)) for own in made.values()
    )


def facts() -> Catalog:
    """The shipped catalogue with the models of these runs."""
    return load_catalog(FACTS)


def as_run(run: Headline, catalog: Catalog) -> Hours | None:
    """Hours by `trilemma estimate`; None where it refuses, or the source says too little."""
    if run.first["teacher"] and not run.first["micro_batch"]:
        return None
    made = [p.tokens_per_s_per_gpu for p in predictions(run.runs, catalog)]
    if None in made:
        return None
    tokens = np.array([float(row["tokens_trained"]) for row in run.rows])
    rates = [
        np.array([getattr(rate, end) for rate in made]) * run.accelerators
        for end in ("median", "high", "low")
    ]
    machines = np.array([run.accelerators / float(run.first["gpus_per_node"])])
    whole = [work_hours(tokens, rate, 1.0, ASSUMPTIONS).sum(keepdims=True) for rate in rates]
    stretch, spread = failure_stretch(machines, whole[0], ASSUMPTIONS)
    median, low, high = (float((hours * stretch)[0]) for hours in whole)
    slow = math.hypot(math.log(high / median), Z80 * float(spread[0]))
    return Hours(median, low, median * math.exp(slow))


def as_run_tokens_per_s(run: Headline, catalog: Catalog) -> float:
    """Predicted speed of all accelerators of a run of one row. [token/s]"""
    made = predictions(run.runs, catalog)[0].tokens_per_s_per_gpu
    return made.median * run.accelerators if made else float("nan")


def as_planned(
    run: Headline, catalog: Catalog, constants: EstimateConstants, today: date
) -> PlannedJob | None:
    """The fastest plan on all machines of the run; None where no layout that is tried fits.

    Machines are charged at the lowest price on demand at which the catalogue offers the part.
    """
    question = _question(run, catalog)
    made = candidates(question.jobs[0], question, catalog, constants, today)
    machines = question.owned[0].machines
    whole = np.flatnonzero(made.rents.instances[made.rent] == machines)
    if len(whole) == 0:
        return None
    fastest = whole[np.argmin(made.duration(whole).work_hours)]
    return planned_job(made, int(fastest), CONFIDENCE)


def cheapest_offer(accelerator: str, accelerators: int, catalog: Catalog) -> Offer | None:
    """The lowest unmarked price on demand for so many of a kind; None: not offered.

    Many accelerators need whole machines that a network joins.
    """
    offers = [
        offer
        for offer in catalog.offers.values()
        if offer.accelerator == accelerator
        and offer.pricing is Pricing.ON_DEMAND
        and not offer.marked
        and offer.gpus_per_instance >= min(accelerators, WHOLE_MACHINE)
        and (offer.gpus_per_instance >= accelerators or offer.inter_node_gbit_per_s is not None)
    ]
    return min(offers, key=usd_per_accelerator_hour, default=None)


def usd_per_accelerator_hour(offer: Offer) -> float:
    """Price of one accelerator. [USD/h]"""
    return offer.usd_per_hour / offer.gpus_per_instance


def _question(run: Headline, catalog: Catalog) -> Question:
    row = run.first
    part = catalog.accelerators[row["accelerator"]]
    per_machine = int(row["gpus_per_node"])
    offer = cheapest_offer(part.id, run.accelerators, catalog)
    network = network_bytes_per_s(row["interconnect"], generation_of(part), per_machine)
    pool = {
        "name": "cluster",
        "accelerator": part.id,
        "gpus_per_machine": per_machine,
        "machines": run.accelerators // per_machine,
        "network_gbit_per_s": network * 8.0 / BYTES_PER_GB,
        "usd_per_hour": per_machine * usd_per_accelerator_hour(offer) if offer else 0.0,
    }
    job = {
        "name": "run",
        "family": FAMILIES.get(row["kind"], "language-modelling"),
        "methods": [METHODS[row["kind"]]],
        "precisions": [row["planned_precision"]],
        "models": {"names": [row["model"]], "open_weights_only": False},
        "phases": [_phase(phase) for phase in run.rows],
    }
    if row["teacher"]:
        job["teacher"] = row["teacher"]
    if row["lora_rank"]:
        job["ranks"] = [int(row["lora_rank"])]
    return Question.model_validate({"limits": {"rent": False}, "owned": [pool], "jobs": [job]})


def _phase(row: Mapping[str, str]) -> dict[str, int]:
    """A row as so many whole steps; at most one step more than its tokens."""
    sequence, batch = int(row["seq_len"]), int(row["global_batch_seqs"])
    steps = -(-int(row["tokens_trained"]) // (sequence * batch))
    return {"steps": steps, "batch_sequences": batch, "sequence": sequence}
