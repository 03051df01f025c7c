"""What reduction leaves out never mattered."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.program import FAMILY_OF_LIMIT, quantity
from solver.reduce import reduced, undominated
from tests.support.programs import columns_of, many_columns

quickly = settings(max_examples=40, deadline=None)

names = st.sets(st.sampled_from(sorted(FAMILY_OF_LIMIT)))


def no_worse(columns, kept, left_out, limited):
    """Whether a kept candidate can stand in for one left out, whatever the limits are."""

    def better(name):
        a, b = quantity(columns, name)[kept], quantity(columns, name)[left_out]
        if np.isnan(b):
            return True
        return a >= b if name == "min_accuracy" else a <= b

    used = {"deadline", "budget", "min_accuracy"} | limited
    pool = columns.pool[left_out]
    takes_less = pool < 0 or columns.instances[kept] <= columns.instances[left_out]
    return columns.pool[kept] == pool and takes_less and all(better(name) for name in used)


@quickly
@given(columns=many_columns(pools=2), limited=names)
def test_that_every_candidate_left_out_is_replaced_by_one_that_is_kept(columns, limited):
    kept = reduced(columns, limited)

    for left_out in sorted(set(range(len(columns))) - set(kept.tolist())):
        assert any(no_worse(columns, k, left_out, limited) for k in kept.tolist())


@quickly
@given(columns=many_columns(pools=2), limited=names)
def test_that_no_candidate_kept_is_a_copy_of_an_earlier_one(columns, limited):
    kept = reduced(columns, limited)

    figures = [quantity(columns, name)[kept] for name in sorted(FAMILY_OF_LIMIT)]
    table = np.nan_to_num([*figures, columns.pool[kept], columns.instances[kept]], nan=-1.0)
    rows = [tuple(row) for row in table.T.tolist()]
    assert len(set(rows)) == len(rows)


@quickly
@given(columns=many_columns(pools=1), limited=names)
def test_that_reducing_twice_changes_nothing(columns, limited):
    kept = reduced(columns, limited)

    again = reduced(columns.take(kept), limited)

    assert again.tolist() == list(range(len(kept)))


@quickly
@given(columns=many_columns(), limited=names)
def test_that_more_limited_quantities_keep_no_fewer_candidates(columns, limited):
    few = set(reduced(columns, ()).tolist())

    assert len(few) <= len(reduced(columns, limited))


def test_that_of_equal_candidates_the_first_key_stays():
    columns = columns_of(hours=[2.0, 1.0, 1.0, 1.0], usd=[5.0, 5.0, 5.0, 6.0])

    assert reduced(columns, ()).tolist() == [1]


@pytest.mark.parametrize(
    ("name", "values", "kept"),
    [
        ("gpus", [8.0, 1.0], {"max_gpus"}),
        ("deployed_gb", [16.0, 1.0], {"max_deployed"}),
        ("latency_ms", [16.0, 1.0], {"max_latency"}),
        ("co2_kg", [3.0, 1.0], {"co2"}),
        ("co2_kg", [np.nan, 1.0], {"co2"}),
    ],
)
def test_that_a_quantity_counts_only_where_a_limit_bounds_it(name, values, kept):
    columns = columns_of(hours=[1.0, 2.0], usd=[1.0, 2.0], **{name: values})

    assert reduced(columns, ()).tolist() == [0]
    assert reduced(columns, kept).tolist() == [0, 1]


def test_that_a_slower_dearer_candidate_stays_where_it_takes_less_of_a_pool():
    columns = columns_of(hours=[1.0, 2.0], usd=[0.0, 1.0], pool=[0, 0], instances=[2.0, 1.0])

    assert reduced(columns, ()).tolist() == [0, 1]


def test_that_rented_machines_never_replace_owned_ones():
    columns = columns_of(hours=[1.0, 2.0], usd=[1.0, 2.0], pool=[-1, 0])

    assert reduced(columns, ()).tolist() == [0, 1]


def test_that_a_known_accuracy_is_not_replaced_by_an_unknown_one():
    columns = columns_of(hours=[1.0, 2.0], usd=[1.0, 2.0], accuracy=[np.nan, 0.5])

    assert reduced(columns, ()).tolist() == [0, 1]


@pytest.mark.parametrize("size", [0, 1])
def test_that_nothing_and_one_stay_as_they_are(size):
    columns = columns_of(hours=[1.0]).take(np.arange(size))

    assert reduced(columns, ("co2",)).tolist() == list(range(size))


@pytest.mark.parametrize("seed", range(3))
def test_that_the_undominated_are_those_that_nothing_beats(seed):
    rng = np.random.default_rng(seed)
    points = rng.integers(0, 6, size=(3, 300)).astype(float)
    points[2, rng.random(300) < 0.1] = np.inf

    kept = undominated(points, np.arange(300))

    beats = (points[:, :, None] <= points[:, None, :]).all(axis=0)
    equal = (points[:, :, None] == points[:, None, :]).all(axis=0)
    before = np.arange(300)[:, None] < np.arange(300)[None, :]
    beaten = (beats & (~equal | before)).any(axis=0)
    assert kept.tolist() == np.flatnonzero(~beaten).tolist()


@pytest.mark.parametrize("factor", [1e-9, 1.0, 1e9])
def test_that_tiny_and_huge_figures_are_told_apart(factor):
    columns = columns_of(hours=[1.0, 0.5, 0.5], usd=(factor * np.array([1.0, 1.5, 1.2])).tolist())

    assert reduced(columns, ()).tolist() == [0, 2]
