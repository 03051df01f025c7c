"""Answers with plans of every kind that launch files meet."""

from functools import cache
from pathlib import Path

from solver.answer_file import parse_answer

ANSWERS = Path(__file__).parents[1] / "data" / "answers"

PARTS = {
    "nvidia": ("H100-SXM", "H100 SXM"),
    "amd": ("MI300X", "MI300X"),
    "google": ("TPU-v3", "TPU v3"),
}

ENCODER = {
    "name": "BERT-base",
    "family": "BERT",
    "hub_id": "google-bert/bert-base-uncased",
    "architecture": "encoder",
    "vocabulary": 30_522,
    "hidden": 768,
    "tied_embeddings": True,
}

DECODER = {
    "name": "Llama-3.1-8B",
    "family": "Llama 3.1",
    "hub_id": "meta-llama/Llama-3.1-8B",
    "architecture": "decoder",
    "vocabulary": 128_256,
    "hidden": 4_096,
    "tied_embeddings": False,
}


@cache
def stored(outcome="solved"):
    return parse_answer((ANSWERS / f"{outcome}.json").read_text(encoding="utf-8"))


def launchable(
    *,
    name="job",
    family="chat",
    method="lora",
    rank=16,
    precision="bf16-mixed",
    storage="",
    vendor="nvidia",
    provider="aws",
    sku="p5.48xlarge",
    region="us-east-1",
    pricing="on-demand",
    source="test",
    gpus_per_instance=8,
    instances=1,
    sharding="weights",
    checkpointing="full",
    micro_batch=4,
    accumulation=2,
    sequence=2048,
    trials=1,
    title="",
    model=None,
):
    """An answer whose one plan is as stated; everything else is that of the stored answer."""
    answer = stored()
    labels = family in {"classification", "pair-classification", "regression"}
    model = model or (ENCODER if labels else DECODER)
    part, part_name = PARTS[vendor]
    gpus = gpus_per_instance * instances
    batch = gpus * micro_batch * accumulation
    job = answer.jobs[0]
    offer = job.offer.model_copy(
        update={
            "key": f"{provider}/{sku}/{region}/{pricing}",
            "provider": provider,
            "sku": sku,
            "region": region,
            "pricing": pricing,
            "accelerator": part,
            "accelerator_name": part_name,
            "gpus_per_instance": gpus_per_instance,
            "source": source,
        }
    )
    layout = job.layout.model_copy(
        update={
            "data_parallel": gpus,
            "sharding": sharding,
            "checkpointing": checkpointing,
            "micro_batch": micro_batch,
            "accumulation": accumulation,
            "batch_sequences": batch,
            "sequence": sequence,
        }
    )
    planned = job.model_copy(
        update={
            "name": name,
            "key": f"{model['name']}:{method}:{precision}:{offer.key}:{instances}x:1e",
            "model": model["name"],
            "parameters": 8_030_261_248 if not labels else 109_482_240,
            "method": method,
            "rank": rank if method in {"lora", "dora", "qlora"} else None,
            "precision": precision,
            "storage": storage,
            "offer": offer,
            "instances": instances,
            "gpus": gpus,
            "layout": layout,
            "epochs": 1,
            "tokens": 5e7,
            "trials": trials,
        }
    )
    asked = answer.question.jobs[0].replace(
        name=name, family=family, classes=12 if family == "classification" else None
    )
    if not labels:
        asked = asked.replace(examples=None, tokens_per_example=None, tokens=5e7, pilots=())
    rows = {"models": [model], "accelerators": [{"id": part, "name": part_name, "vendor": vendor}]}
    assumed = {"checkpoint_hours": 1 / 60, "spot_spell_hours": 4.3, "spot_gang_spell_hours": 1.9}
    facts = answer.facts.model_copy(
        update={
            "catalog": {**answer.facts.catalog, **rows},
            "constants": {**answer.facts.constants, "assumptions": assumed},
        }
    )
    return answer.model_copy(
        update={
            "question": answer.question.replace(jobs=[asked.model_dump()], title=title),
            "jobs": (planned,),
            "facts": facts,
            "limits": tuple(
                kept.model_copy(update={"job": name if kept.job else None})
                for kept in answer.limits
            ),
        }
    )


def in_phases(answer, phases, *, shardings=(), batches=()):
    """The answer with its one job as a recipe of (steps, sequences of a step, sequence) each."""
    job = answer.jobs[0]
    layouts = [
        job.layout.model_copy(
            update={
                "sequence": sequence,
                "batch_sequences": batches[i] if batches else batch,
                "accumulation": batch // (job.gpus * job.layout.micro_batch),
                **({"sharding": shardings[i]} if shardings else {}),
            }
        )
        for i, (_, batch, sequence) in enumerate(phases)
    ]
    longest = max(range(len(phases)), key=lambda i: phases[i][2])
    planned = job.model_copy(
        update={
            "layout": layouts[longest],
            "other_phases": tuple(x for i, x in enumerate(layouts) if i != longest),
            "tokens": float(sum(steps * batch * sequence for steps, batch, sequence in phases)),
        }
    )
    asked = answer.question.jobs[0].replace(
        tokens=None,
        phases=[
            {"steps": steps, "batch_sequences": batch, "sequence": sequence}
            for steps, batch, sequence in phases
        ],
    )
    return answer.model_copy(
        update={
            "jobs": (planned,),
            "question": answer.question.replace(jobs=[asked.model_dump()]),
        }
    )


def chained(first, second):
    """Two answers of one job each as one plan: the second goes on from the first one's model."""
    name = first.jobs[0].name
    end = first.jobs[0].hours.at_confidence
    later = second.jobs[0].model_copy(update={"start_hours": end, "waits_for": (name,)})
    asked = [
        first.question.jobs[0].model_dump(),
        second.question.jobs[0].replace(starts_from=name).model_dump(),
    ]
    question = first.question.replace(jobs=asked)
    jobs = (first.jobs[0], later)
    return first.model_copy(update={"jobs": jobs, "question": question, "region": None})
