"""A user's own runs: shrunk, kept from outliers, and felt where runs are alike."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.calibration.calibration import (
    LONE,
    NEUTRAL,
    Calibration,
    Correction,
    correction,
    left_out_predictions,
    tempered,
)
from solver.calibration.estimates import calibrated_memory, calibrated_throughput
from solver.calibration.levels import MEMORY_LEVELS, SPEED_LEVELS, Levels
from solver.calibration.settings import setting_codes, setting_of
from solver.check import broken, read_answer
from solver.constants import shipped_constants
from solver.estimate.configurations import (
    Compute,
    Generation,
    Sharding,
    Stack,
    Storage,
    Tuning,
)
from solver.estimate.memory import memory
from solver.estimate.throughput import throughput
from solver.outcome.facts import constants_in
from tests.support.configured import lora, one
from tests.support.questions import SMALL, answered, asked

HERE = int(setting_codes(one())[0])
ELSEWHERE = int(setting_codes(one(generation=int(Generation.AMPERE)))[0])
SHORTER = int(setting_codes(one(sequence=2048.0))[0])
LONGER = int(setting_codes(one(sequence=65536.0))[0])
NOTHING_ALIKE = int(setting_codes(one(generation=int(Generation.TPU), stack=int(Stack.JAX)))[0])

RATIOS = st.lists(st.floats(-1.5, 1.5), min_size=1, max_size=12)


def speeds(*log_ratios, code=HERE, levels=SPEED_LEVELS):
    """The correction that runs of one setting support."""
    return correction(np.array(log_ratios), np.full(len(log_ratios), code), levels)


def factor(made, code=HERE):
    return float(made.log_factor(np.array([code]))[0])


def spread(made, code=HERE):
    return float(made.spread_factor(np.array([code]))[0])


def calibration(*log_ratios, memory=()):
    """Runs as fast or slow on every setting of the desk's questions."""
    return Calibration(
        made_on=date(2026, 11, 25),
        throughput=speeds(*log_ratios),
        memory=speeds(*memory, levels=MEMORY_LEVELS),
    )


def test_that_nothing_changes_without_runs():
    made = speeds()

    assert factor(made) == 0.0
    assert spread(made) == 1.0
    assert NEUTRAL.is_neutral
    assert calibrated_throughput(one()).tokens_per_s == throughput(one()).tokens_per_s
    assert calibrated_memory(one()).upper == memory(one()).upper


def test_that_one_run_moves_the_estimate_of_its_like_most_of_the_way():
    assert -0.2 < factor(speeds(-0.2)) < -0.15


@given(st.floats(-LONE, LONE).filter(lambda x: abs(x) > 1e-3), st.integers(1, 8))
def test_that_more_runs_that_agree_shrink_less(ratio, runs):
    fewer, more = speeds(*[ratio] * runs), speeds(*[ratio] * (runs + 1))

    assert abs(factor(fewer)) < abs(factor(more)) < abs(ratio)
    assert spread(more) < spread(fewer) < 1.0


def test_that_many_runs_that_agree_are_believed():
    assert factor(speeds(*[-0.7] * 60)) == pytest.approx(-0.7, abs=0.02)


def test_that_scattered_runs_shrink_more_than_consistent_ones():
    consistent, scattered = speeds(0.2, 0.2, 0.2, 0.2), speeds(-0.1, 0.5, -0.05, 0.45)

    assert 0.0 < factor(scattered) < factor(consistent)
    assert spread(scattered) > spread(consistent)


def test_that_a_run_alone_far_off_is_believed_no_more_than_a_near_one():
    assert factor(speeds(-3.0)) == factor(speeds(-LONE))


def test_that_an_outlier_among_runs_that_agree_moves_little():
    agreed, with_outlier = speeds(0.1, 0.1, 0.1), speeds(0.1, 0.1, 0.1, -2.0)

    assert factor(with_outlier) > 0.0
    assert factor(agreed) - factor(with_outlier) < 0.1


@given(RATIOS)
def test_that_each_run_is_predicted_as_the_others_alone_would(ratios):
    logs = np.array([*ratios, 0.1])
    codes = np.array(
        [int(setting_codes(one(gpus=2.0**i))[0]) for i in range(len(logs))], dtype=np.int64
    )

    made = left_out_predictions(logs, codes, SPEED_LEVELS)

    for position in range(len(logs)):
        rest = np.arange(len(logs)) != position
        alone = correction(logs[rest], codes[rest], SPEED_LEVELS)
        assert made[position] == pytest.approx(factor(alone, codes[position]), abs=1e-9)


@given(RATIOS)
def test_that_tempering_never_turns_a_ratio_round_nor_moves_it_away(ratios):
    before = np.array(ratios)
    after = tempered(before)

    assert (np.abs(after) <= np.abs(before)).all()
    assert (after * before >= 0.0).all()


@given(RATIOS)
def test_that_a_correction_lies_within_what_was_measured(ratios):
    made = factor(speeds(*ratios))

    assert min(0.0, *ratios) - 1e-9 <= made <= max(0.0, *ratios) + 1e-9


def test_that_runs_elsewhere_move_the_estimate_less():
    made = speeds(-0.2, -0.2)

    assert 0.0 < -factor(made, LONGER) < -factor(made, SHORTER) < -factor(made)
    assert 0.0 < -factor(made, ELSEWHERE) < -factor(made)
    assert spread(made) < spread(made, ELSEWHERE) < 1.0
    assert factor(made, NOTHING_ALIKE) == 0.0


@pytest.mark.parametrize(
    "change",
    [
        {"tensor_parallel": 8.0},
        {"pipeline_parallel": 4.0},
        {"sharding": int(Sharding.NONE)},
        {"gpus": 512.0},
        {"micro_batch": 64.0},
        {"accumulation": 512.0},
        {"parameters": 300e9},
        {"hidden": 1024.0},
    ],
)
def test_that_a_run_tells_less_of_other_layouts_and_sizes(change):
    elsewhere = int(setting_codes(one(**change))[0])
    made = speeds(-0.2, -0.2)

    assert 0.0 < -factor(made, elsewhere) < -factor(made)


def test_that_a_run_of_the_same_on_an_eighth_of_the_machines_is_believed_nearly_whole():
    few, many = one(gpus=64.0), one(gpus=512.0)

    made = speeds(-0.2, code=int(setting_codes(few)[0]))

    assert -0.2 < factor(made, int(setting_codes(many)[0])) < -0.16


def test_that_the_interval_counts_on_more_scatter_than_the_median():
    whole = SPEED_LEVELS.model_copy(update={"noise_ratio": 1.0})

    assert factor(speeds(-0.2)) < factor(speeds(-0.2, levels=whole))
    assert spread(speeds(-0.2)) == spread(speeds(-0.2, levels=whole))


def test_that_what_an_earlier_release_embedded_says_what_it_said():
    levels = SPEED_LEVELS.model_dump()
    del levels["noise_ratio"], levels["fading"]["hidden"]
    told = speeds(-0.2, levels=Levels.model_validate(levels)).model_dump(mode="json")
    del told["groups"][0]["setting"]["log2_hidden"]

    made = Correction.model_validate(told)

    wide, narrow = (int(setting_codes(one(hidden=h))[0]) for h in (8192.0, 1024.0))
    assert factor(made, wide) == factor(made, narrow) < -0.1


@given(st.integers(0, 6), st.integers(0, 6))
def test_that_memory_is_corrected_alike_whatever_the_micro_batch(micro, accumulation):
    other = one(micro_batch=2.0**micro, accumulation=2.0**accumulation)
    made = speeds(0.2, 0.2, levels=MEMORY_LEVELS)

    assert factor(made, int(setting_codes(other)[0])) == pytest.approx(factor(made), rel=1e-4)


def test_that_a_setting_has_one_code_and_back():
    codes = setting_codes(
        lora(
            tuning=int(Tuning.QLORA),
            storage=int(Storage.NF4),
            compute=int(Compute.BF16_MIXED),
            flash=False,
            stack=int(Stack.HF_TRAINER),
        )
    )
    made = setting_of(int(codes[0]))

    assert made.code == codes[0]
    assert made.model_dump() == {
        "software": "HF_TRAINER",
        "hardware": "HOPPER",
        "method": "FEW_QUANTISED",
        "format": "SIXTEEN_BITS",
        "sharding": "NONE",
        "log2_parameters": 33,
        "log2_sequence": 12,
        "log2_micro_tokens": 12,
        "log2_gpus": 0,
        "log2_split": 0,
        "log2_stages": 0,
        "log2_accumulation": 2,
        "log2_hidden": 12,
    }


def test_that_slower_runs_slow_the_estimate_and_keep_its_parts_together():
    before = calibrated_throughput(one())
    after = calibrated_throughput(one(), calibration=calibration(-0.2, -0.2))

    assert after.tokens_per_s < before.tokens_per_s
    assert after.slow_log_sd < before.slow_log_sd
    assert after.step_seconds / before.step_seconds == pytest.approx(
        before.tokens_per_s / after.tokens_per_s
    )


def test_that_hungrier_runs_raise_the_memory_and_keep_its_parts_together():
    before = calibrated_memory(one())
    after = calibrated_memory(one(), calibration=calibration(memory=(0.2, 0.2)))

    assert after.total > before.total
    assert after.weights / before.weights == pytest.approx(after.total / before.total)
    assert after.upper_factor == before.upper_factor


def test_that_memory_that_scatters_widens_its_interval_and_agreement_never_narrows_it():
    agreed = speeds(0.1, 0.1, 0.1, 0.1, levels=MEMORY_LEVELS)
    scattered = speeds(-0.5, 0.5, -0.5, 0.5, levels=MEMORY_LEVELS)

    assert spread(agreed) == 1.0
    assert spread(scattered) > 1.2


def test_that_a_calibration_survives_its_json():
    made = calibration(-0.2, 0.1, memory=(0.3,))

    assert Calibration.model_validate_json(made.model_dump_json()) == made


def test_that_a_neutral_calibration_changes_no_answer():
    plain = asked("cheapest").model_dump(exclude={"digest", "solver"})

    made = answered(SMALL["cheapest"], constants=shipped_constants(Calibration()))

    assert made.model_dump(exclude={"digest", "solver"}) == plain


def test_that_runs_as_fast_as_predicted_leave_the_median_and_narrow_the_interval():
    before = calibrated_throughput(one())
    after = calibrated_throughput(one(), calibration=calibration(0.0))

    assert after.tokens_per_s == before.tokens_per_s
    assert after.slow_log_sd < before.slow_log_sd


def test_that_an_answer_from_before_there_were_calibrations_is_neutral():
    facts = asked("cheapest").facts
    older = {name: made for name, made in facts.constants.items() if name != "calibration"}

    assert constants_in(facts.model_copy(update={"constants": older})) == shipped_constants()


def test_that_slow_runs_of_ones_own_lengthen_the_plan_and_check_accepts_it():
    plain = asked("owned")
    code = int(
        setting_codes(
            one(
                generation=int(Generation.TURING),
                stack=int(Stack.HF_TRAINER),
                compute=int(Compute.FP16_MIXED),
                flash=False,
            )
        )[0]
    )
    slow = Calibration(
        made_on=date(2026, 11, 24), throughput=speeds(*[-0.5] * 4, code=code), memory=speeds(0.1)
    )

    made = answered(SMALL["owned"], constants=shipped_constants(slow))

    assert made.jobs[0].hours.median > plain.jobs[0].hours.median
    assert made.provenance.constants["calibration"] == "2026-11-24"
    assert any("2026-11-24" in note for note in made.jobs[0].evidence.notes)
    read = read_answer(made.model_dump_json())
    assert not isinstance(read, tuple)
    assert broken(read) == ()
