"""What limits make of the cloud: states, counts, preview, frontier; and where it is drawn."""

from datetime import UTC, datetime

import numpy as np
import pytest

from catalog.load import load_catalog
from gui import cloud as cloud_module
from gui.bounds import Bounds
from gui.cloud import EXCLUDED, FEASIBLE, NEAR_MISS, Cloud, cloud_of
from gui.plane import plane_of
from solver import program
from solver.constants import shipped_constants
from solver.examples import example
from solver.limits import limits_of
from solver.question import Aim
from solver.question_file import read_question
from solver.serve import cloud as solver_cloud
from solver.serve.estimates import Estimates


@pytest.fixture
def cloud():
    ints = np.zeros(5, dtype=np.int32)
    return Cloud(
        name="five",
        quantile=0.9,
        candidates=50,
        models=("m",),
        variants=("full:bf16",),
        rents=("aws/x/y/spot:1x",),
        deployed=("",),
        hours=np.array([1, 2, 3, 9, 9], dtype=np.float32),
        usd=np.array([9, 5, 0, 2, 90], dtype=np.float32),
        accuracy=np.array([0.9, 0.8, 0.85, 0.95, np.nan], dtype=np.float32),
        missed_others=np.array([0, 0, 0, 0, 1], dtype=np.uint8),
        can_be_best=np.array([True, True, True, True, False]),
        weight=np.array([1, 1, 1, 1, 46], dtype=np.float32),
        model=ints,
        variant=ints,
        rent=ints,
        epochs=ints + 2,
    )


def test_that_one_missed_limit_is_a_near_miss_and_more_exclude(cloud):
    states = cloud.states(Bounds(4, 6, 0.8))

    assert states.tolist() == [NEAR_MISS, FEASIBLE, FEASIBLE, NEAR_MISS, EXCLUDED]


def test_that_counts_scale_the_sample_to_all_candidates(cloud):
    counted = cloud.counted(Bounds(None, None, 0.8))

    assert (counted.candidates, counted.accuracy, counted.deadline) == (50, 4, 50)
    assert counted.feasible == 4


@pytest.mark.parametrize(
    ("aim", "best"), [(Aim.CHEAPEST, 2), (Aim.FASTEST, 0), (Aim.MOST_ACCURATE, 3)]
)
def test_that_the_preview_is_the_best_by_the_aim(cloud, aim, best):
    assert cloud.best(Bounds(10, 10, 0.8), aim) == best


def test_that_the_balanced_preview_avoids_every_extreme(cloud):
    assert cloud.best(Bounds(10, 10, None), Aim.BALANCED) not in (0, 3)


def test_that_the_balanced_preview_takes_the_only_candidate_there_is(cloud):
    assert cloud.best(Bounds(1.5, 10, None), Aim.BALANCED) == 0


def test_that_window_and_solver_take_the_same_least_time_and_cost():
    assert cloud_module.LOWEST_HOURS == program.LOWEST_HOURS
    assert cloud_module.LOWEST_USD == program.LOWEST_USD


def test_that_there_is_no_preview_where_nothing_keeps_the_limits(cloud):
    assert cloud.best(Bounds(0.5, 10, 0.8), Aim.CHEAPEST) is None


def test_that_the_frontier_falls_from_fast_to_cheap(cloud):
    bounds = Bounds(None, None, None)

    assert cloud.frontier(cloud.states(bounds)).tolist() == [0, 1, 2]


def test_that_a_key_names_the_candidate_as_tables_print_it(cloud):
    assert cloud.key(0) == "m:full:bf16:aws/x/y/spot:1x:2e"


def test_that_every_drawn_candidate_has_the_key_that_the_solver_finds_it_by():
    whole = read_question(example("1-tickets.toml"))
    job = whole.jobs[0].replace(
        models={"names": ("BERT-base", "Qwen2.5-0.5B")},
        formats=("fp16", "int8"),
        serving={"tokens_per_month": 1e6, "months": 1},
    )
    question = whole.replace(jobs=(job,), limits={"providers": ("lambda",)})
    moment = datetime(2026, 11, 25, tzinfo=UTC)
    made = Estimates(load_catalog(), shipped_constants()).of(job, question, moment.date())

    drawn = cloud_of(solver_cloud.cloud(made, limits_of(question, moment), 0.9, 1, "x"))

    keys = {drawn.key(at) for at in range(len(drawn))}
    assert keys <= {made.key(at) for at in range(len(made))}
    assert any(key.endswith(":int8") for key in keys)
    assert any(key.endswith(":0e") for key in keys)


def test_that_what_costs_nothing_lies_in_a_lane_below_everything(cloud):
    plane = plane_of(cloud, Bounds(4, 6, None))

    places = plane.y(cloud.usd)

    assert places[2] == plane.lane
    assert plane.bottom < plane.lane < np.delete(places, 2).min()


def test_that_a_dragged_limit_does_not_move_the_plane(cloud):
    before = plane_of(cloud, Bounds(4, 6, None))

    after = plane_of(cloud, Bounds(3.9, 6, None), before)

    assert after is before


def test_that_candidates_far_above_an_impossible_budget_are_seen(cloud):
    plane = plane_of(cloud, Bounds(4, 0.001, None))

    assert plane.top > np.log10(np.median(cloud.usd[cloud.usd > 0]))
