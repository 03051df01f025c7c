"""An answer as CSV tables for a spreadsheet: raw figures, units in the headers."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from solver.plan import Impossible, Solved, Stopped, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from solver.plan import Alternative, Answer, LimitKept, Move, PlannedJob, Spread
    from solver.plan_values import Simulation

MEMORY_PARTS = (
    "weights",
    "gradients",
    "optimizer",
    "activations",
    "logits",
    "buffers",
    "context",
    "upper",
)
"""Parts of the memory of one accelerator, and the upper end of what it may need."""

Cell = str | float | int | bool | None

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠")
"""What a spreadsheet may take a cell for a formula or a command by."""


def csv_tables(answer: Answer) -> dict[str, str]:
    """Every table of an answer that has rows, as the text of a CSV file by its name.

    UTF-8 with a byte order mark, which spreadsheets need to read it, and lines that end as RFC 4180
    says.
    """
    tables: dict[str, list[Mapping[str, Cell]]] = {"answer": [_summary(answer)]}
    if isinstance(answer, Solved | Stopped):
        tables["jobs"] = [_job(job) for job in answer.jobs]
        tables["limits"] = [_limit(kept) for kept in answer.limits]
        tables["left_out"] = [dict(job.model_dump()) for job in answer.left_out]
        tables["bought"] = [dict(it.model_dump()) for it in answer.bought]
        tables["simulation"] = _simulated(answer.simulation)
    if isinstance(answer, Solved):
        tables["alternatives"] = _others(answer.alternatives)
        tables["changes"] = [_move(move) for move in answer.worth]
    if isinstance(answer, Impossible):
        tables["changes"] = [_move(move) for move in answer.relaxations]
        tables["nearest"] = _others(answer.nearest)
        changes = () if answer.mix is None else answer.mix.changes
        tables["mix"] = [dict(change.model_dump()) for change in changes]
    if isinstance(answer, Unknown):
        tables["ranking"] = _others(answer.ranking)
        tables["pilots"] = [
            {
                "job": pilot.job,
                "model": pilot.model,
                "examples": " ".join(map(str, pilot.examples)),
                "usd": pilot.usd,
                "text": pilot.text,
            }
            for pilot in answer.pilots
        ]
    tables["excluded"] = [
        {"reason": reason, "combinations": count}
        for reason, count in answer.counts.excluded.items()
    ]
    if answer.region is not None:
        cloud = answer.region
        columns = zip(cloud.hours, cloud.usd, cloud.accuracy, cloud.state, strict=True)
        tables["region"] = [
            {"hours": hours, "usd": usd, "accuracy_ratio": accuracy, "state": state}
            for hours, usd, accuracy, state in columns
        ]
    return {f"{name}.csv": csv_text(rows) for name, rows in tables.items() if rows}


def csv_text(rows: Iterable[Mapping[str, Cell]]) -> str:
    """Rows of equal columns as the text of a CSV file."""
    listed = list(rows)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(listed[0])
    writer.writerows([_cell(value) for value in row.values()] for row in listed)
    return "\ufeff" + out.getvalue()


def _cell(value: Cell) -> str | float | int:
    """A cell: numbers in full, text that no spreadsheet takes for a formula, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # Some programs end a line at a lone carriage return or cut at a null, quoted or not.
        text = value.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
        return f"'{text}" if text.lstrip(" ").startswith(FORMULA) else text
    return value


def _summary(answer: Answer) -> dict[str, Cell]:
    made = answer.provenance
    return {
        "title": answer.question.title,
        "outcome": answer.outcome,
        "aim": answer.question.aim.value,
        "asked_at": answer.asked_at,
        "joint_chance": getattr(answer, "joint_chance", None),
        "combinations": answer.counts.combinations,
        "candidates": answer.counts.candidates,
        "feasible": answer.counts.feasible,
        "app": made.app,
        "catalog_revision": made.catalog_revision,
        "catalog_sha256": made.catalog_sha256,
        "digest": answer.digest,
    }


def _job(job: PlannedJob) -> dict[str, Cell]:
    layout, offer = job.layout, job.offer
    return {
        "job": job.name,
        "key": job.key,
        "model": job.model,
        "parameters": job.parameters,
        "method": job.method,
        "rank": job.rank,
        "precision": job.precision,
        "provider": offer.provider,
        "machine": offer.sku,
        "region": offer.region,
        "pricing": offer.pricing,
        "spot_window_hours": None if job.spot_window is None else job.spot_window.hours,
        "then_pricing": "" if job.spot_window is None else job.spot_window.then.pricing,
        "accelerator": offer.accelerator,
        "machines": job.instances,
        "gpus": job.gpus,
        "usd_per_machine_hour": offer.usd_per_hour,
        "price_date": offer.price_date.isoformat(),
        "epochs": job.epochs,
        "examples": job.examples,
        "tokens": job.tokens,
        "trials": job.trials,
        "sequence": layout.sequence,
        "batch_sequences": layout.batch_sequences,
        "micro_batch": layout.micro_batch,
        "accumulation": layout.accumulation,
        "sharding": layout.sharding,
        "checkpointing": layout.checkpointing,
        "tokens_per_s": job.tokens_per_s.median,
        **_spread("hours", job.hours),
        **_spread("usd", job.usd),
        **_spread("accuracy_ratio", job.accuracy),
        "memory_bytes": job.memory.total,
        "memory_capacity_bytes": job.memory.capacity,
        "deployed_gb": job.deployed_gb,
        "format": job.format,
        "latency_ms": job.latency_ms,
        "energy_kwh": job.energy_kwh,
        "co2_kg": job.co2_kg,
        **{f"cost_{part}_usd": value for part, value in job.cost.model_dump().items()},
        **{f"time_{part}_hours": value for part, value in job.time.model_dump().items()},
        **{f"memory_{part}_bytes": getattr(job.memory, part) for part in MEMORY_PARTS},
        "failure_ratio": job.failure_ratio,
        "start_hours": job.start_hours,
        "end_hours": job.end_hours,
        "waits_for": ", ".join(job.waits_for),
        "price_source": job.offer.source,
        "evidence_throughput": job.evidence.throughput,
        "evidence_memory": job.evidence.memory,
        "evidence_accuracy": job.evidence.accuracy,
    }


def _simulated(simulation: Simulation | None) -> list[Mapping[str, Cell]]:
    """How often each limit, and all of them, held among outcomes that were tried."""
    if simulation is None:
        return []
    every = [(held.name, held.job, held.kept) for held in simulation.limits]
    return [
        {
            "limit": name,
            "job": job,
            "held": kept.times,
            "draws": simulation.draws,
            "share": kept.share,
            "low95": kept.low95,
            "high95": kept.high95,
        }
        for name, job, kept in (*every, ("all together", None, simulation.together))
    ]


def _spread(name: str, spread: Spread | None) -> dict[str, Cell]:
    parts: dict[str, Callable[[Spread], float]] = {
        "median": lambda s: s.median,
        "counted": lambda s: s.at_confidence,
        "low80": lambda s: s.low80,
        "high80": lambda s: s.high80,
    }
    return {
        f"{name}_{part}": None if spread is None else value(spread) for part, value in parts.items()
    }


def _limit(kept: LimitKept) -> dict[str, Cell]:
    return {
        "limit": kept.name,
        "job": kept.job,
        "unit": kept.unit,
        "value": kept.value,
        "counted": kept.at_confidence,
        "slack": kept.slack,
        "binds": kept.binds,
        "chance": kept.chance,
    }


def _others(others: tuple[Alternative, ...]) -> list[Mapping[str, Cell]]:
    return [
        {
            "keys": " ".join(other.keys),
            "why": other.why,
            "hours": other.hours,
            "usd": other.usd,
            "accuracy_ratio": other.accuracy,
        }
        for other in others
    ]


def _move(move: Move) -> dict[str, Cell]:
    return {
        "limit": move.limit,
        "job": move.job,
        "value": move.value,
        "change": move.change,
        "text": move.text,
        "keys": " ".join(move.keys),
        "hours": move.hours,
        "usd": move.usd,
        "accuracy_ratio": move.accuracy,
    }
