"""Irreducible conflicts among many demands."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.outcome.conflicts import irreducible


def left_by_leaving_out(demands, possible):
    """What is left when demands are left out one by one where that does not help."""
    held = list(demands)
    for demand in demands:
        others = tuple(other for other in held if other != demand)
        if not possible(others):
            held.remove(demand)
    return tuple(held)


@settings(max_examples=200, deadline=None)
@given(
    many=st.integers(1, 24),
    conflicts=st.lists(st.sets(st.integers(0, 23), min_size=1, max_size=4), min_size=1, max_size=5),
)
def test_that_it_is_the_conflict_that_leaving_out_one_by_one_finds(many, conflicts):
    demands = tuple(range(many))
    inside = [conflict for conflict in conflicts if conflict <= set(demands)]
    if not inside:
        return

    def possible(some):
        return not any(conflict <= set(some) for conflict in inside)

    assert irreducible(demands, possible) == left_by_leaving_out(demands, possible)


@pytest.mark.parametrize("conflict", [{17}, {3, 499}])
def test_that_few_questions_find_a_conflict_among_five_hundred_demands(conflict):
    asked = []

    def possible(some):
        asked.append(some)
        return not conflict <= set(some)

    assert set(irreducible(range(500), possible)) == conflict
    assert len(asked) < 45


def test_that_nothing_is_no_conflict():
    assert irreducible((), lambda _: False) == ()
