"""Questions that the catalogue or the clock contradicts are refused with the way out."""

import pytest

from solver.question_file import QuestionError
from tests.support.questions import DESK, answered, question

REFUSED = {
    "a deadline in the past": (
        {"limits": {"deadline_hours": None, "deadline": "2020-01-01T00:00:00Z"}},
        "limits.deadline: it lies before the start",
    ),
    "a deadline centuries ahead": (
        {"limits": {"deadline_hours": None, "deadline": "2999-01-01T00:00:00Z"}},
        "limits.deadline: it lies more than five years after the start",
    ),
    "a start after the deadline": (
        {
            "limits": {
                "deadline_hours": None,
                "deadline": "2027-01-01T00:00:00Z",
                "start": "2027-01-02T00:00:00Z",
            }
        },
        "limits.deadline: it lies before the start",
    ),
    "a provider that is not in the region": (
        {"limits": {"providers": ["gcp"], "regions": ["us-east-1"], "accelerators": []}},
        "limits: no offer of the catalogue is of these providers, regions and accelerators",
    ),
    "an accelerator that nobody rents": (
        {"limits": {"providers": [], "accelerators": ["H800"]}},
        "limits: no offer of the catalogue",
    ),
    "an accelerator by a name that is no key": (
        {"limits": {"accelerators": ["Tesla T4"]}},
        "limits.accelerators: accelerator 'Tesla T4' is listed as 'T4'. Write 'T4'.",
    ),
    "a provider by another name": (
        {"limits": {"providers": ["amazon"]}},
        "limits.providers: provider 'amazon' is listed as 'aws'. Write 'aws'.",
    ),
    "a method by a name that is no key": (
        {"jobs": ({"methods": ["full fine-tuning"]},)},
        "jobs[1].methods: method 'full fine-tuning' is listed as 'full'. Write 'full'.",
    ),
    "a precision for storage alone": (
        {"jobs": ({"precisions": ["nf4"]},)},
        "jobs[1].precisions: training precision 'nf4' is not in the catalogue. Known: bf16-mixed",
    ),
    "a model of another family": (
        {"jobs": ({"models": {"names": ["BERT-base"], "families": ["RoBERTa"]}},)},
        "jobs[1].models: no model of the catalogue",
    ),
    "a model of another size": (
        {"jobs": ({"models": {"families": ["BERT"], "min_parameters": 1e12}},)},
        "jobs[1].models: no model of the catalogue",
    ),
    "distillation without a teacher": (
        {"jobs": ({"methods": ["distillation"]},)},
        "jobs[1].methods: distillation needs a teacher",
    ),
    "prompting without a volume": (
        {"jobs": ({"methods": ["prompting"]},)},
        "jobs[1].methods: prompting trains nothing and costs when it serves",
    ),
    "a pilot larger than the job": (
        {"jobs": ({"examples": 100},)},
        "jobs[1].pilots: a pilot saw 8,000 examples, the job has 100",
    ),
    "an accuracy of language modelling": (
        {"jobs": ({"family": "language-modelling"},)},
        "jobs[1].min_accuracy: language modelling is judged by its loss",
    ),
    "machines whose keys are the same": (
        {"owned": [{**DESK, "name": "my/desk"}, {**DESK, "name": "my:desk"}]},
        "owned[2].name: in keys, which have no / and :, it is written as 'my/desk' is",
    ),
    "machines in a place without a grid": (
        {"owned": [{**DESK, "region": "Germny"}]},
        "Did you mean 'Germany'?",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_that_a_question_is_refused_with_its_place_and_remedy(name):
    changes, told = REFUSED[name]

    with pytest.raises(QuestionError) as refused:
        answered(question(**changes))

    problems = [str(problem) for problem in refused.value.problems]
    assert len(problems) == 1
    assert told in problems[0]


def test_that_machines_of_ones_own_are_enough_where_nothing_can_be_rented():
    made = answered(question(limits={"accelerators": ["H800"]}, owned=[DESK]))

    assert made.jobs[0].offer.pricing == "owned"
