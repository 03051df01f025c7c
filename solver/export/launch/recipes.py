"""Learning rate, schedule and warm-up of a run, each from a published recipe."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

STEP_LAW = "1.79 N^-0.713 D^0.307"

Work = Literal["labels", "spans", "text", "masked"]
"""What a run learns: a label for each example, where an answer stands in a text, to continue text,
or to fill gaps in it."""

Positive = Annotated[float, Field(gt=0)]
NonNegative = Annotated[float, Field(ge=0)]


class Recipe(BaseModel):
    """How some methods are trained, with its source."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    methods: tuple[str, ...]
    work: Work
    max_parameters: Positive | None = None
    """Larger models follow a later recipe. [1]"""
    learning_rate: Positive | None = None
    """At its peak. [1]"""
    law: Literal["1.79 N^-0.713 D^0.307"] | None = None
    """The learning rate as a law of parameters and tokens instead."""
    schedule: Literal["constant", "linear", "cosine"]
    warmup_ratio: Annotated[float, Field(ge=0, le=0.5)]
    """Share of the steps over which the rate rises. [0..1]"""
    weight_decay: NonNegative
    max_grad_norm: Positive
    alpha: int | None = None
    alpha_by_rank: Positive | None = None
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.0
    source: str
    read_on: date | None = None
    assumed: tuple[str, ...] = ()
    """Settings that the source does not state."""

    def rate(self, parameters: float, tokens: float) -> float:
        """The peak learning rate. [1]

        Args:
            parameters: those beside the vocabulary's, N > 0. [1]
            tokens: seen in the whole run, D > 0. [token]

        Source:
            li2025steplaw, arXiv:2503.04715: η = 1.79 N^-0.713 D^0.307; other recipes state it.
        """
        if self.learning_rate is not None:
            return self.learning_rate
        return float(f"{1.79 * parameters**-0.713 * tokens**0.307:.3g}")

    def alpha_of(self, rank: int) -> int:
        """LoRA's scale alpha for a rank. [1]"""
        return self.alpha or round((self.alpha_by_rank or 1.0) * rank)


def recipe_for(method: str, work: Work, parameters: float) -> Recipe | None:
    """The recipe of a method, or None where none is published in the table.

    Args:
        method: id of the catalogue's method.
        work: what the run learns.
        parameters: of the base model. [1]
    """
    for recipe in recipes():
        fits = recipe.max_parameters is None or parameters <= recipe.max_parameters
        if method in recipe.methods and recipe.work == work and fits:
            return recipe
    return None


@cache
def recipes() -> tuple[Recipe, ...]:
    """Every recipe, in the order of the table."""
    text = files("solver.export.launch").joinpath("recipes.toml").read_text(encoding="utf-8")
    return tuple(Recipe.model_validate(entry) for entry in tomllib.loads(text)["recipe"])
