"""Fits and judges accuracy prediction on the bulk tables.

    python -m benchmarks.quality fit --data FOLDER
    python -m benchmarks.quality evaluate --data FOLDER [--out FILE.md]

`fit` writes `solver/estimate/fitted/quality.json` from all rows. `evaluate` refits without the
model, family or task that is judged and prints error, coverage and width by family as Markdown.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import (
    quality_curves,
    quality_decoders,
    quality_distil,
    quality_fit,
    quality_judge,
    quality_losses,
    quality_transfer,
    quality_tuned,
)
from benchmarks.quality_report import Summary, summaries, table
from solver.estimate.quality_constants import FITTED

PARTS = (
    ("Encoders after full fine-tuning: one model left out", quality_judge.encoders),
    ("Encoders on a new task: one task left out", quality_transfer.transfers),
    ("Distilled students: one student left out", quality_distil.judge),
    ("Pre-trained decoders: one line left out", quality_decoders.judge),
    ("Methods against full fine-tuning: one model left out", quality_judge.methods),
    ("Number formats against 16 bits: one model left out", quality_judge.formats),
    ("Decoders after 4-bit LoRA: one model left out", quality_tuned.judge_tuned),
    ("GSM8K from the few-shot score: one model left out", quality_tuned.judge_maths),
    ("Pilots: one task left out of prior and calibration", quality_curves.pilots),
    ("Published scores at smaller sizes: one task left out", quality_curves.anchored),
    ("Fine-tuning loss: one model left out", quality_losses.judge_losses),
)
"""Heading and errors of each part."""

FEWEST = 3
"""Families with fewer cases are not listed."""


def report(folder: Path) -> str:
    """All tables as Markdown."""
    return "\n\n".join(f"### {title}\n\n{table(judged(part, folder))}" for title, part in PARTS)


def judged(part: quality_judge.Judge, folder: Path) -> list[Summary]:
    """Summaries of one part, families in alphabetical order."""
    found = [row for row in summaries(part(folder)) if row.cases >= FEWEST]
    return sorted(found, key=lambda row: row.family)


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=("fit", "evaluate"))
    parser.add_argument("--data", type=Path, required=True, help="folder with the bulk tables")
    parser.add_argument("--out", type=Path, help="file for the tables instead of the terminal")
    arguments = parser.parse_args()
    if arguments.command == "fit":
        quality_fit.write(quality_fit.fit_all(arguments.data), FITTED)
        return
    text = report(arguments.data)
    if arguments.out is None:
        print(text)
    else:
        arguments.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
