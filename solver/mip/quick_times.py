"""When jobs end in a given order: what `timetable.packed` finds, for thousands of plans."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from solver.program import deadlines_of
from solver.timetable import ROUNDING, Task

if TYPE_CHECKING:
    from collections.abc import Sequence

    from solver.program import Limit, Program

Use = tuple[int, float]
"""A resource and the units of it that a candidate uses."""

Placed = tuple[float, float, float]
"""From, to [h] and units in use."""


class QuickTimes:
    """The serial schedule of a program's candidates; GPUs are one resource more."""

    def __init__(self, program: Program, active: tuple[Limit, ...]) -> None:
        self.deadlines = deadlines_of(program, active)
        """By job, infinite where there is none. [h]"""
        self.most_gpus = min((x.bound for x in active if x.name == "max_gpus"), default=math.inf)
        earlier = program.chain.earlier or ((),) * len(program.jobs)
        self.stages = [Task(0.0, (), 0.0, before) for before in earlier]
        """The jobs, as far as their order is concerned."""
        self._hours = [columns.hours.tolist() for columns in program.jobs]
        self._left_out = [columns.left_out.tolist() for columns in program.jobs]
        self._closed = [*(resource.closed for resource in program.resources), ()]
        self._uses = [self._uses_of(program, j) for j in range(len(program.jobs))]

    def _uses_of(self, program: Program, job: int) -> list[list[Use]]:
        uses = program.uses(job)
        if math.isfinite(self.most_gpus):
            uses = np.vstack([uses, program.jobs[job].gpus])
        return [[(r, use) for r, use in enumerate(row) if use > 0] for row in uses.T.tolist()]

    def ends(
        self, chosen: Sequence[int], order: Sequence[int], most: Sequence[float]
    ) -> list[float] | None:
        """When each job ends [h]; None where one finds no place.

        Args:
            chosen: the candidate of each job.
            order: in which jobs find their places; stages in theirs.
            most: units of each resource that may be used at once.
        """
        ends = [0.0] * len(chosen)
        room = [*most, self.most_gpus]
        placed: list[list[Placed]] = [[] for _ in room]
        for j in order:
            c = chosen[j]
            ready = 0.0
            if not self._left_out[j][c]:
                for i in self.stages[j].earlier:
                    ready = max(ready, ends[i])
            hours, uses = self._hours[j][c], self._uses[j][c]
            start = self._place(ready, hours, uses, room, placed) if uses else ready
            if start is None:
                return None
            ends[j] = start + hours
            for r, use in uses:
                placed[r].append((start, ends[j], use))
        return ends

    def late(self, ends: Sequence[float]) -> float:
        """By how much jobs miss their deadlines, relative to these and added up."""
        return sum(
            (end - most) / most
            for end, most in zip(ends, self.deadlines, strict=True)
            if end > most
        )

    def _place(
        self,
        ready: float,
        hours: float,
        uses: Sequence[Use],
        room: Sequence[float],
        placed: Sequence[list[Placed]],
    ) -> float | None:
        if self._is_free(ready, ready + hours, uses, room, placed):
            return ready
        moments = set()
        for r, _ in uses:
            moments.update([end for _, end, _ in placed[r] if end > ready])
            moments.update([end for _, end in self._closed[r] if end > ready])
        for start in sorted(moments):
            if self._is_free(start, start + hours, uses, room, placed):
                return start
        return None

    def _is_free(
        self,
        start: float,
        end: float,
        uses: Sequence[Use],
        room: Sequence[float],
        placed: Sequence[list[Placed]],
    ) -> bool:
        """Whether all that is used is open and there for a time; loops, for it is asked most."""
        for r, use in uses:
            for a, b in self._closed[r]:
                if a < end - ROUNDING and b > start + ROUNDING:
                    return False
            free = room[r] - use + ROUNDING
            if free < 0.0:
                return False
            beside, taken = [], 0.0
            for some in placed[r]:
                if some[0] < end and some[1] > start:
                    beside.append(some)
                    taken += some[2]
            if taken > free and _peak(beside, start) > free:
                return False
        return True


def _peak(beside: Sequence[Placed], start: float) -> float:
    """The most in use at any one time from start on."""
    most = 0.0
    for moment in {start, *[a for a, _, _ in beside if a > start]}:
        taken = 0.0
        for a, b, use in beside:
            if a <= moment < b:
                taken += use
        most = max(most, taken)
    return most
