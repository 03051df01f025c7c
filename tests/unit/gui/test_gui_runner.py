"""When a question is asked of the worker: at once, after a short quiet, once for many edits."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtCore import QObject, Signal

from gui import runner as module
from gui.runner import Runner
from tests.support.questions import question


class StandIn(QObject):
    """A worker that only remembers what it was told."""

    said = Signal(object)
    ended = Signal(str)
    process_id = 0

    def __init__(self, parent, settings=None):
        del settings
        super().__init__(parent)
        self.told = []

    def send(self, message):
        self.told.append(message)

    def ask_to_end(self):
        pass

    def end(self):
        pass


@pytest.fixture
def runner(qapp, monkeypatch):
    del qapp  # timers need an application
    monkeypatch.setattr(module, "Worker", StandIn)
    made = Runner()
    made.start()
    yield made
    made.close()


def asked(runner):
    """Budgets of the questions that the worker got."""
    told = runner.findChild(StandIn).told
    return [message.fields["question"]["limits"]["budget_usd"] for message in told]


def costing(usd):
    return question(limits={"budget_usd": usd})


def test_that_an_edit_that_stands_alone_is_asked_in_the_next_turn_of_the_loop(runner, qtbot):
    runner.submit(costing(1))
    qtbot.wait(1)

    assert asked(runner) == [1]


def test_that_of_many_edits_the_last_is_asked_once(runner, qtbot):
    for usd in range(1, 6):
        runner.submit(costing(usd))
    qtbot.waitUntil(lambda: asked(runner) != [])

    assert asked(runner) == [5]


def test_that_what_is_let_go_is_asked_at_once(runner):
    for usd in (1, 2):
        runner.submit(costing(usd))
    runner.hurry()

    assert asked(runner) == [2]


def test_that_the_worker_is_told_which_cloud_is_shown_and_after_a_retry_none(runner):
    runner.submit(costing(1), "shown")
    runner.hurry()
    runner.retry()

    told = runner.findChild(StandIn).told
    assert [message.fields["holds"] for message in told] == ["shown", ""]
