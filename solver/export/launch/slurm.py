"""The run as a batch script of Slurm."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from solver.export.launch.chain import submitted
from solver.export.launch.files import LaunchFile, Target
from solver.export.launch.hugging_face import against, command, run_files
from solver.export.launch.promise import promise
from solver.export.launch.shares import share_of
from solver.export.launch.text import comment, slug
from solver.export.words import machine_text, place_text

if TYPE_CHECKING:
    from solver.export.launch.settings import Settings
    from solver.plan import Solved, Stopped

SPARE_HOURS = 2.0
"""Without a deadline a run may take so many times its counted hours before Slurm ends it. [1]"""

MINUTES_PER_HOUR = 60.0

STOP_SECONDS = 120
"""Between the warning and the end of a job on interruptible machines. [s]"""


def _files(answer: Solved | Stopped, run: Settings) -> tuple[LaunchFile, ...]:
    planned = run.planned
    header = promise(answer, run)
    options = {
        "job-name": f"trilemma-{slug(planned.name)}",
        "nodes": planned.instances,
        "ntasks-per-node": 1,
        "gpus-per-node": planned.offer.gpus_per_instance,
        "time": _time(answer, run),
        "output": "slurm-%j.out",
        "signal": f"TERM@{STOP_SECONDS}" if run.checkpoint_steps else None,
    }
    lines = [f"#SBATCH --{key}={value}" for key, value in options.items() if value is not None]
    # A job that has some of a machine's accelerators leaves the others to its neighbours.
    alone = [] if share_of(planned) else ["#SBATCH --exclusive"]
    lines += [*alone, "#SBATCH --requeue"]
    place = place_text(planned.offer)
    where = f"Each node must be what was planned: {machine_text(planned.offer, 1)}, {place}."
    text = (
        "#!/usr/bin/env bash\n"
        + "\n".join(lines)
        + "\n"
        + comment((*header, where))
        + "set -euo pipefail\n"
        + 'export HEAD="$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)"\n'
        + "srun --kill-on-bad-exit=1 bash -c '"
        + command(run, "$SLURM_NODEID", "$HEAD")
        + "'\n"
    )
    return (*run_files(answer, run), LaunchFile("slurm.sbatch", text))


def _time(answer: Solved | Stopped, run: Settings) -> str:
    """Days, hours, minutes after which Slurm ends the job: the deadline, else twice the counted."""
    deadlines = [
        limit.value
        for limit in answer.limits
        if limit.name == "deadline" and limit.job in {None, run.planned.name}
    ]
    hours = min(deadlines) if deadlines else SPARE_HOURS * run.planned.hours.at_confidence
    days, minutes = divmod(max(1, math.ceil(hours * MINUTES_PER_HOUR)), 24 * 60)
    return f"{days}-{minutes // 60:02d}:{minutes % 60:02d}:00"


SLURM = Target(
    name="slurm",
    title="Slurm",
    start="sbatch slurm.sbatch",
    against=against,
    files=_files,
    chain=submitted,
)
