"""What the page about reports says, held to what the commands do."""

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml

from solver.answer_file import answer_schema
from solver.cli.main import main, parser
from solver.question import question_schema

DOCS = Path(__file__).parents[3] / "docs"

PAGE = (DOCS / "report.md").read_text(encoding="utf-8")

SNIPPETS = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)


def lines(value):
    """Every command line in the steps of a pipeline."""
    if isinstance(value, dict):
        return [line for key, inner in value.items() if key != "with" for line in lines(inner)]
    if isinstance(value, list):
        return [line for inner in value for line in lines(inner)]
    return [value] if isinstance(value, str) and value.startswith("trilemma ") else []


@pytest.mark.parametrize("name", ["question", "answer"])
def test_that_the_schema_in_the_documentation_is_the_one_that_is_printed(name):
    schema = question_schema() if name == "question" else answer_schema()

    kept = json.loads((DOCS / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))

    assert kept == schema, f"trilemma schema {name} > docs/schemas/{name}.schema.json"


@pytest.mark.parametrize("snippet", SNIPPETS, ids=["GitHub", "GitLab"])
def test_that_every_command_of_a_pipeline_is_one(snippet):
    commands = lines(yaml.safe_load(snippet))

    assert {shlex.split(line)[1] for line in commands} == {"check", "plan", "diff", "report"}
    for line in commands:
        parser().parse_args(shlex.split(line)[1:])


def test_that_the_pipeline_of_the_page_ends_well_and_fails_on_another_answer(tmp_path, capsys):
    question = DOCS.parent / "examples" / "2-chat-8b.toml"
    approved, answer = str(tmp_path / "approved.json"), str(tmp_path / "answer.json")
    for out, more in ((approved, []), (answer, ["--aim", "fastest"])):
        assert main(["plan", str(question), "--quiet", "--json", out, *more]) == 0

    codes = [
        main(["check", approved]),
        main(["diff", approved, approved, "--within", "5", "--exit-code"]),
        main(["diff", approved, answer, "--within", "5", "--exit-code"]),
    ]

    assert codes == [0, 0, 1]
    assert "Plan of chat" in capsys.readouterr().out
