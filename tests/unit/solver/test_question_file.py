"""Files of questions: TOML and JSON alike, every fault at once, with a way out."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.load import load_catalog
from solver.answer import answer
from solver.question_faults import read_known_question, unknown_names
from solver.question_file import MAX_BYTES, QuestionError, parse_question, read_question

TOML = """
aim = "fastest"
[limits]
deadline = 2026-12-24T18:00:00+01:00
budget_usd = 20
spot = true
[[jobs]]
name = "a"
task = "SST-2"
examples = 40_000
tokens_per_example = 128
epochs = [1, 2]
[jobs.models]
names = ["BERT-base"]
[[jobs.pilots]]
examples = 500
score = 0.8
[[owned]]
name = "desk"
accelerator = "T4"
gpus_per_machine = 1
"""

DATA = {
    "aim": "fastest",
    "limits": {"deadline": "2026-12-24T18:00:00+01:00", "budget_usd": 20, "spot": True},
    "jobs": [
        {
            "name": "a",
            "task": "SST-2",
            "examples": 40_000,
            "tokens_per_example": 128,
            "epochs": [1, 2],
            "models": {"names": ["BERT-base"]},
            "pilots": [{"examples": 500, "score": 0.8}],
        }
    ],
    "owned": [{"name": "desk", "accelerator": "T4", "gpus_per_machine": 1}],
}

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["names", "task", "models", "methods", "0", "deadline_hours"]), inner
        )
    ),
    max_leaves=8,
)


def faults(text, name="q.toml"):
    with pytest.raises(QuestionError) as caught:
        parse_question(text, name)
    return [str(problem) for problem in caught.value.problems]


def faults_of(**changes):
    return faults(json.dumps({**DATA, **changes}), "q.json")


def job(**changes):
    return {**DATA["jobs"][0], **changes}


def test_that_toml_and_json_say_the_same():
    assert parse_question(TOML, "q.toml") == parse_question(json.dumps(DATA), "q.JSON")


def test_that_a_file_is_read_with_and_without_a_byte_order_mark(tmp_path):
    plain, marked = tmp_path / "plain.toml", tmp_path / "marked.toml"
    plain.write_text(TOML, encoding="utf-8")
    marked.write_text(TOML, encoding="utf-8-sig")

    assert read_question(plain) == read_question(marked)


def test_that_every_fault_is_told_at_once_with_its_place():
    found = faults_of(
        aim="best",
        limits={"budget_usd": -1, "confidence": 2},
        jobs=[job(epochs=[0]), job(name="b", min_accuracy=1.5, classes=1)],
    )

    places = [line.split(": ")[1] for line in found]
    assert places == [
        "aim",
        "limits.budget_usd",
        "limits.confidence",
        "jobs[1].epochs[1]",
        "jobs[2].classes",
        "jobs[2].min_accuracy",
    ]
    assert all(line.startswith("q.json: ") for line in found)


@pytest.mark.parametrize(
    ("changes", "place", "word"),
    [
        ({"limts": {}}, "limts", "'limits'"),
        ({"limits": {"budget": 5}}, "limits.budget", "'budget_usd'"),
        ({"jobs": [job(epoch=[1])]}, "jobs[1].epoch", "'epochs'"),
        ({"jobs": [job(models={"name": ["x"]})]}, "jobs[1].models.name", "'names'"),
        ({"jobs": [job(pilots=[{"example": 1}])]}, "jobs[1].pilots[1].example", "'examples'"),
        ({"owned": [{"acelerator": "T4"}]}, "owned[1].acelerator", "'accelerator'"),
    ],
)
def test_that_an_unknown_key_is_met_with_the_one_that_was_meant(changes, place, word):
    line = next(line for line in faults_of(**changes) if f": {place}: " in line)

    assert "this key is not known" in line
    assert f"Did you mean {word}" in line


def test_that_a_missing_key_is_named():
    assert any("owned[1].accelerator: this key is missing" in f for f in faults_of(owned=[{}]))


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "-3", "'soon'"])
def test_that_a_limit_must_be_a_number_of_the_right_sign(text):
    (found,) = faults(TOML.replace("budget_usd = 20", f"budget_usd = {text}"))

    assert "limits.budget_usd" in found


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-1", '"soon"', "[]", "true"])
def test_that_json_knows_no_other_numbers_than_toml(text):
    (found,) = faults(
        json.dumps(DATA).replace('"budget_usd": 20', f'"budget_usd": {text}'), "q.json"
    )

    assert "limits.budget_usd" in found


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("[[jobs", "q.toml"),
        ("{", "q.json"),
        ("[" * 100_000, "q.json"),
        ("3", "q.json"),
        ("", "q.toml"),
        (f"version = {'9' * 5000}", "q.toml"),
        (f'{{"version": {"9" * 5000}}}', "q.json"),
    ],
)
def test_that_what_is_no_question_is_told_so(text, name):
    assert faults(text, name)


@pytest.mark.parametrize(
    "content", [None, b"\xff\xfe broken", b"#" * (MAX_BYTES + 1)], ids=["none", "bytes", "large"]
)
def test_that_an_unreadable_file_is_a_fault_and_no_crash(tmp_path, content):
    path = tmp_path / "q.toml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(QuestionError, match=r"q\.toml cannot be read"):
        read_question(path)


def test_that_a_folder_is_no_question(tmp_path):
    with pytest.raises(QuestionError):
        read_question(tmp_path)


def test_that_names_are_held_against_the_catalogue_all_at_once():
    told = {
        **DATA,
        "limits": {
            "deadline": "2020-01-01T00:00:00Z",
            "providers": ["awz"],
            "regions": ["atlantis"],
            "accelerators": ["H10"],
        },
        "jobs": [
            job(models={"names": ["BERT-bas"]}, methods=["lorra"], precisions=["nf4"]),
            job(name="b", task="no such task", teacher="GPT-9"),
        ],
        "owned": [{"name": "desk", "accelerator": "T44", "gpus_per_machine": 1}],
    }

    with pytest.raises(QuestionError) as caught:
        answer(parse_question(json.dumps(told), "q.json"), load_catalog())

    found = {problem.where: problem for problem in caught.value.problems}
    assert set(found) == {
        "limits.deadline",
        "limits.providers",
        "limits.regions",
        "limits.accelerators",
        "owned[1].accelerator",
        "jobs[1].models.names",
        "jobs[1].methods",
        "jobs[1].precisions",
        "jobs[2].task",
        "jobs[2].teacher",
    }
    assert found["limits.providers"].remedy == "Did you mean 'aws'?"
    assert "'lora'" in found["jobs[1].methods"].remedy


@pytest.mark.parametrize(
    ("changes", "place", "word"),
    [
        ({"methods": ["distillation"]}, "jobs[1].methods", "teacher"),
        ({"examples": 300}, "jobs[1].pilots", "500"),
    ],
)
def test_that_a_job_may_not_contradict_itself(changes, place, word):
    question = parse_question(json.dumps({**DATA, "jobs": [job(**changes)]}), "q.json")

    with pytest.raises(QuestionError) as caught:
        answer(question, load_catalog())

    (problem,) = caught.value.problems
    assert problem.where == place
    assert word in f"{problem.what} {problem.remedy}"


def test_that_unknown_names_are_told_beside_faults_of_form(tmp_path):
    path = tmp_path / "q.toml"
    path.write_text(
        """
        aim = "cheepest"
        limits = { deadline_hours = -3, providers = ["awz"], budget = 100 }
        [[jobs]]
        task = "GSM9K"
        methods = ["lorra"]
        models = { names = ["Lama-3-8B"], min_parameters = "few" }
        [[jobs]]
        name = "b"
        family = "chat"
        tokens = 1e6
        teacher = "GPT-9"
        pilots = [{ examples = 3 }]
        """,
        encoding="utf-8",
    )

    with pytest.raises(QuestionError) as caught:
        read_known_question(path, load_catalog())

    found = {problem.where.removeprefix("q.toml: ") for problem in caught.value.problems}
    assert found == {
        "aim",
        "limits.deadline_hours",
        "limits.providers",
        "limits.budget",
        "jobs[1].task",
        "jobs[1].methods",
        "jobs[1].models.names",
        "jobs[1].models.min_parameters",
        "jobs[2].teacher",
        "jobs[2].pilots[1].score",
    }


@given(st.dictionaries(st.sampled_from(sorted(DATA)), VALUES))
def test_that_looking_for_names_never_fails(told):
    assert isinstance(unknown_names({**DATA, **told}, load_catalog()), tuple)
