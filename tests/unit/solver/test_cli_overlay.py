"""The user's own facts: they win where they are better, and are refused where they are broken."""

import json

import pytest

from solver.cli.main import main
from tests.support.questions import SMALL, asked

HEAD = (
    "provider,sku,region,pricing,accelerator,gpus_per_instance,usd_per_hour,price_date,"
    "source,verified\n"
)
OURS = "aws,ours,us-east-1,on-demand,T4,1,{price},2026-11-20,our contract,yes\n"


@pytest.fixture
def overlay(tmp_path):
    """Writes a table of one's own offers, and gives the folder."""

    def write(rows, name="offers.csv"):
        folder = tmp_path / "mine"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(HEAD + rows, encoding="utf-8")
        return str(folder)

    return write


@pytest.fixture
def small(tmp_path):
    """File of the small question for the cheapest plan."""
    path = tmp_path / "question.json"
    path.write_text(SMALL["cheapest"].model_dump_json(), encoding="utf-8")
    return str(path)


def test_that_an_offer_of_ones_own_that_is_cheaper_wins(small, overlay, capsys):
    usual = asked("cheapest").jobs[0]

    main(["plan", small, "--overlay", overlay(OURS.format(price=0.4)), "--json", "-"])

    (job,) = json.loads(capsys.readouterr().out)["jobs"]
    assert job["offer"]["sku"] == "ours"
    assert job["usd"]["median"] < usual.usd.median
    assert job["hours"] == usual.hours.model_dump()


def test_that_an_offer_of_ones_own_that_is_dearer_changes_nothing(small, overlay, capsys):
    main(["plan", small, "--overlay", overlay(OURS.format(price=0.7)), "--json", "-"])

    (job,) = json.loads(capsys.readouterr().out)["jobs"]
    assert job["offer"]["key"] == asked("cheapest").jobs[0].offer.key


def test_that_a_row_of_ones_own_replaces_the_shipped_one(small, overlay, capsys):
    row = OURS.format(price=0.4).replace("ours", "g4dn.xlarge")

    main(["plan", small, "--overlay", overlay(row), "--json", "-"])

    (job,) = json.loads(capsys.readouterr().out)["jobs"]
    assert (job["offer"]["usd_per_hour"], job["offer"]["source"]) == (0.4, "our contract")


def test_that_an_answer_on_ones_own_facts_holds_without_them(small, overlay, tmp_path, capsys):
    answer = str(tmp_path / "answer.json")
    folder = overlay(OURS.format(price=0.4))
    main(["plan", small, "--overlay", folder, "--quiet", "--json", answer])

    assert main(["check", answer]) == 0
    assert "offers aws ours us-east-1: today's catalogue" in capsys.readouterr().err
    assert main(["check", answer, "--overlay", folder]) == 0
    assert capsys.readouterr().err == ""


def test_that_every_fault_of_ones_own_rows_is_named_with_its_line(small, overlay, capsys):
    rows = OURS.format(price=-1) + OURS.format(price="cheap").replace("ours", "our:s")

    code = main(["plan", small, "--overlay", overlay(rows)])

    told = capsys.readouterr().err
    assert code == 2
    assert "offers.csv, line 2, usd_per_hour: '-1'" in told
    assert "offers.csv, line 3, usd_per_hour: 'cheap'" in told
    assert "offers.csv, line 3, sku: 'our:s'" in told


def test_that_a_misspelt_table_is_not_passed_over(small, overlay, capsys):
    code = main(["plan", small, "--overlay", overlay("", name="offer.csv")])

    assert code == 2
    assert "Did you mean 'offers.csv'" in capsys.readouterr().err


def test_that_a_folder_that_is_not_there_is_told(small, tmp_path, capsys):
    assert main(["plan", small, "--overlay", str(tmp_path / "none")]) == 2
    assert "there is no such folder" in capsys.readouterr().err


def test_that_the_usual_folder_is_read_where_it_exists(small, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "settings" / "trilemma" / "catalog"
    folder.mkdir(parents=True)
    (folder / "offers.csv").write_text(HEAD + OURS.format(price=0.4), encoding="utf-8")
    monkeypatch.setattr("solver.cli.commands.own_folder", lambda: folder)

    main(["plan", small, "--json", "-"])

    (job,) = json.loads(capsys.readouterr().out)["jobs"]
    assert job["offer"]["sku"] == "ours"
