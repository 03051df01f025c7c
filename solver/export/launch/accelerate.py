"""The run for Hugging Face Accelerate with TRL or Transformers, on machines at hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.export.launch.chain import one_by_one
from solver.export.launch.files import LaunchFile, Target
from solver.export.launch.hugging_face import against, command, run_files
from solver.export.launch.promise import promise
from solver.export.launch.torchrun import script

if TYPE_CHECKING:
    from solver.export.launch.settings import Settings
    from solver.plan import Solved, Stopped

SCRIPT = "accelerate.sh"


def _files(answer: Solved | Stopped, run: Settings) -> tuple[LaunchFile, ...]:
    made = run_files(answer, run)
    if len(run.stages) == 1:
        return made
    # Phases follow each other, which one line of Accelerate cannot say.
    return (*made, LaunchFile(SCRIPT, script(promise(answer, run), run, _here(run))))


def _here(run: Settings) -> str:
    return command(run, "$NODE_RANK", "$HEAD")


ACCELERATE = Target(
    name="accelerate",
    title="Hugging Face Accelerate with TRL or Transformers",
    start="accelerate launch --config_file accelerate.yaml train.py",
    against=against,
    files=_files,
    chain=lambda runs: one_by_one(runs, _here),
)
