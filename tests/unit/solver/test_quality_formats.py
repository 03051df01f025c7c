"""What narrow formats of the finished model cost in accuracy."""

import numpy as np
import pytest

from catalog.load import load_catalog
from solver.estimate.quality import accuracy
from solver.estimate.quality_constants import quality_constants
from solver.estimate.quality_formats import SIXTEEN_BITS, deployed_delta, in_formats
from solver.estimate.quality_full import INTERPOLATED, NONE
from solver.question import Job, TaskFamily
from solver.space.variants import variants_for

CATALOG = load_catalog()
FITTED = quality_constants()
BERT, LLAMA = CATALOG.models["BERT-base"], CATALOG.models["Llama-2-7b"]


@pytest.fixture(scope="module")
def predicted():
    """Two models on MNLI in 16 bits."""
    job = Job(task="MNLI", examples=392_702, tokens_per_example=64, methods=["full", "lora"])
    variants, _ = variants_for(job, TaskFamily.PAIR_CLASSIFICATION, CATALOG)
    family = TaskFamily.PAIR_CLASSIFICATION
    return accuracy(job, family, [BERT, LLAMA], variants, [1, 3], CATALOG, FITTED)


def test_that_sixteen_bits_change_nothing(predicted):
    assert in_formats(predicted, [BERT, LLAMA], "nlu_large", [SIXTEEN_BITS], FITTED) is predicted


def test_that_every_variant_stands_once_in_each_format(predicted):
    made = in_formats(predicted, [BERT, LLAMA], "nlu_large", [SIXTEEN_BITS, "int8"], FITTED)

    assert made.median.shape[1] == 2 * predicted.median.shape[1]
    np.testing.assert_array_equal(made.median[:, ::2], predicted.median)
    assert [len(lines) for lines in made.basis] == [made.median.shape[1]] * 2


def test_that_a_narrow_format_is_lower_and_less_sure(predicted):
    made = in_formats(predicted, [BERT, LLAMA], "nlu_large", [SIXTEEN_BITS, "int8"], FITTED)

    wide, narrow = made.median[:, ::2], made.median[:, 1::2]
    known = np.isfinite(wide)
    assert (narrow[known] < wide[known]).all()
    assert (made.sd[:, 1::2][known] > made.sd[:, ::2][known]).all()
    assert (made.evidence[:, 1::2] >= INTERPOLATED).all()
    assert "int8 against 16 bits" in made.note(0, 1)


def test_that_what_nobody_measured_on_encoders_is_not_predicted(predicted):
    made = in_formats(predicted, [BERT, LLAMA], "nlu_large", ["int4"], FITTED)

    assert np.isnan(made.median[0]).all()
    assert (made.evidence[0] == NONE).all()
    assert "not predicted" in made.note(0, 0)


@pytest.mark.parametrize("name", ["int3", "int2", "mxfp4", "nvfp4"])
def test_that_coarse_formats_are_refused_where_a_model_has_to_reason(name):
    assert deployed_delta(LLAMA, name, "math", FITTED) is None
    assert deployed_delta(LLAMA, name, "nlu_large", FITTED) is not None


def test_that_calibrated_formats_cost_less_than_rounded_ones():
    rounded, calibrated = (
        deployed_delta(LLAMA, name, "knowledge", FITTED) for name in ("int4-rtn", "int4")
    )

    assert rounded.mean < calibrated.mean < 0
