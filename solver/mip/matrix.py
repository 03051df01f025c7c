"""A linear Pyomo model as arrays: costs, bounds, rows.

Rows are read from their expressions once; bounds, right-hand sides, what is active and
the aim are read for every solve. Domains of variables and coefficients are numbers that do not
change after the first solve.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from pyomo.core import Constraint, Objective, Var
from pyomo.core.expr.numeric_expr import LinearExpression, MonomialTermExpression
from pyomo.repn import generate_standard_repn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from solver.estimate.configurations import FloatArray

Model = Any  # Pyomo is untyped: its objects stay in this room

SPARE = 8
"""Expressions that are remembered besides those in use: rows that are switched off. [1]"""

FIXED = attrgetter("fixed")

NO_COLUMNS, NO_VALUES = np.empty(0, dtype=np.int64), np.empty(0)


@dataclass(frozen=True, slots=True)
class Columns:
    """The variables of a model, one a column."""

    variables: tuple[Any, ...]
    at: Mapping[int, int]
    """Position of each by the identity of Pyomo's object."""
    serial: NDArray[np.int64]
    """Number that each keeps while the model lives."""
    is_integer: NDArray[np.bool_]
    lowest: FloatArray
    highest: FloatArray
    """What its domain admits."""


@dataclass(frozen=True, slots=True)
class Linear:
    """Minimise cost · x + offset within bounds and rows; rows one after the other."""

    columns: Columns
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

    @property
    def variables(self) -> tuple[Any, ...]:
        """Pyomo's variable of each column."""
        return self.columns.variables


@dataclass(frozen=True, slots=True)
class _Terms:
    """An expression as numbers; columns by serial number."""

    expression: Any
    """Kept, so that its identity stays its own."""
    columns: NDArray[np.int64]
    coefficients: FloatArray
    constant: float


class Matrix:
    """Reads one model again and again."""

    def __init__(self) -> None:
        self._serial: dict[int, int] = {}
        self._known: list[Any] = []
        self._parts: list[tuple[Any, int]] = []
        self._columns = _columns((), NO_COLUMNS)
        self._terms: dict[int, _Terms] = {}

    def read(self, model: Model) -> Linear:
        """The model as it is now.

        Raises:
            ValueError: it is not linear, or has no single aim to minimise.
        """
        columns = self._present(model)
        place = np.zeros(len(self._known), dtype=np.int32)
        place[columns.serial] = np.arange(len(columns.serial))
        rows = list(model.component_data_objects(Constraint, active=True))
        read = [self._read(row.body) for row in rows]
        aim = self._aim(model)
        self._forget(len(read) + 1 + SPARE)
        cost = np.zeros(len(columns.variables))
        cost[place[aim.columns]] = aim.coefficients
        constant = np.array([terms.constant for terms in read])
        lower, upper = _limits(columns)
        return Linear(
            columns=columns,
            cost=cost,
            offset=aim.constant,
            lower=lower,
            upper=upper,
            is_integer=columns.is_integer,
            row_lower=_filled([row.lb for row in rows], -np.inf) - constant,
            row_upper=_filled([row.ub for row in rows], np.inf) - constant,
            start=np.cumsum([0, *(len(terms.columns) for terms in read)], dtype=np.int32),
            index=place[np.concatenate([NO_COLUMNS, *(terms.columns for terms in read)])],
            value=np.concatenate([NO_VALUES, *(terms.coefficients for terms in read)]),
        )

    def _present(self, model: Model) -> Columns:
        """Variables of the model as it is now."""
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
            self._columns = _columns(variables, serial)
        return self._columns

    def _number(self, variables: tuple[Any, ...]) -> None:
        for variable in variables:
            if id(variable) not in self._serial:
                self._serial[id(variable)] = len(self._known)
                self._known.append(variable)

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
        coefficients, variables, constant = _plain_terms(expression) or _any_terms(expression)
        serial = np.array([self._serial[id(v)] for v in variables], dtype=np.int64)
        columns, twice = np.unique(serial, return_inverse=True)
        values = np.bincount(twice, coefficients, len(columns))
        some = values != 0.0
        return _Terms(expression, columns[some], values[some], constant)

    def _forget(self, most: int) -> None:
        """Let go of rows and aims that were not asked for lately: some name every column."""
        while len(self._terms) > most:
            self._terms.pop(next(iter(self._terms)))


def _plain_terms(expression: Any) -> tuple[list[float], list[Any], float] | None:  # noqa: ANN401
    """Coefficients, variables and constant of a sum of number times variable; None: it is another.

    Ten times as fast as Pyomo's own reading, which must look for everything else.
    """
    if expression.__class__ is not LinearExpression:
        return None
    terms = expression.args
    if any(term.__class__ is not MonomialTermExpression for term in terms):
        return None
    coefficients, variables = (
        zip(*(term.args for term in terms), strict=True) if terms else ((), ())
    )
    if any(value.__class__ is not float for value in coefficients):
        return None
    return list(coefficients), list(variables), 0.0


def _any_terms(expression: Any) -> tuple[list[float], list[Any], float]:  # noqa: ANN401
    found = generate_standard_repn(expression, compute_values=True, quadratic=False)
    if found.nonlinear_expr is not None:
        raise ValueError(f"an expression is not linear: {expression}")
    return list(found.linear_coefs), list(found.linear_vars), float(found.constant)


def _columns(variables: tuple[Any, ...], serial: NDArray[np.int64]) -> Columns:
    domains = [variable.domain.bounds() for variable in variables]
    return Columns(
        variables=variables,
        at={id(variable): i for i, variable in enumerate(variables)},
        serial=serial,
        is_integer=np.array([not v.is_continuous() for v in variables], dtype=bool),
        lowest=_filled([low for low, _ in domains], -np.inf),
        highest=_filled([high for _, high in domains], np.inf),
    )


def _limits(columns: Columns) -> tuple[FloatArray, FloatArray]:
    """Least and largest value of each variable."""
    lower = np.fmax(columns.lowest, _bounds(columns.variables, "lb"))
    upper = np.fmin(columns.highest, _bounds(columns.variables, "ub"))
    for i in np.flatnonzero(list(map(FIXED, columns.variables))).tolist():
        lower[i] = upper[i] = columns.variables[i].value
    return lower, upper


def _bounds(variables: tuple[Any, ...], side: Literal["lb", "ub"]) -> FloatArray:
    """Bounds that were set besides the domain's, NaN where none is.

    Pyomo keeps them as `_lb` and `_ub`; its properties take forty times as long, for they intersect
    them with the domain one by one.
    """
    raw = list(map(attrgetter(f"_{side}"), variables))
    try:
        return np.array(raw, dtype=np.float64)
    except (TypeError, ValueError):  # some are parameters
        return _filled([getattr(variable, side) for variable in variables], np.nan)


def _filled(values: list[float | None], absent: float) -> FloatArray:
    return np.array([absent if value is None else value for value in values], dtype=np.float64)
