import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.load import from_rows, load_catalog
from catalog.problems import CatalogError
from catalog.rows import ROW_TYPES

SHIPPED = load_catalog()
HEADER = (
    "provider,sku,region,pricing,accelerator,gpus_per_instance,usd_per_hour,price_date,source,"
    "verified"
)
OFFER = "mine,box,cellar,on-demand,L4,1,0.25,2026-11-20,own invoice,yes"


def overlay(folder, name, text, encoding="utf-8"):
    (folder / name).write_bytes(text.encode(encoding))
    return folder


def faults(folder):
    with pytest.raises(CatalogError) as caught:
        load_catalog(folder)
    return [str(problem) for problem in caught.value.problems]


def test_that_an_overlay_row_joins_the_shipped_ones(tmp_path):
    catalog = load_catalog(overlay(tmp_path, "offers.csv", f"{HEADER}\n{OFFER}\n"))

    assert catalog.offers["mine/box/cellar/on-demand"].usd_per_hour == 0.25
    assert len(catalog.offers) == len(SHIPPED.offers) + 1


def test_that_an_overlay_row_replaces_the_shipped_row_of_its_key(tmp_path):
    row = "aws,p5.48xlarge,us-east-1,on-demand,H100-SXM,8,40,2026-11-20,own contract,yes"

    catalog = load_catalog(overlay(tmp_path, "offers.csv", f"{HEADER}\n{row}\n"))

    assert catalog.offers["aws/p5.48xlarge/us-east-1/on-demand"].usd_per_hour == 40
    assert len(catalog.offers) == len(SHIPPED.offers)


def test_that_the_shipped_catalogue_stays_as_it_was_beside_an_overlay(tmp_path):
    load_catalog(overlay(tmp_path, "offers.csv", f"{HEADER}\n{OFFER}\n"))

    assert "mine/box/cellar/on-demand" not in load_catalog().offers


def test_that_an_overlay_may_add_a_task_and_another_spelling(tmp_path):
    overlay(
        tmp_path,
        "tasks.toml",
        '[tickets]\nname = "our tickets"\nfamily = "classification"\nkind = "nlu_large"\n'
        'metric = "acc"\nchance = 0.1\nceiling = 1.0\nsource = "own labels"\n',
    )
    overlay(tmp_path, "aliases.toml", '[tasks]\n"support" = "tickets"\n')

    assert load_catalog(tmp_path).task_named("Support").name == "our tickets"


def test_that_shipped_spellings_remain_beside_those_of_the_overlay(tmp_path):
    overlay(tmp_path, "aliases.toml", '[methods]\n"ours" = "lora"\n')

    catalog = load_catalog(tmp_path)

    assert catalog.method_named("ours").id == "lora"
    assert catalog.method_named("full_ft").id == "full"


def test_that_every_broken_cell_is_reported_at_once_with_line_column_and_value(tmp_path):
    rows = [
        OFFER,
        "mine,box2,cellar,on-demand,L4,one,-2.1,2026-11-20,own invoice,yes",
        "mine,box3,cellar,sometimes,L4,1,0.25,20.11.2026,,maybe",
    ]

    found = faults(overlay(tmp_path, "offers.csv", "\n".join([HEADER, *rows])))

    assert [text.split(":")[0].split("/")[-1] for text in found] == [
        "offers.csv, line 3, gpus_per_instance",
        "offers.csv, line 3, usd_per_hour",
        "offers.csv, line 4, pricing",
        "offers.csv, line 4, price_date",
        "offers.csv, line 4, source",
        "offers.csv, line 4, verified",
    ]
    assert "'one' is not a whole number" in found[0]
    assert "'-2.1' is not at least 0" in found[1]
    assert "YYYY-MM-DD" in found[3]
    assert "Did you mean" not in found[4]
    assert "Known: no, partial, yes" in found[5]


def test_that_faults_of_several_files_are_reported_together(tmp_path):
    overlay(tmp_path, "offers.csv", f"{HEADER}\n{OFFER.replace('0.25', 'cheap')}\n")
    overlay(tmp_path, "methods.toml", '[lora2]\nkind = "lorra"\n')

    found = faults(tmp_path)

    assert any("offers.csv, line 2, usd_per_hour" in text for text in found)
    assert any("methods.toml [lora2], kind" in text and "'lora'" in text for text in found)


def test_that_an_unknown_column_is_named_once_with_the_nearest_known_one(tmp_path):
    text = f"{HEADER.replace('usd_per_hour', 'usd_per_hours')}\n{OFFER}\n{OFFER}\n"

    found = faults(overlay(tmp_path, "offers.csv", text))

    assert len(found) == 1
    assert "line 1: column 'usd_per_hours' is not known. Did you mean 'usd_per_hour'?" in found[0]


def test_that_what_a_spreadsheet_adds_to_a_file_makes_no_difference(tmp_path):
    text = f"\ufeff{HEADER}\r\n{OFFER}\r\n,,,,,,,,,\r\n"

    catalog = load_catalog(overlay(tmp_path, "offers.csv", text))

    assert catalog.offers["mine/box/cellar/on-demand"].verified == "yes"


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        (f"{HEADER}\n{OFFER}".replace(",", ";"), "utf-8", "separated by semicolons"),
        (f"{HEADER}\n{OFFER}".replace(",", "\t"), "utf-8", "separated by tabs"),
        (f"{HEADER}\n{OFFER}", "utf-16", "UTF-16"),
        (f"{HEADER}\n{OFFER}".replace("cellar", "Köln"), "cp1252", "line 2: byte"),
        ("", "utf-8", "it is empty"),
        (f"{HEADER}\n{OFFER}".replace("0.25", "0,25"), "utf-8", "it has 11 cells"),
        (f"{HEADER}\n{OFFER}".replace("0.25", '"0,25"'), "utf-8", "decimal point"),
        (f"{HEADER}\n{OFFER}".replace("box", "a/b"), "utf-8", "Leave out colons"),
        (f"{HEADER}\n{OFFER}".replace("0.25", "nan"), "utf-8", "not a finite number"),
        (f"{HEADER}\n{OFFER}\n{OFFER}", "utf-8", "stands here and at"),
        (f'{HEADER}\n"{OFFER}', "utf-8", "not valid CSV"),
        (f"{HEADER},sku\n{OFFER},x", "utf-8", "stands twice"),
    ],
)
def test_that_a_file_that_is_no_such_table_says_why(tmp_path, text, encoding, said):
    found = faults(overlay(tmp_path, "offers.csv", text, encoding))

    assert any(said in line for line in found)


def test_that_a_misspelt_file_name_is_not_passed_over(tmp_path):
    found = faults(overlay(tmp_path, "offer.csv", f"{HEADER}\n{OFFER}\n"))

    assert "offer.csv: no table has this name. Did you mean 'offers.csv'" in found[0]


def test_that_other_files_beside_the_tables_are_left_alone(tmp_path):
    overlay(tmp_path, "README.txt", "notes")

    assert load_catalog(tmp_path).sha256 == SHIPPED.sha256


def test_that_a_missing_overlay_folder_is_refused(tmp_path):
    assert "there is no such folder" in faults(tmp_path / "nowhere")[0]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("tasks.toml", "[tickets", "not valid TOML"),
        ("tasks.toml", 'tickets = "x"', "is not a section"),
        ("tasks.toml", "[t]\nchanse = 0.5\n", "Did you mean 'chance'?"),
        ("tasks.toml", '[t]\nfamily = "classifcation"\n', "Did you mean 'classification'"),
        ("aliases.toml", '[task]\n"a" = "b"\n', "Did you mean 'tasks'?"),
        ("aliases.toml", '[tasks]\n"a" = 3\n', "not a list of spellings"),
    ],
)
def test_that_a_broken_section_says_what_is_wrong(tmp_path, name, text, said):
    assert any(said in line for line in faults(overlay(tmp_path, name, text)))


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=6,
)


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from([*ROW_TYPES, "aliases", "other"]), JSON, max_size=3))
def test_that_no_values_break_the_reader_otherwise_than_by_naming_problems(rows):
    with contextlib.suppress(CatalogError):
        from_rows(rows)


@settings(max_examples=50)
@given(st.lists(st.text(max_size=6), min_size=8, max_size=11))
def test_that_no_cells_break_the_reader_otherwise_than_by_naming_problems(tmp_path_factory, cells):
    folder = tmp_path_factory.mktemp("overlay")
    text = f"{HEADER}\n{','.join(cells)}\n".encode("utf-8", "replace")
    (folder / "offers.csv").write_bytes(text)

    with contextlib.suppress(CatalogError):
        load_catalog(folder)
