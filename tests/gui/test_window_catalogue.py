"""The catalogue in the window, searched and used with mouse and keyboard."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton, QTableView

pytestmark = [pytest.mark.gui, pytest.mark.xdist_group("gui")]


@pytest.fixture
def opened(open_window, qtbot):
    hand = open_window()
    hand.answered()
    dialog = hand.window.tools.show_catalogue("offers")
    view = dialog.findChild(QTableView, "rows")
    qtbot.waitUntil(lambda: view.model().rowCount() > 0, timeout=20_000)
    return hand, dialog, view


def texts(view, column):
    model = view.model()
    return [model.index(line, column).data() for line in range(model.rowCount())]


def test_that_a_search_leaves_matching_rows_and_a_heading_orders_them(opened, qtbot):
    _, dialog, view = opened
    search, header = dialog.findChild(QLineEdit, "search"), view.horizontalHeader()

    qtbot.keyClicks(search, "h100 aws")
    x = header.sectionViewportPosition(6) + 20
    place = header.rect().center()
    place.setX(x)
    qtbot.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=place)
    prices = [float(text.replace(",", "")) for text in texts(view, 6)]

    assert set(texts(view, 1)) == {"aws"}
    assert prices == sorted(prices)
    assert len(prices) > 1


def test_that_using_an_offer_edits_the_question_in_one_step(opened, qtbot):
    hand, dialog, view = opened
    before = hand.store.question
    search = dialog.findChild(QLineEdit, "search")
    qtbot.keyClicks(search, "gcp on-demand")
    accelerator = texts(view, 4)[0]
    use = dialog.findChildren(QPushButton, "use-0")[-1]

    qtbot.mouseClick(use, Qt.MouseButton.LeftButton)
    used = hand.store.question.limits
    hand.store.history.undo()

    assert used.providers == ("gcp",)
    assert used.accelerators == (accelerator,)
    assert hand.store.question == before


def test_that_arrow_keys_walk_through_the_rows_and_their_facts(opened, qtbot):
    _, dialog, view = opened
    view.setFocus()

    qtbot.keyClick(view, Qt.Key.Key_Down)
    key = view.model().rows.keys[dialog.position]
    qtbot.waitUntil(lambda: dialog._pairs.count() > 0, timeout=20_000)

    assert dialog._key.text() == key
    assert dialog.position == 1
