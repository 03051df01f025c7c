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


def launch_files(answer: Answer, name: str, jobs: tuple[str, ...] = ()) -> tuple[LaunchFile, ...]:
    """The files that launch the plan of an answer, a folder for each of several jobs.

    Args:
        answer: of any outcome.
        name: a target of `TARGETS`.
        jobs: names of those to launch; empty: all of them.

    Raises:
        LaunchError: the target or a job is unknown, there is no plan, or the target cannot express
            it; all reasons at once.
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
    every = settings_of(answer)
    runs = tuple(run for run in every if not jobs or run.planned.name in jobs)
    problems = [*_unknown(every, jobs), *(p for run in runs for p in _against(target, run))]
    problems += _without_earlier(runs)
    if problems:
        raise LaunchError(f"{target.title} cannot express the plan; nothing was made", problems)
    made: list[LaunchFile] = []
    for run in runs:
        folder = "" if len(every) == 1 else f"{run.folder}/"
        made.extend(LaunchFile(folder + file.path, file.text) for file in target.files(answer, run))
    if len(runs) > 1:
        made.append(LaunchFile(chain.NAME, target.chain(runs)))
    return tuple(made)


def start_of(target: Target, files: tuple[LaunchFile, ...]) -> str:
    """The command that starts files of a target in their folder."""
    paths = {file.path for file in files}
    scripts = (name for name in (chain.NAME, f"{target.name}.sh") if name in paths)
    return next((f"bash {name}" for name in scripts), target.start)


def _unknown(runs: tuple[Settings, ...], jobs: tuple[str, ...]) -> Iterator[Problem]:
    """Names that no job of the plan has."""
    known = [run.planned.name for run in runs]
    for name in jobs:
        if name not in known:
            yield Problem("--job", f"{name!r} is no job of the plan", did_you_mean(name, known))


def _without_earlier(runs: tuple[Settings, ...]) -> Iterator[Problem]:
    """Jobs that go on from a job which is not launched with them."""
    there = {run.planned.name for run in runs}
    for run in runs:
        earlier = run.starts_from
        if earlier is not None and earlier.planned.name not in there:
            what = f"it goes on from the model of {earlier.planned.name}, which is left out"
            yield Problem(f"job {run.planned.name}", what, "Launch both.")


def _against(target: Target, run: Settings) -> Iterator[Problem]:
    """Reasons without repetition, those of every target first."""
    yield from dict.fromkeys((*against_every_target(run), *target.against(run)))
