"""Files of the window: saved, opened again, kept when unsaved, exported by the worker."""

import json

import pytest

from solver.document import Document, write_document
from solver.outcome.seal import sealed
from solver.plan import ANSWER

pytestmark = [pytest.mark.gui, pytest.mark.xdist_group("gui")]


def files_of(hand):
    return hand.window.files


def test_that_a_saved_project_opens_with_its_question_and_answer(open_window, tmp_path):
    hand = open_window()
    hand.answered()
    hand.type("limits.budget_usd", "33")
    answer = hand.answered()

    was_unsaved = hand.store.is_unsaved
    files_of(hand).save(tmp_path / "tickets")
    is_unsaved = hand.store.is_unsaved
    again = open_window(path=tmp_path / "tickets.trilemma")

    assert (was_unsaved, is_unsaved) == (True, False)
    assert again.store.question == answer.question
    assert again.store.shown.answer == answer
    assert "tickets.trilemma" in again.window.windowTitle()


def test_that_a_stored_answer_is_drawn_and_not_solved_again(open_window, tmp_path, qtbot):
    hand = open_window()
    answer = hand.answered()
    files_of(hand).save(tmp_path / "tickets")

    again = open_window(path=tmp_path / "tickets.trilemma")
    qtbot.waitUntil(lambda: again.store.shown.cloud is not None, timeout=20_000)

    assert again.store.shown.answer == answer
    assert again.store.shown.is_current


def test_that_an_answer_of_older_prices_is_shown_and_solved_again_by_a_click(
    open_window, tmp_path, qtbot
):
    hand = open_window()
    answer = hand.answered()
    old = answer.model_copy(
        update={"provenance": answer.provenance.model_copy(update={"catalog_sha256": "0" * 64})}
    )
    write_document(tmp_path / "old.trilemma", Document(old.question, sealed(old)), "0.1.0")

    again = open_window(path=tmp_path / "old.trilemma")
    banner = again.window.region.banner
    qtbot.waitUntil(lambda: not banner.isHidden(), timeout=20_000)
    banner.findChild(object, "retry").click()
    qtbot.waitUntil(
        lambda: again.store.shown.answer.provenance == answer.provenance, timeout=20_000
    )

    assert again.store.shown.answer.jobs == answer.jobs
    assert banner.isHidden()


def test_that_unsaved_work_comes_back_after_a_crash(open_window):
    hand = open_window()
    hand.type("limits.budget_usd", "44")
    files_of(hand).keep_unsaved()

    again = open_window(None)

    assert again.store.question.limits.budget_usd == 44
    assert again.store.is_unsaved


def test_that_the_worker_writes_page_and_picture_of_the_answer(open_window, qtbot, tmp_path):
    hand = open_window()
    hand.answered()

    for form in ("pdf", "png", "json", "html", "md", "csv"):
        with qtbot.waitSignal(files_of(hand).told, timeout=20_000):
            files_of(hand).export(form, tmp_path / f"plan.{form}")

    assert (tmp_path / "plan.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "plan.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "plan.md").read_text(encoding="utf-8").startswith("#")
    assert (tmp_path / "plan.csv" / "jobs.csv").exists()
    assert ANSWER.validate_json((tmp_path / "plan.json").read_bytes()) == hand.store.shown.answer


def test_that_tables_in_a_folder_are_never_replaced_unasked(open_window, qtbot, tmp_path):
    hand = open_window()
    hand.answered()
    (tmp_path / "jobs.csv").write_text("mine")

    with qtbot.waitSignal(files_of(hand).went_wrong, timeout=20_000):
        files_of(hand).export("csv", tmp_path)

    assert (tmp_path / "jobs.csv").read_text() == "mine"
    assert not (tmp_path / "limits.csv").exists()


def test_that_a_broken_file_is_told_in_the_window_and_changes_nothing(open_window, tmp_path):
    hand = open_window()
    before = hand.store.question
    broken = tmp_path / "broken.trilemma"
    broken.write_text('{"format": "trilemma-project", "version": 99}')

    is_open = files_of(hand).open(broken)

    assert not is_open
    assert hand.store.question == before
    assert "this program reads up to" in hand.window.region.banner.accessibleDescription()


def test_that_broken_settings_are_put_aside_and_told(open_window, tmp_path):
    profile = tmp_path / "profile"
    profile.mkdir()
    (profile / "settings.json").write_text("{")

    hand = open_window()

    assert (profile / "settings.broken.json").read_text() == "{"
    assert "put aside" in hand.window.region.banner.accessibleDescription()


def test_that_recent_files_and_colours_are_remembered(open_window, tmp_path):
    hand = open_window()
    files_of(hand).save(tmp_path / "a.trilemma")
    hand.window.menus.theme_wished.emit("dark")

    kept = json.loads((tmp_path / "profile" / "settings.json").read_text())

    assert kept["recent"] == [str(tmp_path / "a.trilemma")]
    assert kept["theme"] == "dark"
