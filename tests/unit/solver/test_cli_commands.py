"""The command line in the test's own process: what it prints, and its exit codes."""

import argparse
import json
import os
import socket

import jsonschema
import pytest

import solver.answer
from solver.cli.main import main, parser
from tests.support.questions import SMALL, asked_text

UNTIMED = ("asked_at", "digest")


@pytest.fixture
def small(tmp_path):
    """Writes a small question to a file and gives its path."""

    def write(name="cheapest", **changes):
        told = SMALL[name].model_dump(mode="json", exclude_defaults=True) | changes
        path = tmp_path / f"{name}.json"
        path.write_text(json.dumps(told), encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def _no_network(monkeypatch):
    """Every connection fails."""

    def refused(*_, **__):
        pytest.fail("a connection was opened")

    monkeypatch.setattr(socket, "socket", refused)
    monkeypatch.setattr(socket, "create_connection", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)


@pytest.mark.parametrize(
    ("name", "code"),
    [("cheapest", 0), ("several-jobs", 0), ("out-of-reach", 3), ("unmeasured", 5)],
)
def test_that_the_exit_code_tells_the_outcome(name, code, small, capsys):
    assert main(["plan", small(name)]) == code
    assert capsys.readouterr().out


@pytest.mark.usefixtures("_no_network")
def test_that_plan_and_check_need_no_network(small, tmp_path):
    answer = str(tmp_path / "answer.json")

    assert main(["plan", small(), "--quiet", "--json", answer]) == 0
    assert main(["check", answer]) == 0


def test_that_json_to_standard_output_is_all_that_is_printed(small, capsys):
    main(["plan", small(), "--json", "-"])

    told = capsys.readouterr()
    assert json.loads(told.out)["outcome"] == "solved"
    assert told.err == ""


def test_that_a_question_asked_twice_differs_in_its_time_alone(small, capsys):
    made = []
    for _ in range(2):
        main(["plan", small("several-jobs"), "--json", "-"])
        answer = json.loads(capsys.readouterr().out)
        answer["solver"].pop("seconds")
        made.append({key: value for key, value in answer.items() if key not in UNTIMED})

    assert json.dumps(made[0]) == json.dumps(made[1])


def test_that_piped_output_is_plain(small, capsys):
    main(["plan", small("several-jobs")])

    told = capsys.readouterr().out
    assert "\x1b" not in told
    assert not set(told) & set("─│┌┐└┘")


def test_that_quiet_prints_nothing(small, capsys):
    assert main(["plan", small(), "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")


def test_that_a_reason_comes_beside_the_answer_that_is_asked_for(small, tmp_path, capsys):
    path = tmp_path / "answer.json"

    code = main(["plan", small(), "--json", str(path), "--why-not", "BERT-base:x"])

    assert code == 0
    assert "is no key" in capsys.readouterr().out
    assert json.loads(path.read_text(encoding="utf-8"))["outcome"] == "solved"


def test_that_the_reason_does_not_mix_with_json(small, capsys):
    main(["plan", small(), "--json", "-", "--why-not", "BERT-base:x"])

    told = capsys.readouterr()
    assert json.loads(told.out)["outcome"] == "solved"
    assert "is no key" in told.err


def test_that_another_aim_is_planned_for_and_kept_in_the_answer(small, capsys):
    main(["plan", small(), "--aim", "fastest", "--json", "-"])

    assert json.loads(capsys.readouterr().out)["question"]["aim"] == "fastest"


def test_that_no_more_alternatives_are_given_than_asked_for(small, capsys):
    main(["plan", small(), "--top", "1", "--json", "-"])

    assert len(json.loads(capsys.readouterr().out)["alternatives"]) == 1


def test_that_a_spent_time_limit_has_an_exit_code_of_its_own(small, capsys):
    assert main(["plan", small(), "--time-limit", "0"]) == 4
    assert "time limit" in capsys.readouterr().out.lower()


@pytest.mark.parametrize("words", [["--time-limit", "nan"], ["--time-limit", "-1"], ["--top", "0"]])
def test_that_numbers_that_cannot_be_meant_are_refused(words, small, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["plan", small(), *words])

    assert ended.value.code == 2
    assert words[0] in capsys.readouterr().err


def test_that_an_interruption_is_one_line_and_130(small, capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(solver.answer, "answer", interrupted)

    assert main(["plan", small()]) == 130
    assert capsys.readouterr() == ("", "Interrupted.\n")


def test_that_a_fault_of_the_program_is_one_message(small, capsys, monkeypatch):
    monkeypatch.delenv("TRILEMMA_DEBUG", raising=False)
    monkeypatch.setattr(solver.answer, "answer", lambda *_, **__: 1 / 0)

    assert main(["plan", small()]) == 1
    assert "The program failed: ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize("place", ["", "folder", "file/answer.json"])
def test_that_a_place_that_cannot_be_written_is_told(place, small, tmp_path, capsys):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("kept", encoding="utf-8")

    code = main(["plan", small(), "--json", str(tmp_path / place)])

    assert code == 2
    assert "Choose a place you can write to." in capsys.readouterr().err
    assert (tmp_path / "file").read_text(encoding="utf-8") == "kept"


LIMITS = ("deadline_hours", "budget_usd", "confidence")

FAULTS = """
titel = "x"
aim = "best"
[limits]
deadline_hours = -3
budget_usd = nan
confidence = 1.5
[[jobs]]
family = "classificaton"
examples = 1.5
tokens_per_example = 1e99
epochs = []
[[owned]]
name = "x"
"""


def test_that_every_fault_of_a_question_is_named_with_place_and_value(tmp_path, capsys):
    path = tmp_path / "bad.toml"
    path.write_text(FAULTS, encoding="utf-8")

    code = main(["plan", str(path)])

    told = capsys.readouterr().err
    assert code == 2
    for place in (
        "titel",
        "aim",
        "limits.deadline_hours",
        "limits.budget_usd",
        "limits.confidence",
    ):
        assert f"bad.toml: {place}: " in told
    for place in ("family", "examples", "tokens_per_example"):
        assert f"bad.toml: jobs[1].{place}: " in told
    assert "Did you mean 'title'?" in told
    assert "bad.toml: owned[1].accelerator: this key is missing. Add it." in told


def test_that_every_unknown_name_of_a_question_is_told_with_the_nearest_known(small, capsys):
    path = small(
        limits={"providers": ["awz"], "regions": ["us-esat-1"], "accelerators": ["H100-SMX"]},
        owned=[{"name": "a", "accelerator": "T44", "gpus_per_machine": 1, "region": "Germny"}],
        jobs=[
            {"name": "a", "task": "SST-22", "examples": 10, "tokens_per_example": 12}
            | {"methods": ["lorra"], "precisions": ["bf61-mixed"], "teacher": "BERT-bas"}
            | {"models": {"names": ["RoBERTa-bass"], "families": ["Brt"], "licences": ["MITT"]}}
            | {"pilots": [{"examples": 100, "score": 0.5, "model": "GTP-2 small"}]}
        ],
    )

    code = main(["plan", path])

    told = capsys.readouterr().err
    assert code == 2
    for meant in ("aws", "us-east-1", "H100-SXM", "T4", "Germany", "SST-2", "lora", "bf16-mixed"):
        assert f"'{meant}'" in told
    for meant in ("BERT-base", "RoBERTa-base", "BERT", "MIT", "GPT-2 small"):
        assert f"'{meant}'" in told
    assert "a pilot saw 100 examples, the job has 10" in told


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff\xfe", b"a = ", b"null", b"\x00"])
@pytest.mark.parametrize("name", ["q.toml", "q.json"])
@pytest.mark.parametrize("command", ["plan", "check"])
def test_that_a_file_that_is_none_is_told_without_a_traceback(
    command, name, content, tmp_path, capsys
):
    path = tmp_path / name
    path.write_bytes(content)

    assert main([command, str(path)]) == 2
    assert name in capsys.readouterr().err


@pytest.mark.parametrize("command", ["plan", "check"])
def test_that_a_file_that_is_not_there_is_told(command, tmp_path, capsys):
    assert main([command, str(tmp_path / "none.toml")]) == 2
    assert "No such file" in capsys.readouterr().err


def test_that_check_names_the_figure_that_was_edited(tmp_path, capsys):
    tree = json.loads(asked_text("cheapest"))
    tree["jobs"][0]["usd"]["median"] /= 2
    path = tmp_path / "answer.json"
    path.write_text(json.dumps(tree), encoding="utf-8")

    assert main(["check", str(path)]) == 1
    assert "jobs[1].usd.median: it says" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["cheapest", "several-jobs", "out-of-reach", "unmeasured"])
def test_that_answers_are_what_their_schema_says(name, capsys):
    main(["schema", "answer"])
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.Draft202012Validator(schema)
    tree = json.loads(asked_text(name))

    assert checker.is_valid(tree)
    assert not checker.is_valid(tree | {"surprise": 1})
    assert not checker.is_valid(tree | {"outcome": "splendid"})


def test_that_questions_are_what_their_schema_says(capsys):
    main(["schema", "question"])
    schema = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator.check_schema(schema)
    checker = jsonschema.Draft202012Validator(schema)
    tree = SMALL["several-jobs"].model_dump(mode="json")

    assert checker.is_valid(tree)
    assert not checker.is_valid(tree | {"surprise": 1})
    assert not checker.is_valid(tree | {"jobs": []})
    assert schema["$id"] == "urn:trilemma:question:2"


def commands(grammar, path=""):
    """Every command of a grammar and of those below it."""
    found = [path]
    for action in grammar._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, below in action.choices.items():
                found += commands(below, f"{path} {name}".strip())
    return found


@pytest.mark.parametrize("command", commands(parser()))
def test_that_every_help_shows_an_example_on_eighty_columns(command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")

    with pytest.raises(SystemExit) as ended:
        main([*command.split(), "--help"])

    told = capsys.readouterr().out
    assert ended.value.code == 0
    assert f"examples:\n  trilemma {command}" in told
    assert max(map(len, told.splitlines())) <= 80


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["list"], "offers"),
        (["list", "offers", "H100", "aws"], "aws/p5.48xlarge/us-east-1/on-demand"),
        (["show", "a100-80-sxm"], "accelerators: A100-80-SXM"),
        (["check"], "consistent"),
    ],
)
def test_that_the_catalogue_is_listed_shown_and_checked(words, told, capsys):
    assert main(["catalog", *words]) == 0
    assert told in capsys.readouterr().out


@pytest.mark.parametrize("words", [["list", "offer"], ["show", "A100-80-SMX"]])
def test_that_an_unknown_name_of_the_catalogue_has_a_remedy(words, capsys):
    assert main(["catalog", *words]) == 2
    assert "Did you mean '" in capsys.readouterr().err


def test_that_what_libraries_print_past_python_is_no_result(small, capfd, monkeypatch):
    plan = solver.answer.answer

    def noisy(*args, **how):
        os.write(1, b"WARNING: a small coefficient\n")
        return plan(*args, **how)

    monkeypatch.setattr(solver.answer, "answer", noisy)

    main(["plan", small(), "--json", "-"])

    assert json.loads(capfd.readouterr().out)["outcome"] == "solved"
