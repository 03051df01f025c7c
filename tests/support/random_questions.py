"""Any question that can be asked, for properties of files and checks."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from solver.question import Aim, Question, TaskFamily

names = st.text("abcÄß漢 .-_0123456789\"'\\", min_size=1, max_size=12)
ratios = st.floats(0, 1)
hours = st.floats(0.001, 40_000)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
lists = st.lists(names, max_size=3)


def maybe(strategy):
    """A value or none at all."""
    return st.none() | strategy


pilots = st.fixed_dictionaries(
    {"examples": st.integers(1, 10**9), "score": ratios},
    optional={"model": maybe(names), "method": names, "epochs": st.integers(1, 1000)},
)

recipes = st.lists(
    st.fixed_dictionaries(
        {
            "steps": st.integers(1, 10**7),
            "batch_sequences": st.integers(1, 10**5),
            "sequence": st.integers(8, 10**6),
        }
    ),
    min_size=1,
    max_size=3,
)

work = (
    st.fixed_dictionaries(
        {"examples": st.integers(1, 10**10), "tokens_per_example": st.floats(0.1, 1e7)}
    )
    | st.fixed_dictionaries({"tokens": st.floats(1, 1e15)})
    | st.fixed_dictionaries({"phases": recipes})
)

devices = st.just({}) | st.fixed_dictionaries(
    {"deploy_on": names}, optional={"max_latency_ms": maybe(st.floats(1e-3, 1e9))}
)

jobs = st.builds(
    lambda one, device, two: {**one, **device, **two},
    work,
    devices,
    st.fixed_dictionaries(
        {"family": st.sampled_from(list(TaskFamily))},
        optional={
            "task": maybe(names),
            "classes": maybe(st.integers(2, 1000)),
            "epochs": st.lists(st.integers(1, 1000), min_size=1, max_size=4),
            "models": st.fixed_dictionaries({}, optional={"names": lists, "licences": lists}),
            "methods": lists,
            "ranks": st.lists(st.integers(1, 4096), max_size=3),
            "pilots": st.lists(pilots, max_size=3),
            "min_accuracy": maybe(ratios),
            "deadline_hours": maybe(hours),
            "max_deployed_gb": maybe(st.floats(0.01, 1e6)),
            "formats": st.lists(st.sampled_from(["fp16", "int8", "int4"]), max_size=3),
            "serving": maybe(
                st.fixed_dictionaries(
                    {"tokens_per_month": st.floats(1, 1e15), "months": st.floats(0.1, 120)}
                )
            ),
        },
    ),
)

limits = st.fixed_dictionaries(
    {},
    optional={
        "budget_usd": maybe(st.floats(0, 1e11)),
        "confidence": st.floats(0.5, 0.95),
        "max_gpus": maybe(st.integers(1, 1_000_000)),
        "providers": lists,
        "spot": st.booleans(),
        "co2_kg": maybe(st.floats(0, 1e12)),
    },
)

deadlines = st.fixed_dictionaries({}, optional={"deadline_hours": maybe(hours)}) | (
    st.fixed_dictionaries({"deadline": moments}, optional={"start": moments})
)

pools = st.fixed_dictionaries(
    {"accelerator": names, "gpus_per_machine": st.integers(1, 10_000)},
    optional={
        "machines": st.integers(1, 100_000),
        "network_gbit_per_s": maybe(st.floats(0.001, 1e6)),
        "usd_per_hour": st.floats(0, 1e11),
    },
)


def numbered(entries, word):
    """Each entry with a name of its own."""
    return [{**entry, "name": f"{word}{i}"} for i, entry in enumerate(entries)]


questions = st.builds(
    lambda title, aim, told, until, trained, owned: Question.model_validate(
        {
            "title": title,
            "aim": aim,
            "limits": {**told, **until},
            "jobs": numbered(trained, "job"),
            "owned": numbered(owned, "pool"),
        }
    ),
    names,
    st.sampled_from(list(Aim)),
    limits,
    deadlines,
    st.lists(jobs, min_size=1, max_size=3),
    st.lists(pools, max_size=2),
)
