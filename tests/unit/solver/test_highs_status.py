"""Why HiGHS stopped, status by status, and what an answer makes of it."""

import os
import signal
from types import SimpleNamespace

import numpy as np
import pytest
from highspy import HighsModelStatus

from solver.mip import formulation, highs
from solver.mip.highs import ENDINGS, Ending, Solver
from solver.mip.solve import Chooser
from solver.patience import heed
from solver.program import Limit, Program
from solver.question import Aim
from tests.support.programs import columns_of

EXPECTED = {
    "kNotset": Ending.INTERRUPTED,
    "kLoadError": Ending.ERROR,
    "kModelError": Ending.ERROR,
    "kPresolveError": Ending.ERROR,
    "kSolveError": Ending.ERROR,
    "kPostsolveError": Ending.ERROR,
    "kModelEmpty": Ending.ERROR,
    "kOptimal": Ending.OPTIMAL,
    "kInfeasible": Ending.INFEASIBLE,
    "kUnboundedOrInfeasible": Ending.INFEASIBLE,
    "kUnbounded": Ending.ERROR,
    "kObjectiveBound": Ending.ERROR,
    "kObjectiveTarget": Ending.ERROR,
    "kTimeLimit": Ending.TIME_LIMIT,
    "kIterationLimit": Ending.TIME_LIMIT,
    "kSolutionLimit": Ending.TIME_LIMIT,
    "kMemoryLimit": Ending.ERROR,
    "kInterrupt": Ending.INTERRUPTED,
    "kHighsInterrupt": Ending.INTERRUPTED,
    "kUnknown": Ending.INTERRUPTED,
}

STATUSES = tuple(HighsModelStatus.__members__.values())


def small_program(*limits):
    columns = columns_of(hours=[1.0, 3.0], usd=[9.0, 4.0], accuracy=[0.9, 0.8])
    return Program((columns,), limits, ())


def built(program):
    m = formulation.base(program)
    for build in formulation.CONSTRAINTS.values():
        build(m, program)
    formulation.minimise(m, formulation.cost(m, program))
    return m


class StandIn:
    """HiGHS that stops for a given reason, with or without a plan in its hands."""

    def __init__(self, linear, status, *, holds):
        self.columns, self.status, self.holds = len(linear.cost), status, holds

    def setOptionValue(self, name, value):  # noqa: N802 - HiGHS' name
        assert (name, value >= 0.0) == ("time_limit", True)

    def setCallback(self, look, data):  # noqa: N802 - HiGHS' name
        pass

    def startCallback(self, kind):  # noqa: N802 - HiGHS' name
        pass

    def run(self):
        pass

    def getModelStatus(self):  # noqa: N802 - HiGHS' name
        return self.status

    def getInfo(self):  # noqa: N802 - HiGHS' name
        return SimpleNamespace(
            primal_solution_status=2 if self.holds else 0,
            objective_function_value=1.0,
            mip_node_count=1,
            mip_dual_bound=0.5,
        )

    def getSolution(self):  # noqa: N802 - HiGHS' name
        return SimpleNamespace(col_value=[1.0] + [0.0] * (self.columns - 1))


@pytest.fixture
def stopping(monkeypatch):
    """Lets every solve end for a given reason."""

    def stop(status, *, holds):
        monkeypatch.setattr(highs, "loaded", lambda linear: StandIn(linear, status, holds=holds))

    return stop


def test_that_every_status_of_highs_is_in_the_table():
    assert set(ENDINGS) == set(STATUSES)


@pytest.mark.parametrize("status", STATUSES)
def test_that_a_status_has_one_meaning(status):
    assert ENDINGS[status] is EXPECTED[status.name]


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("holds", [True, False])
def test_that_why_it_stopped_and_what_it_holds_are_told_apart(stopping, status, holds):
    stopping(status, holds=holds)

    run = Solver().solve(built(small_program()), None)

    assert run.ending is EXPECTED[status.name]
    assert run.chosen == ({0: 0} if holds else {})
    assert run.objective == (1.0 if holds else None)


@pytest.mark.parametrize("status", [s for s in STATUSES if s is not HighsModelStatus.kOptimal])
@pytest.mark.parametrize("holds", [True, False])
@pytest.mark.parametrize("aim", Aim)
def test_that_a_choice_is_called_proven_only_when_it_is_optimal(stopping, status, holds, aim):
    stopping(status, holds=holds)

    assert Chooser(small_program()).best(aim).ending is not Ending.OPTIMAL


def test_that_highs_proves_the_best_plan():
    run = Solver().solve(built(small_program()), None)

    assert (run.ending, run.chosen) == (Ending.OPTIMAL, {0: 1})
    assert run.bound == pytest.approx(run.objective)


def test_that_highs_proves_that_nothing_fits():
    run = Solver().solve(built(small_program(Limit("budget", None, 3.0))), None)

    assert (run.ending, run.chosen, run.objective) == (Ending.INFEASIBLE, {}, None)


def hard_program():
    """Eight jobs that share a budget which presolve alone cannot spend."""
    rng = np.random.default_rng(1)
    jobs = tuple(
        columns_of(
            hours=rng.uniform(1, 50, 60).tolist(),
            usd=rng.uniform(1, 50, 60).tolist(),
            accuracy=rng.uniform(0.5, 0.9, 60).tolist(),
        )
        for _ in range(8)
    )
    return Program(jobs, (Limit("budget", None, 40.0),), ())


def test_that_no_time_is_a_time_limit_and_no_plan():
    run = Solver().solve(built(hard_program()), 0.0)

    assert (run.ending, run.chosen) == (Ending.TIME_LIMIT, {})


@pytest.mark.parametrize("aim", Aim)
def test_that_a_choice_without_time_is_stopped_and_never_proven(aim):
    found = Chooser(hard_program(), time_limit_s=0.0).best(aim)

    assert found.ending is Ending.TIME_LIMIT


def test_that_many_solves_do_not_use_up_the_time_of_the_next():
    chooser = Chooser(small_program(), time_limit_s=60.0)

    found = [chooser.best(aim) for _ in range(10) for aim in Aim]

    assert {selection.ending for selection in found} == {Ending.OPTIMAL}


def long_program():
    """Many jobs between three limits: tenths of a second of work."""
    rng = np.random.default_rng(1)

    def some():
        return rng.uniform(1, 50, 150).tolist()

    jobs = tuple(
        columns_of(hours=some(), usd=some(), gpus=some(), co2_kg=some()) for _ in range(25)
    )
    bounds = {"budget": 300.0, "max_gpus": 350.0, "co2": 380.0}
    return Program(jobs, tuple(Limit(name, None, bound) for name, bound in bounds.items()), ())


def test_that_earlier_solves_do_not_lengthen_a_time_limit():
    solver, model = Solver(), built(long_program())
    for _ in range(3):
        assert solver.solve(model, None).ending is Ending.OPTIMAL

    assert solver.solve(model, 0.01).ending is Ending.TIME_LIMIT


class EnoughError(Exception):
    """Somebody wants the solve to end."""


def test_that_a_solve_ends_when_nobody_wants_it_any_more():
    looks = []

    def heeded():
        looks.append(1)
        if len(looks) == 2:
            raise EnoughError

    token = heed.set(heeded)
    try:
        with pytest.raises(EnoughError):
            Solver().solve(built(long_program()), None)
    finally:
        heed.reset(token)

    assert len(looks) == 2


def test_that_ctrl_c_ends_a_solve_and_not_only_what_follows_it():
    before = signal.getsignal(signal.SIGINT)
    token = heed.set(lambda: os.kill(os.getpid(), signal.SIGINT))
    try:
        with pytest.raises(KeyboardInterrupt):
            Solver().solve(built(long_program()), None)
    finally:
        heed.reset(token)

    assert signal.getsignal(signal.SIGINT) is before
