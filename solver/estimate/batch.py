"""The critical batch: beyond it more accelerators stop shortening the time to a target."""

from __future__ import annotations

TUNING_CRITICAL_TOKENS = 309e3
"""Critical batch of LoRA on a 70B model, the one fine-tuning curve that is measured: 3,072 samples
of 8,192 tokens reach the target in batches of 8, 3,840 in 16, 7,296 in 64 and 11,136 in 128
(mlperf2025); 37.7 samples put the first and the last on the curve below. [token]"""

WORTH_SAYING = 1.5
"""Batches so many times the critical one waste enough to be said. [ratio]"""


def pretraining_critical_tokens(tokens: float) -> float:
    """Batch that pre-training on D tokens can use well. [token]

    B = 0.58 D^0.571, the batch of lowest loss, independent of the model; the critical batch lies
    above it (and grows with data, not with the model), so that this errs to the small side.

    Args:
        tokens: training tokens D. [token], > 0.

    Source:
        li2025steplaw.
    """
    return float(0.58 * tokens**0.571)


def sample_stretch(batch_tokens: float, critical_tokens: float) -> float:
    """Samples to a target over those that a tiny batch needs: 1 + B / B_crit. [ratio], >= 1

    At the critical batch both samples and steps are twice their least.

    Args:
        batch_tokens: tokens of one optimiser step. [token], >= 0.
        critical_tokens: the critical batch. [token], > 0.

    Source:
        mccandlish2018, section 2.3: (S / S_min - 1)(E / E_min - 1) = 1.
    """
    return 1.0 + batch_tokens / critical_tokens


def steps_ratio(batch_tokens: float, critical_tokens: float) -> float:
    """Steps to a target over the least that any batch needs: 1 + B_crit / B. [ratio], > 1

    Args:
        batch_tokens: tokens of one optimiser step. [token], > 0.
        critical_tokens: the critical batch. [token], > 0.

    Source:
        mccandlish2018, section 2.3.
    """
    return 1.0 + critical_tokens / batch_tokens
