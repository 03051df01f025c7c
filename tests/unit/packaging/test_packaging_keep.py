"""What of all that PyInstaller finds goes into a bundle."""

import pytest
from keep import is_kept, needed


@pytest.mark.parametrize(
    "place",
    [
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforminputcontexts/libibusplatforminputcontextplugin.so",
        "PySide6\\plugins\\platforms\\qwindows.dll",
        "catalog/data/offers.csv",
        "numpy.libs/libscipy_openblas64_-32a4b2a6.so",
        "pyomo-6.10.1.dist-info/METADATA",
    ],
)
def test_that_what_the_programs_use_is_kept(place):
    assert is_kept(place)


@pytest.mark.parametrize(
    "place",
    [
        "PySide6/Qt/plugins/platformthemes/libqgtk3.so",
        "PySide6/Qt/plugins/egldeviceintegrations/libqeglfs-x11-integration.so",
        "PySide6/Qt/translations/qtbase_de.qm",
        "numpy/_core/tests/data.csv",
        "pyqtgraph/icons/peegee/peegee.svg",
        "libstdc++.so.6",
        "libX11.so.6",
        "trilemma-0.1.0.dist-info/direct_url.json",
    ],
)
def test_that_what_nobody_uses_or_the_system_has_stays_out(place):
    assert not is_kept(place)


LOADS = {
    "/b/QtCore.so": ["libQt6Core.so.6", "libc.so.6"],
    "/b/libQt6Core.so.6": ["libicu.so.73"],
    "/b/libgtk.so": ["libpango.so"],
}
FOUND = [
    ("PySide6/QtCore.abi3.so", "/b/QtCore.so", "EXTENSION"),
    ("PySide6/Qt/lib/libQt6Core.so.6", "/b/libQt6Core.so.6", "BINARY"),
    ("PySide6/Qt/lib/libicu.so.73", "/b/libicu.so.73", "BINARY"),
    ("libicu.so.73", "PySide6/Qt/lib/libicu.so.73", "SYMLINK"),
    ("libgtk.so", "/b/libgtk.so", "BINARY"),
    ("libpango.so", "/b/libpango.so", "BINARY"),
    ("libpango.so.0", "PySide6/Qt/lib/libpango.so", "SYMLINK"),
]


def test_that_a_library_is_kept_only_for_what_loads_it():
    kept = needed(FOUND, lambda source: LOADS.get(source, []))

    assert [place for place, _, _ in kept] == [
        "PySide6/QtCore.abi3.so",
        "PySide6/Qt/lib/libQt6Core.so.6",
        "PySide6/Qt/lib/libicu.so.73",
        "libicu.so.73",
    ]
