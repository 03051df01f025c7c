"""Project files: what is written comes back, what was tampered with does not."""

import json
from pathlib import Path

import pytest

from solver.answer_file import parse_answer, to_json
from solver.document import Document, Kept, parse_document, read_document, write_document
from solver.files import FileError
from solver.outcome.seal import canonical_digest, digest_of, sealed
from solver.question_file import QuestionError

ANSWERS = Path(__file__).parents[2] / "data" / "answers"


@pytest.fixture
def answer():
    return sealed(parse_answer((ANSWERS / "solved.json").read_text(encoding="utf-8")))


def test_that_question_and_answer_come_back_as_they_were(tmp_path, answer):
    path = tmp_path / "a b.trilemma"

    write_document(path, Document(answer.question, answer, "f" * 64), "0.1.0")
    back = read_document(path)

    assert back.question == answer.question
    assert back.answer == answer


def test_that_a_newer_file_is_refused_by_its_version():
    text = json.dumps({"format": "trilemma-project", "version": 9, "app": "7.0"})

    with pytest.raises(FileError, match=r"Trilemma 7\.0 in version 9"):
        parse_document(text, "x.trilemma")


def test_that_an_unknown_key_comes_with_a_suggestion(answer):
    question = answer.question.model_dump(mode="json")
    text = json.dumps(
        {"format": "trilemma-project", "version": 1, "question": question, "awnser": 1}
    )

    with pytest.raises(FileError, match="Did you mean 'answer'"):
        parse_document(text, "x.trilemma")


def test_that_an_edited_answer_is_refused(tmp_path, answer):
    path = tmp_path / "x.trilemma"
    write_document(path, Document(answer.question, answer), "0.1.0")
    data = json.loads(path.read_text())
    data["answer"]["jobs"][0]["usd"]["median"] += 1

    with pytest.raises(FileError, match="edited"):
        parse_document(json.dumps(data), "x.trilemma")


def test_that_faults_of_the_question_are_named():
    text = json.dumps({"format": "trilemma-project", "version": 1, "question": {"jobs": []}})

    with pytest.raises(QuestionError, match="jobs"):
        parse_document(text, "x.trilemma")


def test_that_something_else_is_no_project():
    with pytest.raises(FileError, match="no project"):
        parse_document('{"format": "other"}', "x.trilemma")


def test_that_a_failed_write_keeps_the_old_file(tmp_path, answer):
    path = tmp_path / "x.trilemma"
    write_document(path, Document(answer.question), "0.1.0")
    before = path.read_text()

    with pytest.raises(FileError):
        write_document(path / "below", Document(answer.question), "0.1.0")

    assert path.read_text() == before


def test_that_kept_plans_come_back_with_the_project(tmp_path, answer):
    path = tmp_path / "a.trilemma"
    kept = (Kept(answer), Kept(answer, answer.jobs[0]))

    write_document(path, Document(answer.question, answer, "f" * 64, kept), "0.1.0")

    assert read_document(path).pinned == kept


def test_that_a_kept_plan_that_was_edited_is_refused(tmp_path, answer):
    path = tmp_path / "a.trilemma"
    write_document(path, Document(answer.question, None, "", (Kept(answer),)), "0.1.0")
    data = json.loads(path.read_text(encoding="utf-8"))
    data["pinned"][0]["answer"]["jobs"][0]["usd"]["median"] += 1

    with pytest.raises(FileError, match="edited"):
        parse_document(json.dumps(data), "a.trilemma")


@pytest.fixture
def old():
    """A project of version 1, with its answer and its seal."""
    answer = json.loads((ANSWERS / "solved.json").read_text(encoding="utf-8"))
    assert answer["version"] == answer["question"]["version"] == 1
    answer["digest"] = canonical_digest(answer)
    head = {"format": "trilemma-project", "version": 1}
    return {**head, "question": answer["question"], "answer": answer}


def test_that_a_project_of_version_1_opens_with_its_answer_whole(old):
    document = parse_document(json.dumps(old), "old.trilemma")
    assert document.question.version == 2
    made = document.answer
    assert made.version == 2
    assert digest_of(made) == made.digest
    assert [job.end_hours for job in made.jobs] == [job.hours.at_confidence for job in made.jobs]


def test_that_an_edited_answer_of_version_1_is_refused(old):
    old["answer"]["jobs"][0]["usd"]["median"] += 1
    with pytest.raises(FileError, match="edited"):
        parse_document(json.dumps(old), "old.trilemma")


@pytest.mark.parametrize("number", ["9" * 5000, "[" * 100_000])
def test_that_numbers_without_end_are_no_project(number):
    with pytest.raises(FileError, match="not valid JSON"):
        parse_document(f'{{"format": "trilemma-project", "version": {number}}}', "x.trilemma")


def test_that_half_a_character_in_an_answer_is_damage(answer):
    question = answer.question.model_dump(mode="json")
    stored = json.loads(to_json(answer))
    stored["question"]["title"] = "\ud800"
    data = {"format": "trilemma-project", "version": 3, "question": question, "answer": stored}

    with pytest.raises(FileError, match="its answer is damaged"):
        parse_document(json.dumps(data), "x.trilemma")
