"""The run as a task of dstack."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from catalog.problems import Problem
from catalog.units import BYTES_PER_GIB
from solver.export.launch.chain import side_by_side
from solver.export.launch.files import LaunchFile, Target
from solver.export.launch.hugging_face import against, command, run_files
from solver.export.launch.promise import promise
from solver.export.launch.text import yaml_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver.export.launch.settings import Settings
    from solver.plan import Solved, Stopped

BACKENDS = {
    "aws": "aws",
    "azure": "azure",
    "gcp": "gcp",
    "oci": "oci",
    "crusoe": "crusoe",
    "cudo": "cudo",
    "jarvislabs": "jarvislabs",
    "lambda": "lambda",
    "nebius": "nebius",
    "runpod": "runpod",
    "vast": "vastai",
    "verda": "verda",
    "vultr": "vultr",
}
"""What dstack 0.22.5 calls each provider."""

NATIVE = ("aws", "azure", "gcp", "oci")
"""Backends that take the provider's own names of machines and regions."""

GPU_NAMES = {
    "A10": "A10",
    "A10G": "A10G",
    "A40": "A40",
    "A100-40-PCIe": "A100",
    "A100-40-SXM": "A100",
    "A100-80-PCIe": "A100",
    "A100-80-SXM": "A100",
    "B200-SXM": "B200",
    "B300-SXM": "B300",
    "GB200": "GB200",
    "GB300": "GB300",
    "GH200-96": "GH200",
    "H100-NVL": "H100NVL",
    "H100-PCIe": "H100",
    "H100-SXM": "H100",
    "H200-NVL": "H200NVL",
    "H200-SXM": "H200",
    "L4": "L4",
    "L40": "L40",
    "L40S": "L40S",
    "MI210": "MI210",
    "MI250": "MI250",
    "MI250X": "MI250X",
    "MI300X": "MI300X",
    "MI325X": "MI325X",
    "MI350X": "MI350X",
    "MI355X": "MI355X",
    "P100": "P100",
    "RTX-3090": "RTX3090",
    "RTX-4090": "RTX4090",
    "RTX-5090": "RTX5090",
    "RTX-6000-Ada": "RTX6000Ada",
    "RTX-A4000": "A4000",
    "RTX-A4500": "A4500",
    "RTX-A5000": "A5000",
    "RTX-A6000": "A6000",
    "RTX-PRO-4500": "RTXPRO4500",
    "RTX-PRO-6000": "RTXPRO6000",
    "T4": "T4",
    "V100-16": "V100",
    "V100-32": "V100",
}
"""What dstack calls each accelerator, as gpuhunt 0.1.34 lists them."""

SEVERAL_FORMS = ("A100", "H100")
"""Names under which it finds PCIe cards and SXM modules alike."""

PERSISTENT = ("aws", "gcp", "runpod")
"""Backends whose volumes outlive an interruption."""

MEMORY_RATIO = 0.95
"""Of the usable memory is asked for, as its list rounds some parts down (B300: 270 of 277). [1]"""


def task(run: Settings) -> dict[str, Any]:
    """The task that dstack reads."""
    planned = run.planned
    offer = planned.offer
    name = _name(run)
    spot = offer.pricing == "spot"
    several = planned.instances > 1
    go = command(run, "$DSTACK_NODE_RANK", "$DSTACK_MASTER_NODE_IP")
    native = offer.provider in NATIVE
    least_gib = math.floor(MEMORY_RATIO * planned.memory.capacity / BYTES_PER_GIB)
    return {
        "type": "task",
        "name": name,
        "nodes": planned.instances if several else None,
        "python": "3.12",
        "files": [".:/run"],
        "working_dir": "/run",
        "commands": [
            "pip install -r requirements.txt",
            *(["ln -sfn /checkpoints output"] if spot else []),
            go,
        ],
        "backends": [BACKENDS[offer.provider]],
        "regions": [offer.region] if native and offer.region != "any" else None,
        "instance_types": [offer.sku] if native else None,
        "spot_policy": "spot" if spot else "on-demand",
        "retry": {"on_events": ["no-capacity", "interruption"], "duration": "3d"} if spot else None,
        "volumes": [f"{name}:/checkpoints"] if spot else None,
        "resources": {
            "gpu": {
                "name": GPU_NAMES[offer.accelerator],
                "memory": f"{least_gib}GB..",
                "count": offer.gpus_per_instance,
            },
            "disk": f"{run.disk_gb}GB..",
        },
    }


def _name(run: Settings) -> str:
    return f"trilemma-{run.folder}"


def _volume(run: Settings) -> dict[str, Any]:
    """A place for checkpoints that outlives the machine."""
    offer = run.planned.offer
    return {
        "type": "volume",
        "name": _name(run),
        "backend": BACKENDS[offer.provider],
        "region": offer.region,
        "size": f"{run.disk_gb}GB",
    }


def _against(run: Settings) -> Iterator[Problem]:
    yield from against(run)
    planned, offer = run.planned, run.planned.offer
    where = f"job {planned.name}"
    if offer.pricing == "owned":
        yield Problem(where, "these machines are your own", "Take --to torchrun.")
        return
    if run.starts_from is not None or run.feeds_others:
        what = "no volume of dstack hands a finished model from one job to another"
        yield Problem(where, what, "Take --to skypilot, kubernetes or slurm.")
    if offer.provider not in BACKENDS:
        what = f"dstack 0.22.5 has no backend for {offer.provider}"
        yield Problem(where, what, "Take --to torchrun on the rented machine.")
    if offer.accelerator not in GPU_NAMES:
        what = f"dstack's name of {offer.accelerator_name} is not known"
        yield Problem(where, what, "Take --to torchrun on the rented machine.")
    elif offer.provider not in NATIVE and GPU_NAMES[offer.accelerator] in SEVERAL_FORMS:
        what = f"dstack cannot tell {offer.accelerator_name} from its other forms"
        yield Problem(where, what, "Take --to torchrun on the rented machine.")
    if offer.pricing.startswith("reserved"):
        yield Problem(
            where, "dstack needs the name of the reservation", "Take --to torchrun on the machine."
        )
    if planned.spot_window is not None:
        what = "dstack does not give up spot machines after a time and go on without"
        yield Problem(where, what, "Take --to skypilot.")
    if offer.pricing == "spot" and (offer.provider not in PERSISTENT or planned.instances > 1):
        what = "no volume of dstack keeps the checkpoints of these interruptible machines"
        yield Problem(where, what, "Take --to skypilot, or plan without spot.")


def _files(answer: Solved | Stopped, run: Settings) -> tuple[LaunchFile, ...]:
    header = promise(answer, run)
    made = [LaunchFile("task.dstack.yml", yaml_text(task(run), header))]
    if run.planned.offer.pricing == "spot":
        first = "Create it first: dstack apply -f volume.dstack.yml"
        made.append(LaunchFile("volume.dstack.yml", yaml_text(_volume(run), (first,))))
    return (*run_files(answer, run), *made)


def _begin(run: Settings) -> str:
    volume = "dstack apply --yes --file volume.dstack.yml && "
    return (volume if run.planned.offer.pricing == "spot" else "") + (
        "dstack apply --yes --file task.dstack.yml"
    )


DSTACK = Target(
    name="dstack",
    title="dstack",
    start="dstack apply -f task.dstack.yml",
    against=_against,
    files=_files,
    chain=lambda runs: side_by_side(runs, _begin),
)
