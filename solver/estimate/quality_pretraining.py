"""Loss of a decoder pre-trained from scratch, and the size that spends a compute budget best."""

from __future__ import annotations

import math
from dataclasses import dataclass

E, A, B = 1.8172, 482.01, 2085.43
ALPHA, BETA = 0.3478, 0.3658
"""L = E + A/N^alpha + B/D^beta as refitted by besiroglu2024. The five numbers belong together."""

REPEAT_WORTH = 15.387756
"""R*: passes over the same tokens are worth at most so many fresh ones (muennighoff2023). [1]"""

FLOP_PER_WEIGHT_AND_TOKEN = 6.0
"""Forward and backward pass of a dense Transformer (kaplan2020). [FLOP]"""


@dataclass(frozen=True, slots=True)
class Optimum:
    """The split of a compute budget that reaches the lowest loss."""

    parameters: float
    """[1]"""
    tokens: float
    """[token]"""
    loss: float
    """[nat]"""


def fresh_tokens(tokens: float, epochs: float) -> float:
    """Fresh tokens that passes over the same ones are worth. [token]

    Args:
        tokens: distinct tokens. [token]
        epochs: passes, >= 1. [1]

    Source:
        muennighoff2023, equation 5: D(1 + R*(1 - exp(-(e - 1)/R*))).
    """
    return tokens * (1.0 + REPEAT_WORTH * (1.0 - math.exp(-(epochs - 1.0) / REPEAT_WORTH)))


def pretraining_loss(parameters: float, tokens: float, epochs: float = 1.0) -> float:
    """Cross-entropy on held-out text of the training distribution. [nat per token]

    Args:
        parameters: of a dense decoder. [1]
        tokens: distinct training tokens. [token]
        epochs: passes over them. [1]

    Source:
        besiroglu2024; holds for a well-tuned cosine schedule and the tokenizer of hoffmann2022.
        It is no fine-tuning law and says nothing of a task.
    """
    return float(E + A / parameters**ALPHA + B / fresh_tokens(tokens, epochs) ** BETA)


def compute_optimum(flop: float) -> Optimum:
    """Parameters and fresh tokens with the lowest loss for a compute budget.

    Args:
        flop: C = 6 N D. [FLOP]

    Source:
        hoffmann2022, equation 4, with the constants of besiroglu2024: about 20 tokens a parameter.
    """
    both = ALPHA + BETA
    work = flop / FLOP_PER_WEIGHT_AND_TOKEN
    parameters = (ALPHA * A / (BETA * B)) ** (1.0 / both) * work ** (BETA / both)
    tokens = work / parameters
    return Optimum(parameters, tokens, pretraining_loss(parameters, tokens))
