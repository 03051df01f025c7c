"""The card of the plan: when it is greyed, and what it makes only when asked for."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import pytest
from PySide6.QtWidgets import QLabel

from gui.application import make_application
from gui.present import card_of
from gui.theme import look_of
from gui.views.pieces import Fold
from gui.views.plan_card import PlanCard
from tests.support.questions import asked


@pytest.fixture
def card(qtbot):
    make_application()
    made = PlanCard(look_of("light"))
    qtbot.addWidget(made)
    made.show_card(card_of(asked("cheapest")), is_current=True)
    return made


def badge(card):
    return card.findChild(QLabel, "badge").text()


def test_that_an_answer_that_comes_at_once_greys_nothing(card, qtbot):
    before = badge(card)
    card.set_current(is_current=False)
    card.set_current(is_current=True)
    qtbot.wait(200)

    assert badge(card) == before


def test_that_a_plan_that_is_not_answered_soon_says_that_it_is_old(card, qtbot):
    card.set_current(is_current=False)
    qtbot.waitUntil(lambda: badge(card) == "Of the last question")

    assert not card.findChild(object, "export-pdf").isEnabled()


def test_that_a_closed_fold_is_filled_when_it_is_opened_and_stays_open(card):
    fold = next(f for f in card.findChildren(Fold) if "How it runs" in f.button.text())
    before = fold.body.count()
    fold.button.click()
    card.show_card(card_of(asked("cheapest")), is_current=True)
    again = [f for f in card.findChildren(Fold) if "▾" in f.button.text()]

    assert (before, fold.body.count()) == (0, 1)
    assert again[-1].body.count() == 1
