"""The smallest mix of misses is the smallest of every combination."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from solver.mip.highs import Ending
from solver.mip.mixes import Mixing
from solver.program import Limit, Program
from tests.support.oracle import Oracle
from tests.support.programs import columns_of, programs

quickly = settings(max_examples=50, deadline=None)


def misses(oracle, plan):
    """How far each limit is missed, relative to itself or to the way from chance to ceiling."""
    out = []
    for limit in oracle.program.limits:
        reached = oracle.reaches(limit, plan)
        columns = [oracle.program.jobs[j] for j in oracle.program.concerned(limit)]
        if limit.name == "min_accuracy":
            scale = min(c.ceiling - c.chance for c in columns)
            out.append(float(np.maximum(0.0, limit.bound - reached)) / scale)
        else:
            out.append(float(np.maximum(0.0, reached - limit.bound)) / limit.bound)
    return out


def worst(values, tier):
    return max((values[i] for i in tier), default=0.0)


@quickly
@given(program=programs(), data=st.data())
def test_that_the_mix_is_the_smallest_of_every_combination(program, data):
    limits = program.limits
    assume(limits)
    assume(all(limit.bound > 0 for limit in limits))
    firm = [i for i in range(len(limits)) if data.draw(st.booleans())]
    soft = [i for i in range(len(limits)) if i not in firm]
    oracle = Oracle(program)
    rows = {plan: misses(oracle, plan) for plan in oracle.plans}
    known = {plan: values for plan, values in rows.items() if not np.isnan(values).any()}

    found = Mixing(program).least_mix([[limits[i] for i in tier] for tier in (firm, soft)])

    if not known:
        assert found.ending is Ending.INFEASIBLE
        return
    order = [(worst(v, firm), worst(v, soft), sum(v)) for v in known.values()]
    mine = rows[found.chosen]
    least = min(order)
    assert worst(mine, firm) == pytest.approx(least[0], abs=1e-5)
    near = [o for o in order if o[0] <= least[0] + 1e-5]
    assert worst(mine, soft) <= min(o[1] for o in near if o[0] <= least[0] + 1e-9) + 1e-5


TWO = columns_of(hours=[1.0, 4.0, 2.0], usd=[10.0, 2.5, 5.0])


def test_that_misses_are_shared_where_no_limit_is_firm():
    limits = (Limit("deadline", None, 1.0), Limit("budget", None, 2.5))

    found = Mixing(Program((TWO,), limits, ())).least_mix([limits])

    assert found.chosen == (2,)


@pytest.mark.parametrize(("firm", "chosen"), [(0, 0), (1, 1)])
def test_that_a_firm_limit_moves_last(firm, chosen):
    limits = (Limit("deadline", None, 1.0), Limit("budget", None, 2.5))

    found = Mixing(Program((TWO,), limits, ())).least_mix([[limits[firm]], [limits[1 - firm]]])

    assert found.chosen == (chosen,)
