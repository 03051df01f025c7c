"""Every test has settings and a cache of its own run, never those of the person at the desk."""

import os

import pytest

# Reading launch files with the programs they are for needs environments of gigabytes: asked for by
# naming their folder (docs/launch.md), else not collected at all.
collect_ignore = [] if "TRILEMMA_PARSERS" in os.environ else ["launch"]


@pytest.fixture(scope="session", autouse=True)
def _folders_of_this_run(tmp_path_factory):
    """Estimates are kept between the tests of a run, on all its processes; settings start empty."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(shared / "cache"))
        patch.setenv("XDG_CONFIG_HOME", str(shared / "config"))
        yield
