"""The worker as a process of its own: pipes, order, end."""

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from catalog.load import load_catalog
from solver.answer import answer
from solver.plan import ANSWER
from solver.question_file import read_question
from solver.serve.frames import Frames, Message, encoded

ROOT = Path(__file__).parents[2]


class Pipe:
    """A worker and what it said."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "solver.worker", "serve"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self._messages = self._read()

    def _read(self):
        frames = Frames()
        while piece := os.read(self.process.stdout.fileno(), 1 << 16):
            yield from frames.feed(piece)

    def send(self, kind, **fields):
        self.process.stdin.write(encoded(Message(kind, fields)))
        self.process.stdin.flush()

    def until(self, *kinds):
        return next(message for message in self._messages if message.kind in kinds)

    def end(self):
        self.process.stdin.close()
        for _ in self._messages:
            pass
        code = self.process.wait(timeout=20)
        self.process.stdout.close()
        return code


@pytest.fixture
def pipe():
    made = Pipe()
    yield made
    if made.process.poll() is None:
        made.end()


@pytest.fixture
def question():
    whole = read_question(ROOT / "examples" / "1-tickets.toml")
    job = whole.jobs[0]
    models = job.models.replace(names=("RoBERTa-base", "BERT-base"))
    return whole.replace(
        jobs=(job.replace(models=models, min_accuracy=0.75),),
        limits=whole.limits.replace(providers=("aws",)),
    )


def test_that_the_worker_answers_as_a_call_would(pipe, question):
    pipe.send("ask", ticket=3, question=question.model_dump(mode="json"))

    cloud = pipe.until("cloud")
    made = ANSWER.validate_json(pipe.until("answer").arrays["answer"].tobytes())
    alone = answer(question, load_catalog(), now=datetime.fromisoformat(made.asked_at))

    assert made.jobs == alone.jobs
    assert made.limits == alone.limits
    assert cloud.fields["candidates"] == made.counts.candidates
    assert len(cloud.arrays["hours"]) <= 20_000


def test_that_a_newer_question_takes_the_place_of_an_older_one(pipe, question):
    for ticket in (1, 2):
        pipe.send("ask", ticket=ticket, question=question.model_dump(mode="json"))

    message = pipe.until("answer")

    assert message.fields["ticket"] == 2


def test_that_faults_of_a_question_come_back_as_values(pipe, question):
    wrong = question.replace(limits=question.limits.replace(providers=("awz",)))

    pipe.send("ask", ticket=1, question=wrong.model_dump(mode="json"))
    message = pipe.until("refused", "fault", "answer")

    assert message.kind == "refused"
    assert message.fields["problems"][0][0] == "limits.providers"


def test_that_the_worker_ends_with_the_window(pipe):
    pipe.until("ready")

    assert pipe.end() == 0
