import itertools
import re
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from solver.export.axes import log_axis, time_ticks, usd_ticks
from solver.export.charts import region_svg
from solver.export.paper import png_of
from solver.export.region_plot import LANE, RegionChart, described, laid_out
from solver.export.themes import DARK, LIGHT, STEPS
from solver.plan import Region

SVG = "{http://www.w3.org/2000/svg}"

REGION = Region(
    hours=(0.5, 2.0, 5.0, 30.0, 4.0),
    usd=(18.0, 6.0, 2.0, 1.0, 200.0),
    accuracy=(0.90, 0.93, 0.91, 0.95, None),
    state=("feasible", "feasible", "feasible", "near-miss", "excluded"),
    frontier=(0, 1, 2),
)


def chart(region=REGION, **changes):
    values = {
        "plan": (5.0, 2.0),
        "deadline_hours": 6.0,
        "budget_usd": 20.0,
        "min_accuracy": 0.9,
        "heading": "tickets",
    }
    return RegionChart(region, **{**values, **changes})


def words_in(svg):
    return [element.text for element in ET.fromstring(svg).iter(SVG + "text")]


def test_that_the_region_shows_every_candidate_once():
    svg = region_svg(chart(), LIGHT)

    legend_dots = 2
    assert len(list(ET.fromstring(svg).iter(SVG + "circle"))) == 5 + legend_dots


def test_that_the_limits_and_the_plan_carry_their_values():
    words = words_in(region_svg(chart(), DARK))

    assert {"deadline 6 h", "budget $20", "plan: 5 h, $2"} <= set(words)


def test_that_a_name_cannot_become_markup():
    svg = region_svg(chart(heading='</title><script>alert("x")</script>\x00'), LIGHT)

    root = ET.fromstring(svg)
    assert not list(root.iter(SVG + "script"))
    assert '</title><script>alert("x")</script>' in root.find(SVG + "title").text


def test_that_machines_that_cost_nothing_have_a_lane_of_their_own():
    free = REGION.model_copy(update={"usd": (0.0, 6.0, 2.0, 1.0, 200.0)})
    plot = laid_out(chart(free), LIGHT, 760, 430)

    _, y = plot.place(0.5, 0.0)

    assert y == plot.bottom - LANE / 2
    assert plot.place(2.0, 6.0)[1] < plot.lane_top


def test_that_a_better_accuracy_has_a_later_colour():
    plot = laid_out(chart(), LIGHT, 760, 430)

    colours = [LIGHT.ramp.index(plot.colour(a)) for a in (0.90, 0.91, 0.93)]

    assert colours == sorted(colours)
    assert colours[0] == 0
    assert colours[-1] == STEPS - 1


def test_that_an_unknown_accuracy_is_said_in_the_legend():
    unknown = REGION.model_copy(update={"accuracy": (None,) * 5})

    assert "feasible, accuracy unknown" in words_in(region_svg(chart(unknown), LIGHT))


def test_that_candidates_far_from_all_others_do_not_squeeze_the_picture():
    far = REGION.model_copy(update={"hours": (0.5, 2.0, 5.0, 30.0, 40_000.0)})

    assert laid_out(chart(far), LIGHT, 760, 430).hours.high < 100


def test_that_an_empty_region_still_makes_a_picture():
    nothing = Region(hours=(), usd=(), accuracy=(), state=(), frontier=())

    svg = region_svg(chart(nothing, plan=None, deadline_hours=None, budget_usd=None), LIGHT)

    assert ET.fromstring(svg).tag == SVG + "svg"


def test_that_the_picture_is_described_in_words():
    said = described(chart())

    assert said.startswith("5 candidates by time and cost: 3 keep every limit, 1 miss")


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_that_an_svg_becomes_a_png_of_twice_its_size(theme):
    png = png_of(region_svg(chart(), theme), width=760)

    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(png[16:20]) == 1520


@given(
    st.lists(st.floats(min_value=1e-4, max_value=4e4), min_size=1, max_size=20),
    st.floats(min_value=200, max_value=2000),
)
def test_that_ticks_lie_on_the_axis_and_never_touch(values, length):
    axis = log_axis(values, 0.0, length)

    for ticks in (time_ticks(axis, 50), usd_ticks(axis, 50)):
        places = [axis.at(tick.value) for tick in ticks]
        assert all(0 <= place <= length for place in places)
        assert all(b - a >= 50 - 1e-9 for a, b in itertools.pairwise(places))


def test_that_a_wide_time_axis_is_marked_in_familiar_steps():
    axis = log_axis([1 / 60, 200], 0, 700)

    words = [tick.words for tick in time_ticks(axis, 54)]

    assert [word for word in words if re.fullmatch(r"1 min|10 min|1 h|6 h|1 d|1 w", word)] == [
        "1 min",
        "10 min",
        "1 h",
        "6 h",
        "1 d",
        "1 w",
    ]


def luminance(colour):
    """Relative luminance of WCAG 2.2 of a colour like #1c2430."""
    shares = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
@pytest.mark.parametrize("use", ["ink", "quiet", "deadline", "budget", "good", "bad"])
def test_that_words_stand_out_from_the_paper_as_wcag_asks(theme, use):
    bright, dim = sorted((luminance(getattr(theme, use)), luminance(theme.paper)), reverse=True)

    assert (bright + 0.05) / (dim + 0.05) >= 4.5


def test_that_where_nothing_costs_anything_no_dollars_are_marked():
    free = REGION.model_copy(update={"usd": (0.0,) * 5})
    words = words_in(region_svg(chart(free, plan=(5.0, 0.0), budget_usd=None), LIGHT))

    assert "owned, $0" in words
    assert [word for word in words if word and word.startswith("$")] == []


def test_that_the_legend_names_only_what_is_shown():
    kept = REGION.model_copy(update={"state": ("feasible",) * 5})
    none = REGION.model_copy(update={"state": ("excluded",) * 5, "frontier": ()})

    assert "excluded" not in words_in(region_svg(chart(kept), LIGHT))
    assert "none is feasible" in words_in(region_svg(chart(none, plan=None), LIGHT))
