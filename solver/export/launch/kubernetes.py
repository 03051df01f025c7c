"""The run as a Job of Kubernetes, or a PyTorchJob of Kubeflow on several machines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from catalog.units import BYTES_PER_GB, BYTES_PER_GIB
from solver.export.launch.chain import side_by_side
from solver.export.launch.files import LaunchFile, Target
from solver.export.launch.hugging_face import PORT, against, command, run_files
from solver.export.launch.promise import promise
from solver.export.launch.text import yaml_text
from solver.export.words import machine_text, place_text

if TYPE_CHECKING:
    from solver.export.launch.settings import Settings
    from solver.plan import Solved, Stopped

IMAGES = {
    "nvidia": "pytorch/pytorch:2.8.0-cuda12.6-cudnn9-runtime",
    "amd": "rocm/pytorch:latest",
}
"""PyTorch by vendor; the requirements then bring their own release of it."""

RESOURCES = {"nvidia": "nvidia.com/gpu", "amd": "amd.com/gpu"}
"""What the vendors' device plugins call an accelerator."""

RESTARTS = 20
"""How often a job on interruptible machines may start again. [1]"""

START = "/start"
"""Where the claim of an earlier job is mounted, whose finished model this one trains on."""

SHARED_MEMORY = "16Gi"
"""For the exchange between processes of one machine; the default of 64 MB is too small."""


def manifests(run: Settings, files: tuple[LaunchFile, ...]) -> tuple[dict[str, Any], ...]:
    """The run's files, its disk and its job.

    Args:
        run: what is trained.
        files: the run's files, which travel in a config map.
    """
    name = _name(run)
    size = f"{round(run.disk_gb * BYTES_PER_GB / BYTES_PER_GIB) + 1}Gi"
    config = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name},
        "data": {file.path: file.text for file in files},
    }
    several = run.planned.instances > 1
    disk = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name},
        "spec": {
            "accessModes": ["ReadWriteMany" if several else "ReadWriteOnce"],
            "resources": {"requests": {"storage": size}},
        },
    }
    return config, disk, _pytorch_job(name, run) if several else _job(name, run)


def _name(run: Settings) -> str:
    return f"trilemma-{run.folder}"


def _job(name: str, run: Settings) -> dict[str, Any]:
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {
            "backoffLimit": RESTARTS if run.checkpoint_steps else 2,
            "template": _pod(name, run, "trainer", command(run)),
        },
    }


def _pytorch_job(name: str, run: Settings) -> dict[str, Any]:
    go = command(run, "$RANK", "$MASTER_ADDR")
    replica = {"restartPolicy": "OnFailure", "template": _pod(name, run, "pytorch", go)}
    return {
        "apiVersion": "kubeflow.org/v1",
        "kind": "PyTorchJob",
        "metadata": {"name": name},
        "spec": {
            "nprocPerNode": str(run.planned.offer.gpus_per_instance),
            "pytorchReplicaSpecs": {
                "Master": {"replicas": 1, **replica},
                "Worker": {"replicas": run.planned.instances - 1, **replica},
            },
        },
    }


def _pod(name: str, run: Settings, container: str, go: str) -> dict[str, Any]:
    gpus = {RESOURCES[run.vendor]: run.planned.offer.gpus_per_instance}
    fetch = "set -e\ncp /config/* /workspace/\ncd /workspace\npip install -r requirements.txt\n"
    script = f"{fetch}{go}\n"
    ports = [{"name": "pytorchjob-port", "containerPort": PORT}]
    mounts: list[dict[str, Any]] = []
    volumes: list[dict[str, Any]] = []
    if run.starts_from is not None:
        claim = {"claimName": f"trilemma-{run.starts_from.folder}", "readOnly": True}
        mounts.append({"name": "start", "mountPath": START, "readOnly": True})
        volumes.append({"name": "start", "persistentVolumeClaim": claim})
    return {
        "spec": {
            # A Job takes only these two policies; a PyTorchJob sets its own.
            "restartPolicy": "OnFailure",
            "containers": [
                {
                    "name": container,
                    "image": IMAGES[run.vendor],
                    "command": ["bash", "-c", script],
                    "ports": ports if run.planned.instances > 1 else None,
                    "resources": {"limits": gpus},
                    "volumeMounts": [
                        {"name": "config", "mountPath": "/config"},
                        {"name": "run", "mountPath": "/workspace"},
                        {"name": "shm", "mountPath": "/dev/shm"},  # noqa: S108 - in the container
                        *mounts,
                    ],
                }
            ],
            "volumes": [
                {"name": "config", "configMap": {"name": name}},
                {"name": "run", "persistentVolumeClaim": {"claimName": name}},
                {"name": "shm", "emptyDir": {"medium": "Memory", "sizeLimit": SHARED_MEMORY}},
                *volumes,
            ],
        }
    }


def _files(answer: Solved | Stopped, run: Settings) -> tuple[LaunchFile, ...]:
    offer = run.planned.offer
    where = (
        f"Each pod must lie on what was planned: {machine_text(offer, 1)}, {place_text(offer)};"
        " add a nodeSelector with your cluster's labels. The data lie on the claim, in"
        " data/train.jsonl."
    )
    header = (*promise(answer, run), where)
    started = run_files(answer, run.starting_at(f"{START}/output"))
    config, disk, job = manifests(run, started)
    text = "---\n".join((yaml_text(config, header), yaml_text(disk), yaml_text(job)))
    return (LaunchFile("kubernetes.yaml", text),)


def _begin(run: Settings) -> str:
    """Starts a job and waits for its end; one that fails is waited for until someone looks."""
    kind, state = ("job", "complete") if run.planned.instances == 1 else ("pytorchjob", "Succeeded")
    wait = f"kubectl wait --for=condition={state} --timeout=-1s {kind}/{_name(run)}"
    return f"kubectl apply -f kubernetes.yaml && {wait}"


KUBERNETES = Target(
    name="kubernetes",
    title="Kubernetes, with Kubeflow's PyTorchJob on several machines",
    start="kubectl apply -f kubernetes.yaml",
    against=against,
    files=_files,
    chain=lambda runs: side_by_side(runs, _begin),
)
