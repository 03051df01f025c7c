"""The run as a task of SkyPilot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from catalog.problems import Problem
from catalog.units import SECONDS_PER_HOUR
from solver.export.launch.chain import side_by_side
from solver.export.launch.files import LaunchFile, Target
from solver.export.launch.hugging_face import against, command, run_files
from solver.export.launch.promise import promise
from solver.export.launch.text import comment, yaml_text
from solver.export.words import hours_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver.export.launch.settings import Settings
    from solver.plan import MachineUsed, Solved, Stopped

NATIVE = ("aws", "azure", "gcp")
"""Clouds whose own names of machines SkyPilot takes."""

OTHERS = ("cudo", "hyperbolic", "lambda", "nebius", "oci", "paperspace", "runpod", "vast", "verda")
"""Clouds of SkyPilot 0.14.1 whose names of machines are known where an offer stands on its
catalogue."""

CATALOGUE = "skypilot-catalog"
"""In the source of an offer: its names are SkyPilot's."""

GCP_NAMES = {
    "A100-40-SXM": "A100",
    "A100-80-SXM": "A100-80GB",
    "H100-SXM": "H100",
    "L4": "L4",
    "T4": "T4",
    "V100-16": "V100",
}
"""On GCP SkyPilot attaches accelerators to machines by name."""

LONGEST_BUCKET = 63

START = "/start"
"""Where the finished model of an earlier job is mounted."""


SCRIPT = "skypilot.sh"

LASTING = "skypilot-lasting.yaml"
"""The same run on the machines that take over after the window."""

WINDOW = """\
#!/usr/bin/env bash
{comment}set -uo pipefail
cd "$(dirname "$0")"
timeout {seconds} sky jobs launch --yes skypilot.yaml
ended=$?
[[ $ended == 124 ]] || exit $ended
sky jobs cancel --yes --name {name}
exec sky jobs launch --yes {lasting}
"""
"""124 is how `timeout` says that the time was over."""


def task(answer: Solved | Stopped, run: Settings, *, lasting: bool = False) -> dict[str, Any]:
    """SkyPilot's task of a run.

    Args:
        answer: the plan.
        run: one job of it.
        lasting: on the machines that take over after a window on spot ones.
    """
    planned = run.planned
    window = planned.spot_window
    offer = window.then if lasting and window is not None else planned.offer
    name = _task_name(run, lasting=lasting)
    spot = offer.pricing == "spot"
    region = "" if offer.region == "any" else f"/{offer.region}"
    go = command(run, "$SKYPILOT_NODE_RANK", '$(echo "$SKYPILOT_NODE_IPS" | head -n 1)')
    kept = spot or run.feeds_others or window is not None
    mounted = "ln -sfn /checkpoints output\n" if kept else ""
    mounts: dict[str, Any] = {}
    if kept:
        mounts["/checkpoints"] = {"name": _bucket(answer, run.folder), "mode": "MOUNT_CACHED"}
    if run.starts_from is not None:
        mounts[START] = {"name": _bucket(answer, run.starts_from.folder), "mode": "MOUNT"}
    return {
        "name": name,
        "workdir": ".",
        "num_nodes": planned.instances,
        "resources": {
            "infra": f"{offer.provider}{region}",
            "instance_type": offer.sku,
            "accelerators": _accelerators(offer),
            "use_spot": spot,
            "disk_size": run.disk_gb,
        },
        "file_mounts": mounts or None,
        "setup": "pip install -r requirements.txt",
        "run": f"set -e\n{mounted}{go}\n",
    }


def _bucket(answer: Solved | Stopped, folder: str) -> str:
    """Where a job's checkpoints and finished model lie, out of reach of its machine's end."""
    return f"trilemma-{folder}-{answer.digest[:8]}"[:LONGEST_BUCKET].strip("-")


def _task_name(run: Settings, *, lasting: bool) -> str:
    return f"trilemma-{run.folder}" + ("-lasting" if lasting else "")


def _accelerators(offer: MachineUsed) -> str | None:
    if offer.provider != "gcp":
        return None
    name = "H100-MEGA" if "mega" in offer.sku and "H100" in offer.accelerator else None
    return f"{name or GCP_NAMES.get(offer.accelerator)}:{offer.gpus_per_instance}"


def _against(run: Settings) -> Iterator[Problem]:
    yield from against(run)
    offer = run.planned.offer
    where = f"job {run.planned.name}"
    if offer.pricing == "owned":
        yield Problem(where, "SkyPilot rents machines, these are your own", "Take --to torchrun.")
    elif offer.provider not in (*NATIVE, *OTHERS):
        what = f"SkyPilot 0.14.1 knows no cloud {offer.provider}"
        yield Problem(where, what, "Take --to torchrun on the rented machine.")
    elif offer.provider not in NATIVE and CATALOGUE not in offer.source:
        what = f"SkyPilot's name of {offer.sku} is not known"
        yield Problem(where, what, "Take --to torchrun on the rented machine.")
    elif offer.provider == "gcp" and offer.accelerator not in GCP_NAMES:
        what = f"SkyPilot's name of {offer.accelerator_name} on GCP is not known"
        yield Problem(where, what, "Take --to torchrun on the rented machine.")
    if offer.pricing.startswith("reserved"):
        what = "SkyPilot asks for no reservation of one or three years"
        yield Problem(where, what, "Reserve the machine, then take --to torchrun.")


def _files(answer: Solved | Stopped, run: Settings) -> tuple[LaunchFile, ...]:
    said = promise(answer, run)
    made = [LaunchFile("skypilot.yaml", yaml_text(task(answer, run), said))]
    if run.planned.spot_window is not None:
        lasting = yaml_text(task(answer, run, lasting=True), said)
        made += [LaunchFile(LASTING, lasting), LaunchFile(SCRIPT, _window(run))]
    return (*run_files(answer, run.starting_at(START)), *made)


def _window(run: Settings) -> str:
    """A script that gives up spot machines when their window is over."""
    window = run.planned.spot_window
    hours = run.planned.time.startup + (0.0 if window is None else window.hours)
    why = f"Spot machines for up to {hours_text(hours)}; what is left goes on on lasting ones."
    return WINDOW.format(
        comment=comment((why,)),
        seconds=max(1, round(hours * SECONDS_PER_HOUR)),
        name=_task_name(run, lasting=False),
        lasting=LASTING,
    )


def _start(run: Settings) -> str:
    if run.planned.spot_window is not None:
        return f"bash {SCRIPT}"
    return "sky jobs launch --yes skypilot.yaml"


SKYPILOT = Target(
    name="skypilot",
    title="SkyPilot",
    start="sky jobs launch skypilot.yaml",
    against=_against,
    files=_files,
    chain=lambda runs: side_by_side(runs, _start),
)
