"""`trilemma score`: every case comes out, predicted with its interval or refused with a reason."""

import csv
import json
import math
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.load import load_catalog
from solver.estimate.quality_constants import quality_constants
from solver.scored.case import CasesError, method_of, parameters_in, read_cases
from solver.scored.cases import score_case
from solver.scored.file import COLUMNS, score_file
from solver.scored.forecast import Forecast, Refused

FULL = {"model": "Newcomer", "params": 3.4e8, "metric": "acc", "method": "full"}
CURVE = [{"n": 200, "score": 70}, {"n": 500, "score": 75}, {"n": 1000, "score": 79}]


@pytest.fixture(scope="module")
def catalog():
    return load_catalog()


@pytest.fixture
def forecast(tmp_path, catalog):
    """What is predicted for one case, stated by column."""

    def predict(**cells):
        stated = {
            name: json.dumps(cell) if isinstance(cell, list) else cell
            for name, cell in {"case_id": "a", **cells}.items()
        }
        path = tmp_path / "cases.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(stated))
            writer.writeheader()
            writer.writerow(stated)
        return score_case(read_cases(path)[0], catalog, quality_constants())

    return predict


def known(task, score, **more):
    return {"model": "Newcomer", "task": task, "method": "full", "score": score, **more}


CASES = {
    "encoder": {**FULL, "task": "MNLI"},
    "benchmark": {
        "model": "new/New-7B",
        "params": 7e9,
        "pretrain_tokens": 2e12,
        "task": "MMLU",
        "metric": "acc",
        "method": "few_shot",
    },
    "tuned decoder": {
        "model": "New-7B",
        "params": 7e9,
        "task": "LL:viggo",
        "metric": "rouge",
        "method": "qlora",
        "precision": "nf4",
    },
    "pilots": {**FULL, "task": "new", "train_examples": 4_000, "pilots": CURVE},
    "loss": {
        "model": "GPT-2",
        "task": "FLAN test loss",
        "metric": "loss",
        "train_examples": 8_000,
        "pilots": [{"n": 1000, "score": 2.9}, {"n": 2000, "score": 2.7}, {"n": 4000, "score": 2.6}],
    },
    "another method": {
        **FULL,
        "task": "RTE",
        "method": "lora",
        "lora_rank": 8,
        "known_scores": [known("RTE", 86)],
    },
}


@pytest.mark.parametrize("name", CASES)
def test_that_an_interval_of_90_percent_holds_that_of_80_percent_around_the_score(forecast, name):
    found = forecast(**CASES[name])

    assert isinstance(found, Forecast)
    assert found.low90 < found.low80 < found.score < found.high80 < found.high90
    assert found.reason


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({**FULL, "task": "never heard of"}, "nothing published"),
        (
            {
                **FULL,
                "task": "BoolQ",
                "train_examples": 2_000,
                "pilots": [{"n": 100, "score": 62.2}, {"n": 400, "score": 62.4}],
            },
            "chance",
        ),
        ({**FULL, "task": "new", "train_examples": 40_000, "pilots": CURVE}, "16 times"),
        ({**FULL, "task": "new", "pilots": CURVE}, "train_examples"),
        ({**FULL, "task": "MNLI", "known_scores": "{oops"}, "JSON"),
        ({**FULL, "task": "FLAN test loss", "metric": "loss"}, "pilots"),
        ({**FULL, "task": ""}, "no task"),
    ],
)
def test_that_what_nothing_supports_is_refused_with_the_reason(forecast, cells, words):
    found = forecast(**cells)

    assert isinstance(found, Refused)
    assert words in found.reason


def test_that_a_known_score_on_another_task_moves_and_sharpens_a_prediction(forecast):
    cold = forecast(**CASES["encoder"])
    told = forecast(**CASES["encoder"], known_scores=[known("SST-2", 97), known("QNLI", 95)])

    assert told.score > cold.score
    assert told.high80 - told.low80 < cold.high80 - cold.low80


def test_that_a_known_score_under_another_method_is_the_starting_point(forecast):
    high, low = (
        forecast(**{**CASES["another method"], "known_scores": [known("RTE", score)]})
        for score in (90, 70)
    )

    assert high.score - low.score == pytest.approx(0.20, abs=1e-9)


def test_that_four_bits_cost_more_than_eight_and_rounding_more_than_calibration(forecast):
    asked = {**CASES["benchmark"], "known_scores": [known("MMLU", 60, model="", method="few_shot")]}
    fp8, calibrated, rounded = (
        forecast(**asked, precision=name).score for name in ("fp8", "int4-g128", "int4-g128 RTN")
    )

    assert fp8 > calibrated > rounded


def test_that_siblings_of_a_family_move_a_benchmark(forecast):
    def sibling(score):
        rows = [{"model": "new/New-13B", "task": "MMLU", "method": "few_shot", "score": score}]
        return forecast(**CASES["benchmark"], known_scores=rows).score

    assert sibling(70) > sibling(40) + 0.05


@pytest.mark.parametrize(
    ("spelling", "method", "form"),
    [
        ("full (prompt PVP 0)", "full", "prompt pvp 0"),
        ("full_ft", "full", ""),
        ("distilled", "full", ""),
        ("zero_shot", "none", ""),
        ("prompt-tuning", "prompt_tuning", ""),
    ],
)
def test_that_spellings_of_methods_are_joined(spelling, method, form):
    assert method_of(spelling) == (method, form)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("meta-llama/Llama-2-13b-hf", 13e9),
        ("pythia-160m-deduped", 160e6),
        ("stablelm-2-1_6b", 1.6e9),
        ("Mixtral-8x7B-v0.1", 56e9),
        ("falcon", None),
    ],
)
def test_that_the_size_in_a_models_name_is_read(name, size):
    assert parameters_in(name) == size


def test_that_every_row_comes_out_in_order_in_the_units_of_the_contract(tmp_path, catalog):
    path, out = tmp_path / "cases.csv", tmp_path / "out.csv"
    rows = [{"case_id": name, **cells} for name, cells in CASES.items()]
    rows.append({"case_id": "refused", "task": "unheard", "metric": "acc", "method": "full"})
    columns = list(dict.fromkeys(column for row in rows for column in row))
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for row in rows:
            lists = {k: json.dumps(v) for k, v in row.items() if isinstance(v, list)}
            writer.writerow({**row, **lists})

    counted = score_file(path, out, catalog)

    with out.open(newline="") as file:
        written = list(csv.DictReader(file))
    assert counted == (7, 1)
    assert tuple(written[0]) == COLUMNS
    assert [row["case_id"] for row in written] == [*CASES, "refused"]
    assert 75 < float(written[0]["score"]) < 95
    assert 2.2 < float(written[4]["score"]) < 2.6
    assert (written[-1]["status"], written[-1]["score"]) == ("refused", "")


def test_that_a_file_without_case_ids_is_refused_as_a_whole(tmp_path):
    path = tmp_path / "cases.csv"
    path.write_text("model,task\na,b\n")

    with pytest.raises(CasesError, match="case_id"):
        read_cases(path)


NUMBERS = st.sampled_from(["", "0", "-5", "8.0", "2000", "7e9", "1e30", "nan", "inf", "abc"])
TASKS = ("MNLI", "CoLA", "GSM8K", "MMLU", "LL:viggo", "AGNews", "FLAN test loss", "XSum", "new", "")
METHODS = ("full", "lora", "qlora", "zero_shot", "instruct", "prefix", "tinylora", "")
FORMATS = ("", "nf4", "int4-g128", "fp8", "mxfp4", "int1")
SCORE = st.sampled_from([0, 2.5, 50, 80, 99.9, 100, -3, 1e5, "60", "", None])
ENTRY = st.fixed_dictionaries(
    {},
    optional={
        "model": st.sampled_from(["", "BERT-base", "x-7b"]),
        "task": st.sampled_from(TASKS),
        "method": st.sampled_from(METHODS),
        "precision": st.sampled_from(FORMATS),
        "train_examples": st.sampled_from(["", 100, -1, 1e6, None]),
        "score": SCORE,
    },
)
PILOT = st.fixed_dictionaries({"n": st.sampled_from([0, 10, 100, 1e5, "a"]), "score": SCORE})
ROWS = st.fixed_dictionaries(
    {
        "case_id": st.just("a"),
        "model": st.sampled_from(["", "BERT-base", "Llama-2-7B", "x-7b", "unheard"]),
        "task": st.sampled_from(TASKS),
        "metric": st.sampled_from(["acc", "mcc", "f1", "loss", "score10", ""]),
        "method": st.sampled_from(METHODS),
        "precision": st.sampled_from(FORMATS),
        "known_scores": st.lists(ENTRY, max_size=3).map(json.dumps) | st.sampled_from(["{", "[1]"]),
        "pilots": st.lists(PILOT, max_size=4).map(json.dumps),
        **dict.fromkeys(
            ("params", "pretrain_tokens", "lora_rank", "train_examples", "epochs", "n_eval"),
            NUMBERS,
        ),
    }
)


@given(ROWS)
@settings(deadline=None, max_examples=150)
def test_that_any_row_comes_out_with_ordered_finite_ends_or_a_reason(catalog, row):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.csv"
        with path.open("w", newline="") as file:
            writer = csv.DictWriter(file, list(row))
            writer.writeheader()
            writer.writerow(row)
        case = read_cases(path)[0]

    found = score_case(case, catalog, quality_constants())

    assert found.reason
    if isinstance(found, Forecast):
        ends = [found.low90, found.low80, found.score, found.high80, found.high90]
        assert all(math.isfinite(end) for end in ends)
        assert ends == sorted(ends)


PRUNED = {"model": "BERT-base", "task": "MNLI", "metric": "acc", "train_examples": 392_702}


@pytest.mark.parametrize(
    "method",
    ["pruning", "movement pruning 15 %", "sparsified", "from scratch", "continued-pretraining"],
)
def test_that_what_no_table_compares_is_refused_where_nothing_is_published(forecast, method):
    full = {**PRUNED, "method": "full", "score": 84.5}

    assert isinstance(forecast(**PRUNED, method=method), Refused)
    assert isinstance(forecast(**PRUNED, method=method, known_scores=[full]), Refused)


def test_that_a_published_score_of_the_pruned_model_is_answered(forecast):
    pruned = {**PRUNED, "method": "pruning", "score": 81.5}

    found = forecast(**PRUNED, method="pruning", known_scores=[pruned])

    assert found.low80 < 0.815 < found.high80


def test_that_pilots_of_a_new_head_promise_no_gain_before_it_has_settled(forecast):
    few = {"model": "Newcomer", "task": "new", "metric": "acc", "train_examples": 300}
    curve = [{"n": 20, "score": 62}, {"n": 40, "score": 66}, {"n": 80, "score": 70}]

    head = forecast(**few, params=3.4e8, method="full (classification head)", pilots=curve)
    prompt = forecast(**few, params=3.4e8, method="full (prompt)", pilots=curve)

    assert head.score == pytest.approx(0.70, abs=0.005)
    assert prompt.score > head.score
    assert head.high80 - head.low80 > prompt.high80 - prompt.low80


def test_that_an_encoder_in_int8_is_predicted_and_in_int4_refused(forecast):
    full, narrow = (forecast(**PRUNED, method="full", precision=name) for name in ("", "int8"))

    assert narrow.score < full.score
    assert isinstance(forecast(**PRUNED, method="full", precision="int4-g128 GPTQ"), Refused)


def half_width(found):
    return (found.high80 - found.low80) / 2.0


def test_that_a_decoder_is_predicted_from_published_models_of_its_line(forecast):
    asked = {"params": 20e9, "pretrain_tokens": 4e12, "task": "MMLU", "metric": "acc"}
    kindred = forecast(model="Qwen/Qwen1.5-20B", method="few_shot", **asked)
    stranger = forecast(model="Unheard-20B", method="few_shot", **asked)

    assert (kindred.evidence, stranger.evidence) == ("interpolated", "unseen")
    assert half_width(kindred) < half_width(stranger) / 2


def test_that_far_more_examples_than_the_task_has_are_taken_for_a_mix(forecast):
    asked = {"model": "Newcomer", "params": 1e9, "task": "BoolQ", "metric": "acc"}
    own = forecast(method="full", train_examples=9_427, **asked)
    mixed = forecast(method="full", train_examples=170_000, **asked)

    assert half_width(mixed) > half_width(own) + 0.03
    assert "of others too" in mixed.reason


def test_that_larger_maths_data_raise_the_score_and_the_doubt(forecast):
    asked = {"model": "Newcomer-7B", "params": 7e9, "pretrain_tokens": 2e12, "task": "GSM8K"}
    own, augmented = (
        forecast(method="full", metric="acc", train_examples=n, **asked) for n in (7_473, 395_000)
    )

    assert augmented.score > own.score + 0.05
    assert half_width(augmented) > half_width(own)


def test_that_a_model_that_only_the_fit_has_seen_is_predicted_from_its_scores(forecast):
    seen = forecast(**{**FULL, "model": "T5-v1.1-base", "params": 2.5e8}, task="MRPC")

    assert "known scores" in seen.reason


def test_that_other_scores_of_an_instruct_model_bind_less_than_those_of_a_base_model(forecast):
    stated = [known(task, score) for task, score in (("ARC-c", 60), ("HellaSwag", 82))]
    asked = {"model": "Newcomer", "params": 8e9, "task": "MMLU", "metric": "acc"}
    base, instruct = (
        forecast(**asked, method=method, known_scores=[{**k, "method": method} for k in stated])
        for method in ("few_shot", "instruct")
    )

    assert half_width(instruct) > half_width(base)


def test_that_scores_of_another_published_line_say_nothing_of_the_model(forecast):
    asked = {"model": "Newcomer-8B", "params": 8e9, "task": "MMLU", "metric": "acc"}
    other = {"model": "Llama-2-7b", "task": "MMLU", "method": "few_shot", "score": 80}

    alone = forecast(**asked, method="few_shot")
    beside = forecast(**asked, method="few_shot", known_scores=[other])

    assert beside.score == alone.score
