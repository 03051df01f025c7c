"""`--simulate`: a plan is tried on outcomes that its choice has not seen."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.check import broken
from solver.cli.main import main
from solver.outcome.frequency import frequency
from solver.outcome.simulated import with_simulation
from solver.plan import Solved
from tests.support.questions import SMALL, asked

PLANNED = [name for name in SMALL if asked(name).outcome == "solved"]

DRAWS = 4000


@pytest.mark.parametrize("name", PLANNED)
def test_that_new_outcomes_keep_the_promise(name):
    told = with_simulation(asked(name), DRAWS).simulation

    assert told.draws == DRAWS
    assert told.promised == asked(name).question.limits.confidence
    # A plan chosen to hold at just p falls below it in half of the new samples: by luck alone.
    assert told.together.share >= told.promised - 4 * np.sqrt(0.25 / DRAWS)


@pytest.mark.parametrize("name", PLANNED)
def test_that_no_limit_holds_more_seldom_than_all_together(name):
    told = with_simulation(asked(name), DRAWS).simulation

    assert all(limit.kept.times >= told.together.times for limit in told.limits)
    uncertain = {"deadline", "budget", "min_accuracy", "co2"}
    wanted = {(kept.name, kept.job) for kept in asked(name).limits if kept.name in uncertain}
    assert {(limit.name, limit.job) for limit in told.limits} == wanted


def test_that_equal_seeds_give_equal_outcomes_and_others_do_not():
    of = asked("several-jobs")

    first, again, other = (with_simulation(of, DRAWS, seed).simulation for seed in (3, 3, 4))

    assert first == again
    assert first.together.times != other.together.times


def test_that_the_simulation_is_checked_with_the_answer():
    of = with_simulation(asked("several-jobs"), DRAWS)
    share = of.simulation.together.model_copy(update={"times": 1})
    wrong = of.simulation.model_copy(update={"together": share})

    assert broken(of) == ()
    edited = of.model_copy(update={"simulation": wrong})
    assert any("simulation" in problem.where for problem in broken(edited))


@pytest.mark.parametrize("name", ["out-of-reach", "unmeasured", "nothing-fits"])
def test_that_an_answer_without_a_plan_stays_as_it_is(name):
    assert with_simulation(asked(name), DRAWS) is asked(name)


@given(times=st.integers(0, 500), more=st.integers(0, 500))
def test_that_the_interval_of_a_chance_holds_the_share_and_stays_in_range(times, more):
    n = max(1, times + more)
    held = np.arange(n) < times

    told = frequency(held)

    assert 0.0 <= told.low95 <= told.share <= told.high95 <= 1.0


def test_that_the_interval_is_the_published_one():
    told = frequency(np.arange(10) < 9)  # Wilson's interval for 9 of 10 is 0.596 to 0.982

    assert (told.low95, told.high95) == pytest.approx((0.596, 0.982), abs=5e-4)


def test_that_the_command_tells_it_as_text_and_as_json(tmp_path, capsys):
    path, out = tmp_path / "question.json", tmp_path / "answer.json"
    told = SMALL["cheapest"].model_dump(mode="json", exclude_defaults=True)
    path.write_text(json.dumps(told), encoding="utf-8")

    code = main(["plan", str(path), "--simulate", "500", "--seed", "9", "--json", str(out)])

    assert code == 0
    printed = capsys.readouterr().out
    assert "Simulated 500 outcomes (seed 9)" in printed
    made = Solved.model_validate_json(out.read_text(encoding="utf-8"))
    assert (made.simulation.draws, made.simulation.seed) == (500, 9)
