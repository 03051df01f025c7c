"""Several jobs of a plan in its order: what each one waits for, and a script that starts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.export.launch.shares import collide, devices
from solver.export.launch.text import comment
from solver.export.words import hours_text, listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.export.launch.settings import Settings

NAME = "run.sh"

HEAD = """\
set -euo pipefail
cd "$(dirname "$0")"
"""

VISIBLE = {"amd": "HIP_VISIBLE_DEVICES"}
"""What the libraries of a vendor read, where it is not CUDA_VISIBLE_DEVICES."""

BACKGROUND = """\
declare -A started ended
begin() {
  echo "begin $1"
  (cd "$1" && eval "$2") &
  started[$1]=$!
}
finish() {
  [[ -n "${ended[$1]:-}" ]] || { wait "${started[$1]}" && ended[$1]=0 || ended[$1]=$?; }
}
need() {
  finish "$1"
  [[ "${ended[$1]}" == 0 ]] || { echo "$1 failed; what needs it does not start" >&2; wait; exit 1; }
}
"""
"""Jobs side by side, each in a process of this shell; `need` also minds how one ended."""

HERE = """\
declare -A begun
begin() {
  echo "begin $1"
  rm -f "$1/finished" "$1/failed"
  begun[$1]=1
  (
    if (cd "$1" && eval "$2"); then
      [[ "${NODE_RANK:-0}" != 0 ]] || touch "$1/finished"
    else
      touch "$1/failed"
    fi
  ) &
}
finish() {
  until [[ -e "$1/finished" || -e "$1/failed" ]]; do sleep 5; done
}
need() {
  finish "$1"
  [[ -e "$1/finished" ]] || { echo "$1 failed; what needs it does not start" >&2; wait; exit 1; }
}
room() {
  [[ -z "${begun[$1]:-}" ]] || finish "$1"
}
wanted() {
  [[ $# == 1 || " ${*:2} " == *" $1 "* ]]
}
"""
"""Jobs on this machine, one after the other but for those that share it; files in a shared folder
tell other machines."""


def side_by_side(runs: tuple[Settings, ...], start: Callable[[Settings], str]) -> str:
    """A script that starts jobs on a cluster as soon as the plan lets them.

    Args:
        runs: of the plan.
        start: the command that starts one in its folder and ends when the job has ended, with its
            exit code; our own words only.
    """
    lines = []
    for run in in_order(runs):
        lines.append(_planned(run).rstrip("\n"))
        lines += [f"{word} {folder}" for word, folder in _waits(run, runs)]
        lines.append(f"begin {run.folder} '{start(run)}'")
    lines += [f"need {run.folder}" for run in in_order(runs)]
    return _head(runs, ()) + BACKGROUND + "\n".join(lines) + "\n"


def one_by_one(runs: tuple[Settings, ...], start: Callable[[Settings], str]) -> str:
    """A script for machines at hand, which share the folder where there are several.

    Args:
        runs: of the plan.
        start: the command that trains one in its folder; our own words only.
    """
    order = in_order(runs)
    numbers = devices(order)
    named = f"bash {NAME} {order[0].folder}"
    said = (
        "Without a word all jobs run here, one after the other but for those that share a machine.",
        f"On several machines share this folder and name on each its jobs: {named}",
    )
    lines = []
    for position, run in enumerate(order):
        before = [other for other in order[:position] if collide(run, other, numbers)]
        lines.append(_planned(run).rstrip("\n"))
        lines.append(f'if wanted {run.folder} "$@"; then')
        lines += [f"  {word} {folder}" for word, folder in _waits(run, runs)]
        lines += [f"  room {other.folder}" for other in before]
        lines += [f"  begin {run.folder} '{_visible(run, numbers)}{start(run)}'", "fi"]
    lines += [f'if wanted {run.folder} "$@"; then need {run.folder}; fi' for run in order]
    return _head(runs, said) + HERE + "\n".join(lines) + "\n"


def _visible(run: Settings, numbers: dict[str, tuple[int, ...]]) -> str:
    """What lets a job see only its own accelerators of a machine that it shares."""
    own = numbers.get(run.planned.name)
    if own is None:
        return ""
    name = VISIBLE.get(run.vendor, "CUDA_VISIBLE_DEVICES")
    return f"export {name}={','.join(map(str, own))} && "


def submitted(runs: tuple[Settings, ...]) -> str:
    """A script that hands all jobs to Slurm at once, which then starts each in its turn."""
    lines = []
    for run in in_order(runs):
        waits = _waits(run, runs)
        rules = {"need": "afterok", "finish": "afterany"}
        earlier = [f"{rules[word]}:${{{_variable(folder)}%%;*}}" for word, folder in waits]
        after = f" --dependency={','.join(earlier)} --kill-on-invalid-dep=yes" if earlier else ""
        lines.append(_planned(run).rstrip("\n"))
        lines.append(
            f"{_variable(run.folder)}=$(cd {run.folder} && sbatch --parsable{after} slurm.sbatch)"
        )
        lines.append(f'echo "{run.folder}: job ${_variable(run.folder)}"')
    return _head(runs, ()) + "\n".join(lines) + "\n"


def in_order(runs: tuple[Settings, ...]) -> list[Settings]:
    """Jobs by their planned start, those that others wait for first."""
    left = sorted(runs, key=lambda run: (run.planned.start_hours, run.position))
    out: list[Settings] = []
    while left:
        done = {run.planned.name for run in out}
        names = {run.planned.name for run in left}
        free = (run for run in left if not (set(_earlier(run)) & names) - done)
        # A circle cannot come from a plan; an edited file still gets an order.
        following = next(free, left[0])
        left.remove(following)
        out.append(following)
    return out


def _earlier(run: Settings) -> tuple[str, ...]:
    return (*run.asked.earlier, *run.planned.waits_for)


def _waits(run: Settings, runs: tuple[Settings, ...]) -> list[tuple[str, str]]:
    """What a job waits for: `need` an earlier stage, `finish` of who uses its machines before."""
    folders = {other.planned.name: other.folder for other in runs if other is not run}
    order = [other.planned.name for other in in_order(runs)]
    before = set(order[: order.index(run.planned.name)])
    words = dict.fromkeys(run.planned.waits_for, "finish")
    words |= dict.fromkeys(run.asked.earlier, "need")
    return [(word, folders[name]) for name, word in words.items() if name in before]


def _head(runs: tuple[Settings, ...], said: tuple[str, ...]) -> str:
    names = listed([run.folder for run in in_order(runs)])
    order = f"Starts the jobs of the plan in its order: {names}."
    return f"#!/usr/bin/env bash\n{comment((order, *said))}{HEAD}"


def _planned(run: Settings) -> str:
    hours = run.planned.start_hours
    when = "at once" if hours <= 0 else f"after {hours_text(hours)}, with earlier jobs slow"
    return comment((f"{run.folder}: planned to start {when}.",))


def _variable(folder: str) -> str:
    return f"job_{folder.partition('-')[0]}"
