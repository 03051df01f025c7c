"""Published scores on a task, as they are listed."""

from catalog.load import load_catalog
from catalog.scores import HEADERS, published_on, score_listing

CATALOG = load_catalog()
RTE = CATALOG.tasks["RTE"]


def test_that_every_published_score_of_the_task_is_listed():
    found = published_on(CATALOG, RTE)

    assert {id(score) for score in found} == {id(s) for s in CATALOG.scores if s.task == "RTE"}


def test_that_the_best_come_first_within_a_metric_and_split():
    found = published_on(CATALOG, RTE)

    order = [(score.metric, score.split, -score.score) for score in found]
    assert order == sorted(order)


def test_that_every_word_asked_for_occurs_in_the_scores_listed():
    found = published_on(CATALOG, RTE, ["LORA", "roberta"])

    assert 0 < len(found) < len(published_on(CATALOG, RTE))
    for score in found:
        text = str(score.model_dump()).lower()
        assert "lora" in text
        assert "roberta" in text


def test_that_every_row_names_its_source_and_year():
    listing = score_listing(published_on(CATALOG, RTE))

    assert listing.headers == HEADERS
    for row in listing.rows:
        cells = dict(zip(HEADERS, row, strict=True))
        assert cells["source"]
        assert cells["year"].isdigit()
