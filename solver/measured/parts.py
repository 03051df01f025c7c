"""Which accelerator of the catalogue a source means by its own spelling."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from catalog.schema import Accelerator
    from catalog.tables import Catalog
    from solver.measured.runs import Run

FORMS = ("SXM", "PCIE", "NVL")
"""Words for the form of a part; a name without one means the first that exists."""

MAKERS = frozenset(
    ("NVIDIA", "TESLA", "GEFORCE", "AMD", "INSTINCT", "GOOGLE", "CLOUD", "INTEL", "HABANA", "AWS")
)
"""Words that tell no part from another."""

FILLERS = frozenset(("GPU", "CHIP", "GB", "GIB", "G"))
"""The same, beside numbers."""

SERIES = frozenset(("RTX", "GTX"))
"""Words that a name may leave out, the number being enough."""

VARIANTS = frozenset(
    ("TI", "SUPER", "ADA", "PRO", "QUADRO", "TITAN", "MAX", "ULTRA", "LAPTOP", "MOBILE")
)
"""Words that make another part of the same number."""

NEAR_MEMORY = 0.12
"""Stated and usable memory of one part differ by less. [ratio]"""

LARGEST_MEMORY = 300
"""Numbers up to this are memory in GB, larger ones name a part. [GB]"""

SPELT_TOGETHER = re.compile(r"(RTX|GTX|TPU|QUADRO|TITAN)((?:V|A)?\d.*|RTX.*)")


def accelerator_of(run: Run, catalog: Catalog) -> Accelerator | None:
    """The accelerator by its id or a known name, else the one whose words the source uses."""
    for name in (run.texts["accelerator"], run.texts["gpu"]):
        part = catalog.accelerator_named(name) if name else None
        if part is not None:
            return part
    return part_meant(run.texts["gpu"] or run.texts["accelerator"], catalog)


def part_meant(name: str, catalog: Catalog) -> Accelerator | None:
    """The part that a name means, None where no part or no single family fits.

    Every word of a part's id must stand in the name, but for its form and memory, which only
    choose among its siblings: first by what the name says of them, then SXM, then the larger.
    """
    words = words_of(name)
    if not words:
        return None
    fitting = [
        (_preference(words, words_of(key), part), key)
        for key, part in catalog.accelerators.items()
        if _means(words, words_of(key))
    ]
    return catalog.accelerators[max(fitting)[1]] if fitting else None


@lru_cache(maxsize=4096)
def words_of(name: str) -> frozenset[str]:
    """The words of a name, upper case: forms without their generation, memory as a number."""
    bare = re.sub(r"^\s*\d+\s*[xX]\s*", "", name).upper()
    made: set[str] = set()
    for word in re.findall(r"[A-Z0-9]+", bare):
        together = SPELT_TOGETHER.fullmatch(word)
        for piece in together.groups() if together else (word,):
            memory = re.fullmatch(r"(\d+)(?:GB|GIB|G)", piece)
            form = next((f for f in FORMS if piece.startswith(f)), None)
            made.add(memory[1] if memory else form or piece)
    return frozenset(made - MAKERS - FILLERS)


def _is_memory(word: str) -> bool:
    return word.isdigit() and int(word) <= LARGEST_MEMORY


def _core(words: frozenset[str]) -> frozenset[str]:
    """Words that say which part it is, whatever its form and memory."""
    return frozenset(w for w in words if w not in FORMS and not _is_memory(w)) - SERIES


def _means(words: frozenset[str], part: frozenset[str]) -> bool:
    core = _core(part)
    return bool(core) and core <= words and (words & VARIANTS) <= core


def _preference(
    words: frozenset[str], part: frozenset[str], accelerator: Accelerator
) -> tuple[int, int, int, float]:
    """How well form and memory agree, then how usual the part is."""
    forms = words.intersection(FORMS)
    form = (1 if forms & part else -1) if forms else 0
    gib = accelerator.memory_gib
    sizes = [float(w) for w in words if _is_memory(w)]
    off = min((abs(size / gib - 1.0) for size in sizes), default=0.0)
    near = 0 if off < NEAR_MEMORY else -round(10.0 * off)
    usual = 1 if accelerator.form_factor.startswith("SXM") else 0
    return form, near, usual, gib
