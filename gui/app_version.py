"""The version of the installed program."""

from __future__ import annotations

import importlib.metadata
from functools import cache


@cache
def app_version() -> str:
    """As the metadata of the distribution say."""
    return importlib.metadata.version("trilemma")
