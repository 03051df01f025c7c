"""What SkyPilot, dstack and the schemas of Kubernetes understand of a folder, as JSON."""

import json
import sys
from pathlib import Path

import yaml


def read_skypilot():
    import sky
    from sky.utils import common_utils, schemas

    settings = yaml.safe_load(Path("skypilot.yaml").read_text())
    common_utils.validate_schema(settings, schemas.get_task_schema(), "task: ")
    # Which buckets exist is asked of the cloud itself.
    mounts = settings.pop("file_mounts", None)
    task = sky.Task.from_yaml_config(settings)
    (machine,) = task.resources
    return {
        "name": task.name,
        "machines": task.num_nodes,
        "cloud": str(machine.cloud).lower(),
        "region": machine.region,
        "machine": machine.instance_type,
        "spot": machine.use_spot,
        "mounts": mounts,
        "run": task.run,
    }


def read_dstack():
    from dstack._internal.core.models.configurations import parse_apply_configuration

    made = {}
    for path in Path().glob("*.dstack.yml"):
        config = parse_apply_configuration(yaml.safe_load(path.read_text()))
        made[config.type] = json.loads(config.json())
    task = made["task"]
    return {
        "name": task["name"],
        "machines": task["nodes"],
        "cloud": task["backends"],
        "region": task["regions"],
        "machine": task["instance_types"],
        "spot": task["spot_policy"],
        "gpus": task["resources"]["gpu"]["count"],
        "volume": made.get("volume", {}).get("name"),
        "run": task["commands"],
    }


def read_kubernetes():
    import kubernetes_validate

    documents = list(yaml.safe_load_all(Path("kubernetes.yaml").read_text()))
    for document in documents:
        if document["kind"] != "PyTorchJob":
            kubernetes_validate.validate(document, "1.32", strict=True)
            continue
        # Its schema is Kubeflow's; its pods are Kubernetes' own.
        for replica in document["spec"]["pytorchReplicaSpecs"].values():
            pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "pod"}}
            kubernetes_validate.validate({**pod, **replica["template"]}, "1.32", strict=True)
    return {"kinds": [document["kind"] for document in documents]}


READERS = {"skypilot": read_skypilot, "dstack": read_dstack, "kubernetes": read_kubernetes}

if __name__ == "__main__":
    sys.stdout.write("\n" + json.dumps(READERS[sys.argv[1]]()))
