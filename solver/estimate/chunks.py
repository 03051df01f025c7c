"""Evaluating many configurations in pieces that stay in the processor's cache."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from solver.estimate.configurations import Configurations

CHUNK = 16_384
"""Rows whose temporaries stay in a second-level cache. [1]"""

THREADS = 2
"""NumPy releases the interpreter lock inside its loops. [1]"""

Result = TypeVar("Result")


def in_chunks(
    function: Callable[[Configurations], Result], configurations: Configurations
) -> Result:
    """`function` of all configurations, computed piece by piece and joined.

    Args:
        function: pure; returns a dataclass of arrays with one entry for each configuration.
        configurations: any number.
    """
    length = len(configurations)
    if length <= CHUNK:
        return function(configurations)
    pieces = [slice(start, start + CHUNK) for start in range(0, length, CHUNK)]
    with ThreadPoolExecutor(THREADS) as pool:
        made = list(pool.map(lambda piece: function(configurations.take(piece)), pieces))
    return _joined(made)


def _joined(made: list[Result]) -> Result:
    first: Any = made[0]  # a dataclass of arrays, or of dicts of arrays
    columns: dict[str, Any] = {}
    for field in fields(first):
        values = [getattr(piece, field.name) for piece in made]
        if isinstance(values[0], dict):
            columns[field.name] = {
                key: np.concatenate([value[key] for value in values]) for key in values[0]
            }
        else:
            columns[field.name] = np.concatenate(values)
    joined: Result = type(first)(**columns)
    return joined
