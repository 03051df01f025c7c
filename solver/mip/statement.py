"""A program in plain numbers, and as text that any solver reads: LP and free MPS.

Every number is written with as many digits as give it back when it is read.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from solver.estimate.configurations import FloatArray
    from solver.mip.matrix import Linear

Range = tuple[float, float]


class Ranges(NamedTuple):
    """Smallest and largest number of each part of a program, signs and zeros aside."""

    rows: Range | None
    """Coefficients of the constraints; None: there is none."""
    aim: Range | None
    """Coefficients of the objective."""
    sides: Range | None
    """Right-hand sides."""


@dataclass(frozen=True, slots=True)
class Column:
    """A variable."""

    name: str
    aim: float
    """Its coefficient in the objective."""
    low: float
    high: float
    whole: bool

    @property
    def is_binary(self) -> bool:
        """True where it is 0 or 1."""
        return self.whole and (self.low, self.high) == (0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Row:
    """A constraint: low ≤ Σ coefficient · column ≤ high."""

    name: str
    terms: tuple[tuple[int, float], ...]
    """Positions of columns, each with a coefficient that is not 0."""
    low: float
    high: float

    def sides(self) -> Iterator[tuple[str, str, float]]:
        """Each side as the name of a row, the letter of its sense (L, G, E) and its value."""
        if self.low == self.high:
            yield self.name, "E", self.low
            return
        both = isfinite(self.low) and isfinite(self.high)
        if isfinite(self.high):
            yield f"{self.name}_most" if both else self.name, "L", self.high
        if isfinite(self.low):
            yield f"{self.name}_least" if both else self.name, "G", self.low


@dataclass(frozen=True, slots=True)
class Statement:
    """A linear program with whole variables; its objective is minimised."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def nonzeros(self) -> int:
        """Coefficients of the rows."""
        return sum(len(row.terms) for row in self.rows)

    @property
    def ranges(self) -> Ranges:
        """How far its numbers lie apart."""
        return Ranges(
            range_of([factor for row in self.rows for _, factor in row.terms]),
            range_of([column.aim for column in self.columns]),
            range_of([side for row in self.rows for side in (row.low, row.high)]),
        )


def ranges_of(linear: Linear) -> Ranges:
    """How far the numbers of a program lie apart; columns that are fixed to 0 do not count."""
    free = (linear.lower != 0.0) | (linear.upper != 0.0)
    return Ranges(
        range_of(linear.value[free[linear.index]]),
        range_of(linear.cost[free]),
        range_of(np.concatenate([linear.row_lower, linear.row_upper])),
    )


def range_of(values: Sequence[float] | FloatArray) -> Range | None:
    """Smallest and largest of some numbers; signs, zeros and infinities aside."""
    sizes = np.abs(np.asarray(values, dtype=np.float64))
    sizes = sizes[np.isfinite(sizes) & (sizes > 0.0)]
    return (float(sizes.min()), float(sizes.max())) if len(sizes) else None


def lp_text(statement: Statement, remarks: Sequence[str] = ()) -> str:
    """The program in the LP format.

    Args:
        statement: the program.
        remarks: lines of comment for the head.
    """
    columns = statement.columns
    lines = [*(f"\\ {line}" for line in remarks), "Minimize", " aim:"]
    lines += _lp_terms(columns, [(i, c.aim) for i, c in enumerate(columns) if c.aim])
    lines.append("Subject To")
    for row in statement.rows:
        for name, sense, side in row.sides():
            sign = {"L": "<=", "G": ">=", "E": "="}[sense]
            lines += [f" {name}:", *_lp_terms(columns, row.terms), f"  {sign} {side!r}"]
    lines.append("Bounds")
    lines += [f" {_lp_bound(column)}" for column in columns if not column.is_binary]
    for title, names in (
        ("Binaries", [column.name for column in columns if column.is_binary]),
        ("Generals", [c.name for c in columns if c.whole and not c.is_binary]),
    ):
        lines += [title, *(f" {name}" for name in names)] if names else []
    return "\n".join([*lines, "End", ""])


def mps_text(statement: Statement, remarks: Sequence[str] = ()) -> str:
    """The program in the free MPS format.

    Args:
        statement: the program.
        remarks: lines of comment for the head.
    """
    sides = [(row, *side) for row in statement.rows for side in row.sides()]
    entries: list[list[tuple[str, float]]] = [
        [("aim", column.aim)] if column.aim else [] for column in statement.columns
    ]
    for row, name, _, _ in sides:
        for i, factor in row.terms:
            entries[i].append((name, factor))
    lines = [*(f"* {line}" for line in remarks), "NAME trilemma", "ROWS", " N aim"]
    lines += [f" {sense} {name}" for _, name, sense, _ in sides]
    lines += ["COLUMNS", *_mps_columns(statement.columns, entries)]
    lines += ["RHS", *(f" RHS {name} {side!r}" for _, name, _, side in sides if side)]
    lines += ["BOUNDS", *(line for column in statement.columns for line in _mps_bounds(column))]
    return "\n".join([*lines, "ENDATA", ""])


def _lp_terms(columns: Sequence[Column], terms: Iterable[tuple[int, float]]) -> list[str]:
    """One line a term; where there is none a column is named, for the format wants one."""
    made = [f"  {'-' if f < 0 else '+'} {abs(f)!r} {columns[i].name}" for i, f in terms]
    return made or [f"  + 0.0 {columns[0].name}"]


def _lp_bound(column: Column) -> str:
    if (column.low, column.high) == (-inf, inf):
        return f"{column.name} free"
    return f"{_lp_end(column.low)} <= {column.name} <= {_lp_end(column.high)}"


def _lp_end(end: float) -> str:
    return repr(end) if isfinite(end) else f"{end:+}"


def _mps_columns(
    columns: Sequence[Column], entries: Sequence[Sequence[tuple[str, float]]]
) -> Iterator[str]:
    whole = False
    for column, those in zip(columns, entries, strict=True):
        if column.whole != whole:
            whole = column.whole
            yield f" MARKER 'MARKER' '{'INTORG' if whole else 'INTEND'}'"
        for name, factor in those or [("aim", 0.0)]:
            yield f" {column.name} {name} {factor!r}"
    if whole:
        yield " MARKER 'MARKER' 'INTEND'"


def _mps_bounds(column: Column) -> Iterator[str]:
    if column.is_binary:
        yield f" BV BND {column.name}"
        return
    low, high = f"{column.name} {column.low!r}", f"{column.name} {column.high!r}"
    if (column.low, column.high) == (-inf, inf):
        yield f" FR BND {column.name}"
        return
    yield f" LO BND {low}" if isfinite(column.low) else f" MI BND {column.name}"
    yield f" UP BND {high}" if isfinite(column.high) else f" PL BND {column.name}"
