"""How a measured run trains: which weights, how wide, and what its notes say of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from solver.estimate.configurations import Tuning
from solver.estimate.trainable import trainable_parameters

if TYPE_CHECKING:
    from solver.estimate.configurations import FloatArray
    from solver.measured.runs import Run
    from solver.measured.shape import Network

USUAL_RANK = 16.0
"""Rank where none is stated."""

RANKED = (Tuning.LORA, Tuning.QLORA, Tuning.DORA)

TEACHER_RATIO = 2.0
"""Size of a teacher over its student where only the student is stated (sanh2019). [ratio]"""


def method_columns(run: Run, network: Network, tuning: Tuning) -> dict[str, Any]:
    """Columns of `Configurations` that the method decides."""
    rank = run.counts.get("lora_rank", USUAL_RANK if tuning in RANKED else 0.0)
    teacher = TEACHER_RATIO * network.active_parameters
    return {
        "tuning": int(tuning),
        "trainable_parameters": trainable(run, network, tuning, rank),
        "rank": rank,
        "teacher_active_parameters": teacher if tuning is Tuning.DISTILLATION else 0.0,
        "adapter_bytes": adapter_bytes(run, network, tuning, rank),
    }


def words_of(run: Run) -> str:
    """Everything a row says in prose about its software, lower case."""
    return " ".join(run.texts[name] for name in ("stack", "source_name", "notes")).lower()


def counts_real_tokens(run: Run) -> bool:
    """True where only real tokens are counted and `seq_len` is but the longest length."""
    return re.search(r"\breal\b.*\btokens\b", run.texts["notes"]) is not None


def trainable(run: Run, network: Network, tuning: Tuning, rank: float) -> float:
    """Weights that are trained: as the notes state them, else by the method. [1]"""
    stated = re.search(r"trainable (?:params )?(\d[\d,]*)", run.texts["notes"])
    if tuning in (Tuning.PRETRAIN, Tuning.FULL, Tuning.DISTILLATION):
        return network.parameters
    if stated:
        return min(float(stated[1].replace(",", "")), network.parameters)
    made: FloatArray = trainable_parameters(
        np.array([int(tuning)]),
        np.array([rank]),
        np.array([network.parameters]),
        layers=np.array([network.layers]),
        hidden=np.array([network.hidden]),
        heads=np.array([network.heads]),
        kv_heads=np.array([network.kv_heads]),
        head_dim=np.array([network.head_dim]),
        ffn_hidden=np.array([network.ffn_hidden]),
        gated=np.array([network.gated]),
        vocabulary=np.array([network.vocabulary]),
    )
    embeddings = _trained_embeddings(run, network)
    return min(float(made[0]) + embeddings, network.parameters)


def adapter_bytes(run: Run, network: Network, tuning: Tuning, rank: float) -> float:
    """Bytes of an added weight: cast to fp32 by Hugging Face PEFT, but not by other software.

    Embeddings that are trained along are copies in the format of the model. [byte]
    """
    if re.search(r"torchtune|litgpt|lightning", words_of(run)):
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
    """True where the software computes the loss in chunks: torchtune since November 2024."""
    words = words_of(run)
    if re.search(r"chunked|liger|unsloth", words):
        return True
    if re.search(r"ladder: (?:baseline|\+ packed|\+ compile)", words):
        # steps of a table that comes to the chunked loss later
        return False
    stated = re.search(r"20\d\d-\d\d", run.texts["notes"])
    when = stated[0] if stated else run.texts["year"]
    return "torchtune" in words and when >= "2024-11"
