"""The run for torchrun on machines that are at hand: one script, started on each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.export.launch.chain import one_by_one
from solver.export.launch.files import LaunchFile, Target
from solver.export.launch.hugging_face import PORT, against, program_words, run_files
from solver.export.launch.promise import promise
from solver.export.launch.text import comment

if TYPE_CHECKING:
    from solver.export.launch.settings import Settings
    from solver.plan import Solved, Stopped


def nodes(run: Settings) -> str:
    """Options of torchrun for the machines of a run; several read NODE_RANK and HEAD."""
    planned = run.planned
    if planned.instances == 1:
        return f"--standalone --nproc-per-node {planned.gpus}"
    return (
        f"--nnodes {planned.instances} --nproc-per-node {planned.offer.gpus_per_instance}"
        f' --node-rank "$NODE_RANK" --master-addr "$HEAD" --master-port {PORT}'
    )


def script(header: tuple[str, ...], run: Settings, line: str) -> str:
    """A shell script that runs one line on each machine.

    Args:
        header: sentences of the comment above.
        run: what is trained.
        line: our own words only; one or several lines.
    """
    several = ""
    if run.planned.instances > 1:
        count = run.planned.instances
        several = (
            f': "${{NODE_RANK:?number of this machine, 0 to {count - 1}}}"\n'
            ': "${HEAD:?address of machine 0}"\n'
        )
    return (
        f"#!/usr/bin/env bash\n{comment(header)}set -euo pipefail\n"
        f'cd "$(dirname "$0")"\n{several}{line}\n'
    )


def _files(answer: Solved | Stopped, run: Settings) -> tuple[LaunchFile, ...]:
    lines = (f"torchrun {nodes(run)} {program_words(phase)}" for phase in run.phases())
    text = script(promise(answer, run), run, "\n".join(lines))
    return (*run_files(answer, run, accelerate=False), LaunchFile("torchrun.sh", text))


TORCHRUN = Target(
    name="torchrun",
    title="torchrun on machines at hand",
    start="bash torchrun.sh",
    against=against,
    files=_files,
    chain=lambda runs: one_by_one(runs, lambda _: "bash torchrun.sh"),
)
