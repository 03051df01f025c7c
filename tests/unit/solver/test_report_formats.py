import csv
import io
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from solver.answer_file import to_json
from solver.cli.main import main
from solver.export.csv_tables import csv_tables, csv_text
from solver.export.html import report_html
from solver.export.markdown import escaped, report_markdown
from solver.export.pdf import report_pdf
from solver.export.report import report_of
from solver.export.tables import printable
from solver.plan import Bought, LeftOut
from solver.plan_values import Change, Frequency, Mix, Simulation
from tests.support.launchable import ANSWERS, launchable, stored

OUTCOMES = ("solved", "impossible", "unknown", "stopped", "failed")

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=80)

ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://x","y")',
    "@SUM(1)|cmd",
    "`a` **b** [c](http://d) | e",
    '#import "x": *',
)


def titled(answer, title):
    return answer.model_copy(update={"question": answer.question.replace(title=title)})


class Elements(HTMLParser):
    """Every element and every address of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.addresses, self.words = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.addresses += [value for name, value in attrs if name in {"src", "href", "action"}]

    def handle_data(self, data):
        self.words.append(data)


def cells(text):
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_that_every_outcome_has_every_format(outcome):
    answer = stored(outcome)
    report = report_of(answer)

    page, text, tables = report_html(report), report_markdown(report), csv_tables(answer)

    words = " ".join(Elements(page).words).replace("\u00a0", " ")
    assert report.headline.split(":")[0] in words
    assert text.startswith("# ")
    assert cells(tables["answer.csv"])[1][1] == outcome


@pytest.mark.parametrize("attack", ATTACKS)
def test_that_a_page_has_no_element_of_a_name(attack):
    tame, wild = (report_html(report_of(titled(stored(), t))) for t in ("tame", attack))

    made = Elements(wild)

    assert made.tags == Elements(tame).tags
    assert made.addresses == []
    assert "script" not in made.tags
    assert attack in "".join(made.words)


@settings(max_examples=25)
@given(TEXT)
def test_that_any_title_leaves_the_page_as_it_is(title):
    tame, wild = (report_html(report_of(titled(stored(), t))) for t in ("tame", title))

    assert Elements(wild).tags == Elements(tame).tags


def worded(answer, words):
    """The answer with the same words in every place that someone else fills."""
    job = answer.jobs[0]
    evidence = job.evidence.model_copy(update={"notes": (words,), "price": words})
    offer = job.offer.model_copy(update={"sku": words, "source": words, "key": words})
    named = {"name": words, "key": words, "model": words, "accuracy_note": words}
    told = job.model_copy(update={**named, "evidence": evidence, "offer": offer})
    limits = tuple(kept.model_copy(update={"job": words}) for kept in answer.limits)
    others = tuple(
        other.model_copy(update={"why": words, "keys": (words,)}) for other in answer.alternatives
    )
    return answer.model_copy(
        update={"jobs": (told, told), "limits": limits, "alternatives": others, "why": words}
    )


@settings(max_examples=12)
@given(TEXT.filter(lambda text: printable(text).strip()) | st.sampled_from(ATTACKS))
def test_that_no_words_of_an_answer_become_elements_or_tables(words):
    tame, wild = (report_of(worded(stored(), text)) for text in ("tame", words))

    pages = [Elements(report_html(report)) for report in (tame, wild)]
    tables = [
        [token.type for token in MarkdownIt("gfm-like", {"linkify": False}).parse(text)].count
        for text in map(report_markdown, (tame, wild))
    ]

    assert pages[1].tags == pages[0].tags
    assert pages[1].addresses == []
    for kind in ("table_open", "td_open", "heading_open", "html_block", "fence"):
        assert tables[1](kind) == tables[0](kind)


@given(TEXT)
def test_that_markdown_draws_escaped_words_as_they_are(text):
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(f"{escaped(text)}\n")

    shown = "".join(
        child.content
        for token in tokens
        for child in (token.children or [])
        if child.type in {"text", "text_special", "softbreak"}
    )
    kinds = {token.type for token in tokens}
    assert kinds <= {"paragraph_open", "inline", "paragraph_close"}
    assert shown.split() == printable(text).split()


@given(TEXT)
def test_that_a_cell_of_a_markdown_table_stays_one(text):
    table = f"| a | b |\n| --- | --- |\n| {escaped(text)} | x |\n"

    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(table)

    assert [token.type for token in tokens].count("td_open") == 2


@given(TEXT)
def test_that_no_cell_is_a_formula(text):
    made = cells(csv_text([{"name": text, "n": 1}]))[1][0]

    assert not made.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "|", "%"))
    clean = text.replace("\0", "").replace("\r\n", "\n").replace("\r", "\n")
    assert made in {clean, f"'{clean}"}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_that_numbers_keep_every_digit_and_their_sign(value):
    assert float(cells(csv_text([{"value": value}]))[1][0]) == value


def test_that_the_table_of_jobs_holds_the_figures_of_the_answer():
    answer = stored()

    header, row = cells(csv_tables(answer)["jobs.csv"])

    got = dict(zip(header, row, strict=True))
    job = answer.jobs[0]
    assert float(got["hours_median"]) == job.hours.median
    assert float(got["usd_counted"]) == job.usd.at_confidence
    assert got["key"] == job.key
    assert float(got["memory_activations_bytes"]) == job.memory.activations
    assert float(got["start_hours"]) == job.start_hours


def test_that_what_is_left_out_bought_tried_or_mixed_has_tables_of_its_own():
    often = Frequency(times=9, share=0.9, low95=0.6, high95=1.0)
    solved = stored().model_copy(
        update={
            "left_out": (LeftOut(name="extra", value_usd=5.0, why="dear"),),
            "bought": (Bought(name="block", machines=2, usd=10.0),),
            "simulation": Simulation(draws=10, seed=1, promised=0.9, together=often, limits=()),
        }
    )
    change = Change(limit="budget", job=None, value=25.0, change=5.0, text="more")
    mix = Mix(changes=(change,), text="", keys=("k",), hours=2.0, usd=24.0, accuracy=None)

    tables = csv_tables(solved) | csv_tables(stored("impossible").model_copy(update={"mix": mix}))

    assert cells(tables["left_out.csv"])[1] == ["extra", "5.0", "dear"]
    assert cells(tables["bought.csv"])[1] == ["block", "2", "10.0"]
    assert cells(tables["simulation.csv"])[1][:4] == ["all together", "", "9", "10"]
    assert cells(tables["mix.csv"])[1][:3] == ["budget", "", "25.0"]


def written(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_that_the_command_writes_each_format(tmp_path, capsys):
    made = {name: str(tmp_path / name) for name in ("a.pdf", "a.html", "a.md", "t")}
    words = ["--pdf", made["a.pdf"], "--html", made["a.html"], "--md", made["a.md"]]

    code = main(["report", str(ANSWERS / "solved.json"), *words, "--csv", made["t"]])

    assert code == 0
    assert {"a.pdf", "a.html", "a.md", str(Path("t/jobs.csv"))} <= written(tmp_path)
    assert Path(made["a.pdf"]).read_bytes() == report_pdf(report_of(stored()))
    assert made["a.html"] in capsys.readouterr().out


def test_that_no_file_is_replaced_unasked(tmp_path, capsys):
    page = tmp_path / "a.html"
    page.write_text("mine")
    words = ["report", str(ANSWERS / "solved.json"), "--html", str(page), "--md", "a.md"]

    refused = main(words)

    assert refused == 2
    assert page.read_text() == "mine"
    assert written(tmp_path) == {"a.html"}
    assert "--force" in capsys.readouterr().err
    assert main([*words[:4], "--force"]) == 0
    assert page.read_text() != "mine"


def test_that_a_launch_replaces_nothing_unasked(tmp_path, capsys):
    answer, folder = tmp_path / "answer.json", tmp_path / "run"
    answer.write_text(to_json(launchable()), encoding="utf-8")
    words = ["launch", str(answer), "--to", "slurm", "-o", str(folder)]
    assert main(words) == 0
    (folder / "run.yaml").write_text("mine")

    refused = main(words)

    assert refused == 2
    assert (folder / "run.yaml").read_text() == "mine"
    assert "--force" in capsys.readouterr().err
    assert main([*words, "--force"]) == 0
    assert (folder / "run.yaml").read_text() != "mine"


def test_that_a_preview_writes_nothing(tmp_path, capsys):
    answer = tmp_path / "answer.json"
    answer.write_text(to_json(launchable()), encoding="utf-8")

    code = main(["launch", str(answer), "--to", "axolotl", "--preview", "-o", str(tmp_path)])

    assert code == 0
    assert "base_model: meta-llama/Llama-3.1-8B" in capsys.readouterr().out
    assert written(tmp_path) == {"answer.json"}


def test_that_an_edited_answer_is_launched_with_a_warning(tmp_path, capsys):
    answer = tmp_path / "answer.json"
    answer.write_text(to_json(launchable()), encoding="utf-8")

    main(["launch", str(answer), "--to", "slurm", "--preview"])

    assert "was changed after it was written" in capsys.readouterr().err
