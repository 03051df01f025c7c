"""Every target, and the one use: an answer's launch files, or all that speaks against them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalog.problems import Problem, did_you_mean
from solver.export.launch import chain
from solver.export.launch.accelerate import ACCELERATE
from solver.export.launch.axolotl import AXOLOTL
from solver.export.launch.dstack import DSTACK
from solver.export.launch.files import LaunchFile, Target
from solver.export.launch.kubernetes import KUBERNETES
from solver.export.launch.llama_factory import LLAMA_FACTORY
from solver.export.launch.refusals import LaunchError, against_every_target
from solver.export.launch.settings import settings_of
from solver.export.launch.skypilot import SKYPILOT
from solver.export.launch.slurm import SLURM
from solver.export.launch.torchrun import TORCHRUN
from solver.plan import Solved, Stopped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver.export.launch.settings import Settings
    from solver.plan import Answer

TARGETS = {
    target.name: target
    for target in (
        SKYPILOT,
        DSTACK,
        SLURM,
        KUBERNETES,
        TORCHRUN,
        ACCELERATE,
        AXOLOTL,
        LLAMA_FACTORY,
    )
}
"""By name, clusters first."""


def launch_files(answer: Answer, name: str) -> tuple[LaunchFile, ...]:
    """The files that launch the plan of an answer, a folder for each of several jobs.

    Args:
        answer: of any outcome.
        name: a target of `TARGETS`.

    Raises:
        LaunchError: the target is unknown, there is no plan, or the target cannot express it; all
            reasons at once.
    """
    target = TARGETS.get(name)
    if target is None:
        problem = Problem("--to", f"{name!r} is no target", did_you_mean(name, TARGETS))
        raise LaunchError("Nothing to launch", [problem])
    if not isinstance(answer, Solved | Stopped) or not answer.jobs:
        what = f"the outcome is {answer.outcome}, there is no plan"
        raise LaunchError("Nothing to launch", [Problem("answer", what, "Launch a solved answer.")])
    asked = {job.name for job in answer.question.jobs}
    strangers = [job.name for job in answer.jobs if job.name not in asked]
    if strangers:
        raise LaunchError(
            "Nothing to launch",
            [
                Problem(f"job {name}", "the question has no such job", "Plan again.")
                for name in strangers
            ],
        )
    runs = settings_of(answer)
    problems = [problem for run in runs for problem in _against(target, run)]
    if problems:
        raise LaunchError(f"{target.title} cannot express the plan; nothing was made", problems)
    made: list[LaunchFile] = []
    for run in runs:
        folder = "" if len(runs) == 1 else f"{run.folder}/"
        made.extend(LaunchFile(folder + file.path, file.text) for file in target.files(answer, run))
    if len(runs) > 1:
        made.append(LaunchFile(chain.NAME, target.chain(runs)))
    return tuple(made)


def start_of(target: Target, files: tuple[LaunchFile, ...]) -> str:
    """The command that starts files of a target in their folder."""
    paths = {file.path for file in files}
    scripts = (name for name in (chain.NAME, f"{target.name}.sh") if name in paths)
    return next((f"bash {name}" for name in scripts), target.start)


def _against(target: Target, run: Settings) -> Iterator[Problem]:
    """Reasons without repetition, those of every target first."""
    yield from dict.fromkeys((*against_every_target(run), *target.against(run)))
