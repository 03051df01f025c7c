"""A bug in the window loses no work."""

import sys

import pytest

from gui.faults import watch_faults
from solver.document import read_document

pytestmark = [pytest.mark.gui, pytest.mark.xdist_group("gui")]


def test_that_a_bug_saves_the_work_and_is_told(open_window, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    hand = open_window()
    hand.type("limits.budget_usd", "55")
    watch_faults(hand.window)

    sys.excepthook(ZeroDivisionError, ZeroDivisionError("by nothing"), None)

    kept = read_document(tmp_path / "profile" / "autosave.trilemma")
    assert kept.question.limits.budget_usd == 55
    assert "by nothing" in hand.window.region.banner.accessibleDescription()
