"""Choosing: aims in order, ties broken openly, within whichever limits are active."""

from __future__ import annotations

import time
from contextlib import contextmanager
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from pyomo.core import Constraint

from solver.mip import formulation
from solver.mip.annealing import PROVEN, annealed
from solver.mip.goals import aim_goal, balanced_goal, limit_goal
from solver.mip.highs import Ending, Solver
from solver.mip.plan_times import TIE, as_found, end_of, fitting, on_continuous_time
from solver.mip.selection import Selection, better_of, ideal_and_reach, lost_usd_of, never
from solver.mip.statement import ranges_of
from solver.mip.timetable_rows import begins_of, ended, is_vast, moments_suffice
from solver.program import Limit, Program, loosened, quantity, regrets
from solver.question import Aim

if TYPE_CHECKING:
    from collections.abc import Iterator

    from solver.mip.goals import Goal
    from solver.mip.highs import Run
    from solver.mip.statement import Ranges

__all__ = ["TIE", "Chooser"]

CORNERS = (Aim.CHEAPEST, Aim.FASTEST, Aim.MOST_ACCURATE)
"""Aims between which the balanced one lies."""


class Chooser:
    """A built program that is asked again and again: other limits, other aims.

    The model is built once; limits are switched by deactivating their rows, and by fixing to zero
    every candidate that an active limit excludes on its own.
    """

    def __init__(self, program: Program, time_limit_s: float | None = None) -> None:
        self.program = program
        self._stop_at = None if time_limit_s is None else time.monotonic() + time_limit_s
        self._solver = Solver()
        self._thrifty = False
        self._breaks_ties = True
        # Written once: each names every column.
        self._cost: Any = None
        self._second_aim: Any = None
        self._loose = Chooser(loosened(program), time_limit_s) if program.moments else None
        """The same without what jobs share at once: what fits there by itself needs no more."""

    @cached_property
    def _model(self) -> Any:  # noqa: ANN401 - Pyomo is untyped
        """Pyomo's model, built when it is first needed."""
        made = formulation.base(self.program)
        for build in formulation.CONSTRAINTS.values():
            build(made, self.program)
        return made

    @property
    def solves(self) -> int:
        """How often HiGHS was called."""
        return self._solver.solves + (self._loose.solves if self._loose else 0)

    @property
    def ranges(self) -> Ranges | None:
        """How far the numbers of the program lie apart that was solved last; None: none was."""
        if self._solver.last is None:
            return None if self._loose is None else self._loose.ranges
        return ranges_of(self._solver.last)

    @property
    def rows(self) -> int:
        """Rows of the program that was solved."""
        if self._loose is not None and self._solver.solves == 0:
            return self._loose.rows
        return sum(1 for _ in self._model.component_data_objects(Constraint, active=None))

    def best(self, aim: Aim, limits: tuple[Limit, ...] | None = None) -> Selection:
        """The best plan by `aim`, then by the second aim, within the active limits.

        Args:
            aim: what is best.
            limits: limits of the program that count; None: all of them.
        """
        active = self.program.limits if limits is None else limits
        found = self._best(aim, active, predicted=True)
        if found.ending is Ending.INFEASIBLE and self._some_unpredicted():
            found = self._best(aim, active, predicted=False)
        return found

    def best_value(self, aim: Aim, limits: tuple[Limit, ...]) -> Selection:
        """The value of the best plan in half the time: of equally good plans it gives any."""
        with self._untied():
            return self.best(aim, limits)

    @contextmanager
    def _untied(self) -> Iterator[None]:
        choosers = [self, *([self._loose] if self._loose else [])]
        before = [chooser._breaks_ties for chooser in choosers]  # noqa: SLF001 - Choosers too
        for chooser in choosers:
            chooser._breaks_ties = False  # noqa: SLF001
        try:
            yield
        finally:
            for chooser, breaks in zip(choosers, before, strict=True):
                chooser._breaks_ties = breaks  # noqa: SLF001

    def unhurried(self) -> None:
        """Lift the time limit: what explains an answer must not be cut short by its proof."""
        self._stop_at = None
        if self._loose is not None:
            self._loose.unhurried()

    def _best(
        self, aim: Aim, active: tuple[Limit, ...], *, predicted: bool, vast: bool | None = None
    ) -> Selection:
        """The best plan; `predicted`: aims that compare accuracies take only known ones."""
        if self._loose is None:
            return self._searched(aim, active, predicted=predicted)
        vast = is_vast(self._begins, aim) if vast is None else vast
        if vast:  # breaking ties may take longer than all the rest
            with self._untied():
                loose = self._loose._best(aim, active, predicted=predicted)  # noqa: SLF001
            if fitting(self.program, loose, active, end_of(aim, loose.objective)) is None:
                return self._annealed(aim, active, loose, predicted=predicted)
        loose = self._loose._best(aim, active, predicted=predicted)  # noqa: SLF001 - a Chooser too
        known = fitting(self.program, loose, active, end_of(aim, loose.objective))
        if known is not None and (aim is not Aim.BALANCED or self._corners_fit(active)):
            return known
        otherwise = self._annealed if vast else self._on_grid
        return otherwise(aim, active, loose, predicted=predicted)

    def _on_grid(
        self, aim: Aim, active: tuple[Limit, ...], loose: Selection, *, predicted: bool
    ) -> Selection:
        """The best plan that begins its jobs at the moments of the program, or a better one."""
        found = self._searched(aim, active, predicted=predicted)
        found = on_continuous_time(self.program, aim, found)
        cut_short = found.ending not in (Ending.OPTIMAL, Ending.INFEASIBLE)
        if cut_short or (found.chosen and aim is Aim.BALANCED) or moments_suffice(self.program):
            return found
        found = replace(found, bound=loose.objective)  # beyond the grid nothing else is proven
        if found.gap is not None and found.gap <= PROVEN:
            return found
        return better_of(found, self._annealed(aim, active, loose, predicted=predicted))

    @cached_property
    def _begins(self) -> int:
        return begins_of(self.program)

    def _annealed(
        self, aim: Aim, active: tuple[Limit, ...], loose: Selection, *, predicted: bool
    ) -> Selection:
        """A good plan where the timetable is too large to be solved."""
        self._thrifty = aim is not Aim.CHEAPEST
        if aim is not Aim.BALANCED:
            return self._met(aim_goal(self.program, aim), active, loose, aim if predicted else None)
        corners = [self._best(one, active, predicted=predicted, vast=True) for one in CORNERS]
        if self._loose is None or not all(corner.chosen for corner in corners):
            return next(corner for corner in corners if not corner.chosen)
        ideal, reach = ideal_and_reach(self.program, corners)
        bound = self._loose._compromise(active, ideal, reach)  # noqa: SLF001 - a Chooser too
        return self._met(balanced_goal(self.program, ideal, reach), active, bound, None)

    def _met(
        self, goal: Goal, active: tuple[Limit, ...], bound: Selection, aim: Aim | None
    ) -> Selection:
        program = self.program
        jobs = range(len(program.jobs))
        out = [never(program, j, active, aim, thrifty=self._thrifty) for j in jobs]
        return annealed(program, goal, active, out, bound, self._stop_at)

    def _corners_fit(self, active: tuple[Limit, ...]) -> bool:
        """Whether the balanced aim measures from the corner plans that need no timetable."""
        if self._loose is None:
            return False
        found = ((aim, self._loose.best(aim, active)) for aim in CORNERS)
        return all(
            fitting(self.program, corner, active, end_of(aim, corner.objective))
            for aim, corner in found
        )

    def _searched(self, aim: Aim, active: tuple[Limit, ...], *, predicted: bool) -> Selection:
        """The best plan by the whole program."""
        self._thrifty = aim is not Aim.CHEAPEST
        if not self._activate(active, aim if predicted else None):
            return Selection((), Ending.INFEASIBLE, None, None)
        with self._most_done(aim) as possible:
            if not possible:
                return Selection((), Ending.INFEASIBLE, None, None)
            if aim is Aim.BALANCED:
                return self._balanced(active, predicted=predicted)
            return self._in_order(aim)

    @contextmanager
    def _most_done(self, aim: Aim) -> Iterator[bool]:
        """The most valuable optional jobs are done; the cheapest plan weighs that itself.

        Gives False where no plan exists.
        """
        m, program = self._model, self.program
        if aim is Aim.CHEAPEST or all(worth is None for worth in program.worth_usd):
            yield True
            return
        formulation.minimise(m, formulation.lost(m, program) / m.scale["budget"])
        run = self._run()
        if run.objective is None:
            yield False
            return
        m.most_done = Constraint(
            expr=formulation.lost(m, program) / m.scale["budget"] <= run.objective + TIE
        )
        yield True
        m.del_component("most_done")

    def _some_unpredicted(self) -> bool:
        return any(np.isnan(columns.accuracy).any() for columns in self.program.jobs)

    def least(self, limit: Limit, better: tuple[Aim, float] | None = None) -> Selection:
        """The plan that misses `limit` least while it keeps all the others.

        Args:
            limit: the one that may be missed.
            better: an aim and the most that its value may be (as `Selection.objective`): the least
                miss that buys so much. Not for the balanced aim, which has no value of its own.
        """
        others = tuple(other for other in self.program.limits if other != limit)
        if self._loose is not None and limit.name != "max_gpus":
            found = self._loose.least(limit, better)
            ends = {} if better is None else end_of(*better)
            if limit.name == "deadline":
                ends[limit.job] = found.objective
            known = fitting(self.program, found, others, ends)
            if known is not None:
                return known
            if is_vast(self._begins):
                self._thrifty = False
                goal = limit_goal(self.program, limit)
                if better:  # nothing holds an aim while a limit is missed
                    return Selection((), Ending.TIME_LIMIT, None, None)
                return self._met(goal, others, found, None)
        self._thrifty = better is not None and better[0] is not Aim.CHEAPEST
        if not self._activate(others, None, known=limit):
            return Selection((), Ending.INFEASIBLE, None, None)
        m = self._model
        if better is not None:
            m.as_good = Constraint(expr=self._expression(better[0]) <= better[1])
        found = self._then_second(self._missed(limit))
        if better is not None:
            m.del_component("as_good")
        return found

    def _missed(self, limit: Limit) -> Any:  # noqa: ANN401 - Pyomo is untyped
        if limit.name == "deadline":
            return self._timed(limit)
        m = self._model
        if limit.name == "budget":
            return formulation.money(m, self.program, m.scale["budget"])
        if limit.name == "max_gpus" and self.program.moments:
            return m.busiest / m.scale["max_gpus"]
        sign = -1.0 if limit.is_minimum else 1.0
        return sum(
            formulation.total(
                m, j, sign * quantity(self.program.jobs[j], limit.name) / m.scale[limit.name]
            )
            for j in self.program.concerned(limit)
        )

    def _timed(self, limit: Limit) -> Any:  # noqa: ANN401 - Pyomo is untyped
        m = self._model
        if limit.job is None:
            return self._added("makespan", "last_end")
        return ended(m, self.program, limit.job)

    def possible(self, limits: tuple[Limit, ...]) -> bool:
        """True where some plan keeps all of `limits`."""
        if self._loose is not None:
            found = self._loose.best(Aim.CHEAPEST, limits)
            known = fitting(self.program, found, limits, {})
            if known is not None:
                return bool(known.chosen)
            if is_vast(self._begins):
                goal = aim_goal(self.program, Aim.CHEAPEST)
                return bool(self._met(goal, limits, found, None).chosen)
        self._thrifty = False
        if not self._activate(limits, None):
            return False
        formulation.minimise(self._model, self._expression(Aim.CHEAPEST))
        return self._run().ending is Ending.OPTIMAL

    def _in_order(self, aim: Aim) -> Selection:
        return self._then_second(self._expression(aim))

    def _expression(self, aim: Aim) -> Any:  # noqa: ANN401 - Pyomo is untyped
        if aim is Aim.FASTEST:
            return self._added("makespan", "last_end")
        if aim is Aim.MOST_ACCURATE:
            return self._added("worst_accuracy", "worst")
        if self._cost is None:
            self._cost = formulation.cost(self._model, self.program)
        return self._cost

    def _then_second(self, first: Any) -> Selection:  # noqa: ANN401 - Pyomo is untyped
        m = self._model
        formulation.minimise(m, first)
        run = self._run()
        if run.objective is None or run.ending is not Ending.OPTIMAL or not self._breaks_ties:
            return self._selection(run, run)
        m.first_aim = Constraint(expr=first <= run.objective + TIE * max(1.0, abs(run.objective)))
        if self._second_aim is None:
            self._second_aim = formulation.second_aim(m, self.program)
        formulation.minimise(m, self._second_aim)
        second = self._run()
        m.del_component("first_aim")
        return self._selection(run, second if second.chosen else run)

    def _balanced(self, active: tuple[Limit, ...], *, predicted: bool) -> Selection:
        corners = []
        for aim in CORNERS:
            self._activate(active, aim if predicted else None)
            corner = self._in_order(aim)
            if not corner.chosen:
                return corner
            corners.append(corner)
        return self._compromise(active, *ideal_and_reach(self.program, corners))

    def _compromise(
        self, active: tuple[Limit, ...], ideal: dict[str, float], reach: dict[str, float]
    ) -> Selection:
        """The plan with the least of the largest regrets."""
        self._activate(active, None)
        m = self._model
        terms = regrets(self.program)
        first = formulation.chebyshev(m, self.program, ideal, reach)
        formulation.minimise(m, first)
        run = self._run()
        if run.objective is None:
            return self._selection(run, run)
        m.first_aim = Constraint(expr=first <= run.objective + TIE)
        formulation.minimise(
            m,
            sum(
                formulation.total(m, j, column / reach[name])
                for name, columns in terms.items()
                for j, column in enumerate(columns)
            )
            + formulation.purchases(m, self.program, reach["usd"]),
        )
        second = self._run()
        for name in ("first_aim", "chebyshev", "regret"):
            m.del_component(name)
        return self._selection(run, second if second.chosen else run)

    def _added(self, family: str, variable: str) -> Any:  # noqa: ANN401 - Pyomo is untyped
        """The expression of an aim with rows of its own, added when first asked for."""
        m = self._model
        if m.component(family) is None:
            getattr(formulation, family)(m, self.program)
        m.component(family).activate()
        made = m.component(variable)
        return -made if family == "worst_accuracy" else made

    def _activate(
        self, active: tuple[Limit, ...], aim: Aim | None, known: Limit | None = None
    ) -> bool:
        """Switch rows and columns; False where some job is left without a candidate."""
        m = self._model
        formulation.switch_rows(m, self.program, active)
        left = [self._fix(j, active, aim, known) for j in range(len(self.program.jobs))]
        return all(left)

    def _fix(
        self, job: int, active: tuple[Limit, ...], aim: Aim | None, known: Limit | None
    ) -> bool:
        out = never(self.program, job, active, aim, known, thrifty=self._thrifty)
        for c, barred in enumerate(out.tolist()):
            self._model.x[job, c].setub(0 if barred else 1)
        return not bool(out.all())

    def _run(self) -> Run:
        remaining = None if self._stop_at is None else max(0.0, self._stop_at - time.monotonic())
        return self._solver.solve(self._model, remaining)

    def _selection(self, proof: Run, run: Run) -> Selection:
        chosen = tuple(run.chosen[j] for j in sorted(run.chosen))
        ending = proof.ending if proof.ending is not Ending.OPTIMAL else run.ending
        if not chosen:
            return Selection((), ending, proof.objective, proof.bound)
        timing = as_found(self.program, self._model, chosen, run)
        lost = lost_usd_of(self.program, chosen)
        return Selection(chosen, ending, proof.objective, proof.bound, timing, lost)
