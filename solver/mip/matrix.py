"""A linear Pyomo model as arrays: costs, bounds, rows.

Rows are read from their expressions once; bounds, right-hand sides, what is active and
the aim are read for every solve. Domains of variables and coefficients are numbers that do not
change after the first solve.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pyomo.core import Constraint, Objective, Var
from pyomo.repn import generate_standard_repn

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from solver.estimate.configurations import FloatArray

Model = Any  # Pyomo is untyped: its objects stay in this room

SPARE = 8
"""Expressions that are remembered besides those in use: rows that are switched off. [1]"""

NO_COLUMNS, NO_VALUES = np.empty(0, dtype=np.int64), np.empty(0)


@dataclass(frozen=True, slots=True)
class Linear:
    """Minimise cost · x + offset within bounds and rows; rows one after the other."""

    variables: tuple[Any, ...]
    """Pyomo's variable of each column."""
    cost: FloatArray
    offset: float
    lower: FloatArray
    upper: FloatArray
    is_integer: NDArray[np.bool_]
    row_lower: FloatArray
    row_upper: FloatArray
    start: NDArray[np.int32]
    """Where each row begins in `index` and `value`."""
    index: NDArray[np.int32]
    """Column of each coefficient."""
    value: FloatArray


@dataclass(frozen=True, slots=True)
class _Terms:
    """An expression as numbers; columns by serial number."""

    expression: Any
    """Kept, so that its identity stays its own."""
    columns: NDArray[np.int64]
    coefficients: FloatArray
    constant: float


@dataclass(frozen=True, slots=True)
class _Columns:
    variables: tuple[Any, ...]
    serial: NDArray[np.int64]
    """Number that each variable keeps while the model lives."""


class Matrix:
    """Reads one model again and again."""

    def __init__(self) -> None:
        self._serial: dict[int, int] = {}
        self._known: list[Any] = []
        self._integer: list[bool] = []
        self._parts: list[tuple[Any, int]] = []
        self._columns = _Columns((), NO_COLUMNS)
        self._terms: dict[int, _Terms] = {}

    def read(self, model: Model) -> Linear:
        """The model as it is now.

        Raises:
            ValueError: it is not linear, or has no single aim to minimise.
        """
        variables, serial = self._present(model)
        place = np.zeros(len(self._known), dtype=np.int32)
        place[serial] = np.arange(len(serial))
        rows = list(model.component_data_objects(Constraint, active=True))
        read = [self._read(row.body) for row in rows]
        aim = self._aim(model)
        self._forget(len(read) + 1 + SPARE)
        cost = np.zeros(len(variables))
        cost[place[aim.columns]] = aim.coefficients
        constant = np.array([terms.constant for terms in read])
        return Linear(
            variables=variables,
            cost=cost,
            offset=aim.constant,
            lower=_filled([v.lb for v in variables], -np.inf),
            upper=_filled([v.ub for v in variables], np.inf),
            is_integer=np.array(self._integer, dtype=bool)[serial],
            row_lower=_filled([row.lb for row in rows], -np.inf) - constant,
            row_upper=_filled([row.ub for row in rows], np.inf) - constant,
            start=np.cumsum([0, *(len(terms.columns) for terms in read)], dtype=np.int32),
            index=place[np.concatenate([NO_COLUMNS, *(terms.columns for terms in read)])],
            value=np.concatenate([NO_VALUES, *(terms.coefficients for terms in read)]),
        )

    def _present(self, model: Model) -> tuple[tuple[Any, ...], NDArray[np.int64]]:
        """Variables of the model, and the serial number of each."""
        parts = [(part, len(part)) for part in model.component_objects(Var)]
        same = len(parts) == len(self._parts) and all(
            one is other and many == before
            for (one, many), (other, before) in zip(parts, self._parts, strict=True)
        )
        if not same:
            self._parts = parts
            variables = tuple(model.component_data_objects(Var))
            self._number(variables)
            serial = np.array([self._serial[id(v)] for v in variables], dtype=np.int64)
            self._columns = _Columns(variables, serial)
        return self._columns.variables, self._columns.serial

    def _number(self, variables: tuple[Any, ...]) -> None:
        for variable in variables:
            if id(variable) not in self._serial:
                self._serial[id(variable)] = len(self._known)
                self._known.append(variable)
                self._integer.append(not variable.is_continuous())

    def _aim(self, model: Model) -> _Terms:
        aims = list(model.component_data_objects(Objective, active=True))
        if len(aims) != 1 or not aims[0].is_minimizing():
            raise ValueError(f"one aim to minimise is wanted, not {len(aims)}")
        return self._read(aims[0].expr)

    def _read(self, expression: Any) -> _Terms:  # noqa: ANN401 - untyped Pyomo
        known = self._terms.pop(id(expression), None) or self._terms_of(expression)
        self._terms[id(expression)] = known
        return known

    def _terms_of(self, expression: Any) -> _Terms:  # noqa: ANN401 - untyped Pyomo
        found = generate_standard_repn(expression, compute_values=True, quadratic=False)
        if found.nonlinear_expr is not None:
            raise ValueError(f"an expression is not linear: {expression}")
        serial = np.array([self._serial[id(v)] for v in found.linear_vars], dtype=np.int64)
        columns, twice = np.unique(serial, return_inverse=True)
        coefficients = np.bincount(twice, found.linear_coefs, len(columns))
        some = coefficients != 0.0
        return _Terms(expression, columns[some], coefficients[some], float(found.constant))

    def _forget(self, most: int) -> None:
        """Let go of rows and aims that were not asked for lately: some name every column."""
        while len(self._terms) > most:
            self._terms.pop(next(iter(self._terms)))


def _filled(values: list[float | None], absent: float) -> FloatArray:
    return np.array([absent if value is None else value for value in values], dtype=np.float64)
