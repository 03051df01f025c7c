"""Why a candidate is not the plan: every kind of reason is told in its own words."""

import pytest

from solver.constants import shipped_constants
from solver.outcome.why_not import why_not
from tests.support.questions import answered, asked, question, the_catalog

T4 = "aws/g4dn.xlarge/us-east-1/on-demand"
A100 = "aws/p4d.24xlarge/us-east-1/on-demand"


def told(key, answer=None):
    """The reason; of the small question for the cheapest plan unless another answer is given."""
    return why_not(key, answer or asked("cheapest"), the_catalog(), shipped_constants())


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ("BERT-base", "is no key"),
        (f"BRET-base:full:fp16-mixed:{T4}:1x:1e", "Did you mean 'BERT-base'"),
        (f"BERT-large:full:fp16-mixed:{T4}:1x:1e", "BERT-large is left out: not among the models"),
        (f"BERT-base:flul:fp16-mixed:{T4}:1x:1e", "Method 'flul' is not in the catalogue"),
        (f"BERT-base:qlora-r16:fp16-mixed:{T4}:1x:1e", "Method qlora is left out"),
        (f"BERT-base:lora-r7:fp16-mixed:{T4}:1x:1e", "lora-r7 in fp16-mixed is not among"),
        (f"BERT-base:full:fp12:{T4}:1x:1e", "Precision 'fp12' is not in the catalogue"),
        (f"BERT-base:full:bf16-mixed:{T4}:1x:1e", "The hardware does not run it"),
        ("BERT-base:full:fp16-mixed:aws/g4dn/us/spot:1x:1e", "'aws/g4dn/us/spot' is not in the c"),
        ("BERT-base:full:fp16-mixed:aws/g4dn.xlarge/us-east-1/spot:1x:1e", "spot machines are"),
        (f"BERT-base:full:fp16-mixed:{T4}:77x:1e", "77x of"),
        (f"BERT-base:full:fp16-mixed:{T4}:1x:9e", "9e is not among the passes"),
        (f"BERT-base:full:bf16-mixed:{A100}:8x:1e", "accelerators are more than a batch of"),
        (f"RoBERTa-base:full:fp16-mixed:{A100}:1x:1e", "fp16 is left to hardware without bf16"),
    ],
)
def test_that_an_excluded_candidate_keeps_its_reason(key, reason):
    assert reason in told(key)


def test_that_a_model_too_large_for_its_machine_is_told_in_gibibytes():
    small = {"models": {"names": ["Llama-3.1-8B"]}, "family": "chat", "min_accuracy": None}
    answer = answered(question(jobs=({**small, "pilots": ()},)))

    reason = told(f"Llama-3.1-8B:full:fp16-mixed:{T4}:1x:1e", answer)

    assert "does not fit: at least" in reason
    assert "GiB on each Tesla T4, which has 15 GiB" in reason


def test_that_a_missed_limit_is_told_beside_what_it_comes_to():
    key = asked("cheapest").jobs[0].key

    assert told(key, asked("out-of-reach")).endswith("where the budget is $0.05.")


def test_that_an_accuracy_that_nobody_knows_is_told_as_such():
    key = asked("unmeasured").ranking[0].keys[0]

    assert told(key, asked("unmeasured")).endswith("the minimum accuracy is not known.")


def test_that_a_better_plan_is_named_with_its_figures():
    plan = asked("cheapest").jobs[0].key
    other = asked("cheapest").alternatives[0].keys[0]

    reason = told(other)

    assert f"but {plan} is better by the aim cheapest (" in reason


def test_that_the_same_machines_for_less_are_named():
    offers = the_catalog().offers
    usual = question(limits={"providers": [], "accelerators": ["T4"], "spot": True})
    answer = answered(usual)
    reasons = (
        told(f"RoBERTa-base:full:fp16-mixed:{key}:1x:1e", answer)
        for key, offer in offers.items()
        if offer.accelerator == "T4"
    )

    assert any("has the same machines for less" in reason for reason in reasons)


def test_that_a_tie_is_not_called_worse():
    same = {"accelerator": "RTX-2080-Ti", "gpus_per_machine": 1}
    pools = [{"name": "one", **same}, {"name": "two", **same}]
    answer = answered(question(limits={"rent": False}, owned=pools))

    assert answer.ties
    assert all("as good as the plan" in told(key, answer) for key in answer.ties)


def test_that_the_plan_is_recognised():
    assert told(asked("cheapest").jobs[0].key) == "It is the plan."


def test_that_each_of_several_jobs_has_a_reason_of_its_own():
    answer = asked("several-jobs")

    lines = told(answer.jobs[0].key, answer).splitlines()

    assert [line.partition(":")[0] for line in lines] == ["sort", "route", "answer"]
    assert lines[0] == "sort: It is the plan."
    assert "not among the models allowed" in lines[2]
