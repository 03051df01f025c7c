"""A bare program for each constraint family, and its text in the LP format."""

import io
from dataclasses import replace

import numpy as np
from pyomo.repn.plugins.lp_writer import LPWriter

from solver.mip import formulation
from solver.program import FAMILY_OF_LIMIT, Chain, Family, Limit, Program, or_left_out
from solver.timetable import Resource
from tests.support.programs import columns_of, pools_of

LIMIT_OF_FAMILY = {family: name for name, family in FAMILY_OF_LIMIT.items()}

IN_TURN = Chain(((), (0,)), ((0, 1),))
"""The second job waits for the first and trains on the model that it makes."""

BOUND = {
    "deadline": 8.0,
    "budget": 16.0,
    "min_accuracy": 0.8,
    "co2": 4.0,
    "max_gpus": 8.0,
    "max_deployed": 4.0,
    "max_latency": 8.0,
}


def two_jobs():
    """Two jobs of two and three candidates, each figure different, one pool of two machines."""
    one = columns_of(
        hours=[2.0, 8.0],
        usd=[10.0, 5.0],
        accuracy=[0.85, 0.75],
        co2_kg=[1.0, 2.0],
        gpus=[4.0, 1.0],
        deployed_gb=[2.0, 8.0],
        latency_ms=[4.0, 16.0],
        pool=[0, -1],
        instances=[2.0, 1.0],
        chance=0.25,
    )
    two = columns_of(
        hours=[1.0, 4.0, 16.0],
        usd=[20.0, 2.0, 1.0],
        accuracy=[0.95, 0.9, np.nan],
        co2_kg=[4.0, 0.5, 0.25],
        gpus=[8.0, 2.0, 1.0],
        deployed_gb=[1.0, 4.0, 16.0],
        latency_ms=[2.0, 8.0, np.nan],
        pool=[0, 0, -1],
        instances=[1.0, 2.0, 1.0],
        chance=0.5,
        ceiling=0.975,
    )
    return one, two


def program_of(family):
    """A program that has only what one family needs."""
    name = LIMIT_OF_FAMILY.get(family)
    limits = () if name is None else (Limit(name, None, BOUND[name]),)
    if family is Family.IN_ORDER:
        return Program(two_jobs(), limits, (), IN_TURN)
    if family is Family.STAGES_MATCH:
        return Program(chained(*two_jobs()), limits, (), IN_TURN)
    if family is Family.LEFT_OUT_TOGETHER:
        jobs = tuple(or_left_out(columns) for columns in two_jobs())
        return Program(jobs, limits, (), IN_TURN, (8.0, 32.0))
    resources = (*pools_of(2.0), Resource("block", 4.0, ((8.0, 64.0),), 16.0))
    if family in (Family.BEGIN_ONCE, Family.USED_AT_ONCE):
        return Program(in_block(*two_jobs()), limits, resources, moments=(0.0, 4.0, 16.0, 32.0))
    if family in (Family.OPEN_IN_TIME, Family.ENOUGH_HOURS):
        deadline = (Limit("deadline", None, 32.0),)
        return Program(in_block(*two_jobs()), deadline, resources, is_loose=True)
    stock = pools_of(2.0) if family is Family.WITHIN_STOCK else ()
    return Program(two_jobs(), limits, stock)


def chained(one, two):
    """The second job trains on what the first makes: model 0, 1 of it and 1, 0, 0 of the second."""
    return replace(one, gives=np.array([0, 1])), replace(two, takes=np.array([1, 0, 0]))


def in_block(one, two):
    """The rented candidates use a block that is bought whole."""
    return replace(one, pool=np.array([0, 1])), replace(two, pool=np.array([0, 0, 1]))


def add(family, m, program):
    """Put one family's rows, and for an aim's family its objective, into a bare model."""
    if family in formulation.CONSTRAINTS:
        formulation.CONSTRAINTS[family](m, program)
        return
    if family is Family.CHEBYSHEV:
        ideal = {"hours": 4.0, "usd": 6.0, "accuracy": -1.5}
        aim = formulation.chebyshev(m, program, ideal, {"hours": 2.0, "usd": 8.0, "accuracy": 0.5})
    else:
        aim = getattr(formulation, family.value)(m, program)
    formulation.minimise(m, aim)


def lp_text(family=None):
    """The LP file of a bare model with one family alone; None: the bare model itself."""
    program = program_of(family)
    m = formulation.base(program)
    formulation.minimise(m, formulation.cost(m, program))
    if family is not None:
        add(family, m, program)
    text = io.StringIO()
    LPWriter().write(m, text, symbolic_solver_labels=True)
    return text.getvalue()
