"""Colours of the charts: one light and one dark theme, and the ramp that stands for accuracy."""

from __future__ import annotations

from dataclasses import dataclass

VIRIDIS = (
    (68, 1, 84),
    (72, 40, 120),
    (62, 73, 137),
    (49, 104, 142),
    (38, 130, 142),
    (31, 158, 137),
    (53, 183, 121),
    (110, 206, 88),
    (181, 222, 43),
    (253, 231, 37),
)
"""Ten steps of viridis (Smith & van der Walt 2015, CC0): even and safe for the colour-blind."""

PARTS = ("#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#b8a600", "#8a94a3")
"""Okabe & Ito 2008, told apart by the colour-blind; the yellow darkened for white paper, black left
out for a grey."""

STEPS = 32
"""Colours of a ramp; more cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by what they are for, as CSS colours."""

    name: str
    paper: str
    ink: str
    quiet: str
    """Axis labels and notes."""
    grid: str
    veil: str
    """Laid over what the limits exclude."""
    veil_opacity: float
    excluded: str
    near_miss: str
    feasible: str
    """Feasible points whose accuracy is not predicted."""
    frontier: str
    deadline: str
    budget: str
    star: str
    star_edge: str
    good: str
    bad: str
    parts: tuple[str, ...]
    """Parts of a sum, in their order."""
    ramp: tuple[str, ...]
    """`STEPS` colours from the lowest to the highest accuracy."""


def ramp(first: float, last: float) -> tuple[str, ...]:
    """`STEPS` colours of viridis between two positions, each 0 to 1."""
    colours = []
    for step in range(STEPS):
        place = (first + (last - first) * step / (STEPS - 1)) * (len(VIRIDIS) - 1)
        low = min(int(place), len(VIRIDIS) - 2)
        share = place - low
        mixed = [
            round(a + (b - a) * share) for a, b in zip(VIRIDIS[low], VIRIDIS[low + 1], strict=True)
        ]
        colours.append("#{:02x}{:02x}{:02x}".format(*mixed))
    return tuple(colours)


LIGHT = Theme(
    name="light",
    paper="#ffffff",
    ink="#1c2430",
    quiet="#5b6675",
    grid="#e7eaef",
    veil="#f3f4f7",
    veil_opacity=0.5,
    excluded="#aeb6c2",
    near_miss="#e07b39",
    feasible="#2a788e",
    frontier="#1c2430",
    deadline="#2563c9",
    budget="#b45309",
    star="#ffc531",
    star_edge="#1c2430",
    good="#1b7f4b",
    bad="#c0342b",
    parts=PARTS,
    ramp=ramp(0.0, 0.93),
)

DARK = Theme(
    name="dark",
    paper="#14181f",
    ink="#e8ebf0",
    quiet="#9aa5b4",
    grid="#262d38",
    veil="#0c0f14",
    veil_opacity=0.5,
    excluded="#5a6575",
    near_miss="#f0975a",
    feasible="#3fb8af",
    frontier="#e8ebf0",
    deadline="#7aa7f7",
    budget="#f0a94e",
    star="#ffd45c",
    star_edge="#0c0f14",
    good="#5ccf8f",
    bad="#ff8078",
    parts=PARTS,
    ramp=ramp(0.2, 1.0),
)
