"""How a measured run trains: which weights, how wide, and what its notes say of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from solver.estimate.configurations import Tuning
from solver.estimate.trainable import trainable_parameters
from solver.measured.adapted import adaption_of, inputs_kept

if TYPE_CHECKING:
    from solver.estimate.configurations import FloatArray
    from solver.measured.runs import Run
    from solver.measured.shape import Network

USUAL_RANK = 16.0
"""Rank where none is stated."""

RANKED = (Tuning.LORA, Tuning.QLORA, Tuning.DORA)

UPDATES_IN_BACKWARD = (
    r"(?:optimi[sz]er|optimi[sz]er step)[- ](?:in|into)[- ]backward|\blomo\b"
    r"|ladder: \+ (?:activation offload|8-?bit)"
)
"""Words of software that updates each weight in the backward pass, and of later steps of a table
that comes past it."""

NEAR_COUNT = 0.05
"""Counts of trained weights that differ by less tell of the same maps. [ratio]"""

DATED = (
    r"(?:container|release) (2[0-9])\.(0[1-9]|1[0-2])\b",
    r"\b20(2[0-9])-(0[1-9]|1[0-2])\b",
)
"""Years and months in notes, the first that is found."""

UNDATED = 2025.5
"""Release of software that no row dates. [year]"""

REBUILDS = (
    (r"\b(?:fourierft|waveft|frod|osf|boft|adamss)\b", 2.0),
    (r"\b(?:loha|lokr|hira|randlora|oft|psoft|vblora|c3a|lily|peanut|adalora)\b", 1.0),
    (r"\bmiss--[^;]*-bat\b", 1.0),
)
"""Adapters that make or change whole matrices in every pass: by transforms, decompositions and
chains of rotations, or as products of small factors (peft2025)."""

OFFLOADS_INPUTS = r"activation[- ]offload|ladder: (?:\+ 8-?bit|q?lora)|unsloth"
"""Words of software that moves the inputs of checkpointed layers to the host: Unsloth's own
checkpointing, and torchtune where it says so, a table of steps that has come past it included."""

TEACHER_RATIO = 2.0
"""Size of a teacher over its student where only the student is stated (sanh2019). [ratio]"""


def method_columns(run: Run, network: Network, tuning: Tuning) -> dict[str, Any]:
    """Columns of `Configurations` that the method decides."""
    rank = run.counts.get("lora_rank", USUAL_RANK if tuning in RANKED else 0.0)
    teacher = TEACHER_RATIO * network.active_parameters
    adaption = adaption_of(run)
    return {
        "tuning": int(tuning),
        "trainable_parameters": trainable(run, network, tuning, rank),
        "rank": rank,
        "teacher_active_parameters": teacher if tuning is Tuning.DISTILLATION else 0.0,
        "adapter_bytes": adapter_bytes(run, network, tuning, rank),
        "adapter_inputs": _adapter_inputs(run, network, tuning, rank),
        "adapter_dropout": adaption.drops_out,
        "release": release_of(run),
        "rebuilds": rebuilds(run, tuning),
        "sums_gradients": sums_gradients(run),
        "copies_gradients": re.search(r"internevo|internlm", words_of(run)) is not None,
        "offload_inputs": re.search(OFFLOADS_INPUTS, words_of(run)) is not None,
        "loads_whole": re.search(r"litgpt", words_of(run)) is not None,
        "update_in_backward": re.search(UPDATES_IN_BACKWARD, words_of(run)) is not None,
    }


def release_of(run: Run) -> float:
    """When the software of a run was released, as its notes or its year say. [year]"""
    for pattern in DATED:
        found = re.search(pattern, run.texts["notes"], re.IGNORECASE)
        if found:
            return 2000.0 + float(found[1]) + (float(found[2]) - 0.5) / 12.0
    year = re.match(r"\d{4}", run.texts["year"])
    return float(year[0]) + 0.5 if year else UNDATED


def rebuilds(run: Run, tuning: Tuning) -> float:
    """How an adapter works on whole matrices, as its name in the notes says. [1]"""
    if tuning not in (*RANKED, Tuning.ADAPTER):
        return 0.0
    notes = run.texts["notes"]
    for pattern, times in REBUILDS:
        if re.search(pattern, notes, re.IGNORECASE):
            return times
    return 0.0


def sums_gradients(run: Run) -> bool:
    """True where DeepSpeed's first stage is named, not Megatron's distributed optimiser."""
    return re.search(r"zero-?1$", run.texts["zero_stage_or_fsdp"].lower()) is not None


def words_of(run: Run) -> str:
    """Everything a row says in prose about its software, lower case."""
    names = ("stack", "source_name", "optimizer", "notes")
    return " ".join(run.texts[name] for name in names).lower()


def counts_real_tokens(run: Run) -> bool:
    """True where only real tokens are counted and `seq_len` is but the longest length."""
    return re.search(r"\breal\b.*\btokens\b|\bunpacked\b", run.texts["notes"]) is not None


def trainable(run: Run, network: Network, tuning: Tuning, rank: float) -> float:
    """Weights that are trained: as the notes state them, else by the method. [1]"""
    if tuning in (Tuning.PRETRAIN, Tuning.FULL, Tuning.DISTILLATION):
        return network.parameters
    stated = _stated_trainable(run)
    if stated is not None:
        return min(stated, network.parameters)
    added = _added(run, network, tuning, rank) + _trained_embeddings(run, network)
    return min(added, network.parameters)


def _stated_trainable(run: Run) -> float | None:
    stated = re.search(r"trainable (?:params )?(\d[\d,]*)", run.texts["notes"])
    return float(stated[1].replace(",", "")) if stated else None


def _added(run: Run, network: Network, tuning: Tuning, rank: float) -> float:
    """Weights that the method adds by its usual rule. [1]"""
    made: FloatArray = trainable_parameters(
        np.array([int(tuning)]),
        np.array([rank]),
        np.array([network.parameters]),
        adaption_of(run).maps,
        layers=np.array([network.layers]),
        hidden=np.array([network.hidden]),
        heads=np.array([network.heads]),
        kv_heads=np.array([network.kv_heads]),
        head_dim=np.array([network.head_dim]),
        ffn_hidden=np.array([network.ffn_hidden]),
        gated=np.array([network.gated]),
        vocabulary=np.array([network.vocabulary]),
    )
    return float(made[0])


def _adapter_inputs(run: Run, network: Network, tuning: Tuning, rank: float) -> float:
    """Widths of the inputs of a layer that adapters keep, 0 where their maps are not known. [1]

    A stated number of trained weights that the assumed maps do not have tells of others.
    """
    if tuning not in RANKED:
        return 0.0
    stated = _stated_trainable(run)
    if stated is not None:
        off = abs(stated / _added(run, network, tuning, rank) - 1.0)
        if off > NEAR_COUNT:
            return 0.0
    return inputs_kept(adaption_of(run), network)


def adapter_bytes(run: Run, network: Network, tuning: Tuning, rank: float) -> float:
    """Bytes of an added weight: cast to fp32 by Hugging Face PEFT, but not by other software.

    Embeddings that are trained along are copies in the format of the model. [byte]
    """
    if re.search(r"torchtune|litgpt|lightning|unsloth", words_of(run)):
        return 2.0
    every = trainable(run, network, tuning, rank)
    embeddings = _trained_embeddings(run, network)
    return (4.0 * (every - embeddings) + 2.0 * embeddings) / every


def _trained_embeddings(run: Run, network: Network) -> float:
    """Weights of embeddings and head where the notes say that they are trained along. [1]"""
    if not re.search(r"embedding ?\+ ?lm_head", run.texts["notes"]):
        return 0.0
    return (2.0 - network.tied) * network.vocabulary * network.hidden


def chunks_loss(run: Run) -> bool:
    """True where the software computes the loss in chunks: torchtune since September 2024."""
    words = words_of(run)
    if re.search(r"chunked|liger|unsloth", words):
        return True
    if re.search(r"ladder: (?:baseline|\+ packed|\+ compile)", words):
        # steps of a table that comes to the chunked loss later
        return False
    stated = re.search(r"20\d\d-\d\d", run.texts["notes"])
    when = stated[0] if stated else run.texts["year"]
    return "torchtune" in words and when >= "2024-09"
