"""How much a job computes, from what the user stated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.load import load_catalog
from solver.question import Job, TaskFamily
from solver.space.work import allowed_epochs, family_of, phases_of

CATALOG = load_catalog()


def phases(**told):
    job = Job(**{"family": "classification", **told})
    return phases_of(job, job.family)


@given(examples=st.integers(1, 10**7), length=st.floats(0.5, 5000.0))
def test_that_examples_are_padded_to_a_multiple_of_eight(examples, length):
    (phase,) = phases(examples=examples, tokens_per_example=length)

    assert phase.sequence % 8 == 0
    assert length <= phase.sequence < length + 8
    assert phase.tokens == examples * phase.sequence


def test_that_examples_are_padded_to_a_stated_sequence():
    (phase,) = phases(examples=100, tokens_per_example=60, sequence=512)

    assert (phase.sequence, phase.tokens) == (512, 51_200)


def test_that_a_stream_of_tokens_is_packed_without_padding():
    (phase,) = phases(family="chat", tokens=12_345.0)

    assert (phase.sequence, phase.tokens) == (2048, 12_345.0)


def test_that_a_recipe_is_taken_as_stated():
    recipe = [
        {"steps": 900_000, "batch_sequences": 256, "sequence": 128},
        {"steps": 100_000, "batch_sequences": 256, "sequence": 512},
    ]

    made = phases(family="language-modelling", phases=recipe)

    assert [(p.sequence, p.batch_sequences) for p in made] == [(128, 256), (512, 256)]
    assert [p.tokens for p in made] == [900_000 * 256 * 128, 100_000 * 256 * 512]


def test_that_a_recipe_is_run_once_and_other_work_as_often_as_allowed():
    recipe = [{"steps": 10, "batch_sequences": 8, "sequence": 128}]

    assert allowed_epochs(Job(family="language-modelling", phases=recipe)) == (1,)
    assert allowed_epochs(Job(family="chat", tokens=1e6, epochs=(3, 1, 3))) == (1, 3)


@pytest.mark.parametrize(("family", "batch"), [("classification", 32), ("qa", 32), ("chat", 64)])
def test_that_tuning_has_a_usual_batch_by_family(family, batch):
    assert phases(family=family, examples=9, tokens_per_example=8)[0].batch_sequences == batch


def test_that_a_stated_batch_is_used():
    assert phases(examples=9, tokens_per_example=8, batch_sequences=7)[0].batch_sequences == 7


@given(tokens=st.floats(1e4, 1e13), more=st.floats(1.0, 100.0))
def test_that_the_batch_of_pretraining_grows_with_the_tokens(tokens, more):
    few, many = (
        phases(family="language-modelling", tokens=t)[0].batch_sequences
        for t in (tokens, tokens * more)
    )

    assert 8 <= few <= many
    assert few & (few - 1) == 0


def test_that_the_family_is_stated_or_that_of_the_task():
    work = {"examples": 9, "tokens_per_example": 8}

    assert family_of(Job(task="SST-2", **work), CATALOG) is TaskFamily.CLASSIFICATION
    assert family_of(Job(task="sst2", **work), CATALOG) is TaskFamily.CLASSIFICATION
    assert (
        family_of(Job(task="SST-2", family="qa", **work), CATALOG) is TaskFamily.QUESTION_ANSWERING
    )
