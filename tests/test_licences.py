"""docs/licences.md lists every pin of the lock under the licence that its metadata states.

Update its table after a change of the lock:

    .venv/bin/python -m tests.test_licences
"""

import re
from importlib import metadata

from tests.study_builds import ROOT

PAGE = ROOT / "docs" / "licences.md"
BEGIN, END = "<!-- begin pins -->\n", "<!-- end pins -->\n"
"""Lines around the generated table."""

SPELLINGS = {
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "3-Clause BSD License": "BSD-3-Clause",
    "BSD 3-Clause License": "BSD-3-Clause",
    "BSD License": "BSD",
    "ISC License": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF",
    "LicenseRef-NVIDIA-Proprietary": "NVIDIA",
    "NVIDIA Proprietary Software": "NVIDIA",
}
"""Short names for other spellings of a licence."""

NOT_IN_METADATA = {"axe-playwright-python": "MIT", "colorama": "BSD", "cuda-toolkit": "NVIDIA"}
"""Licences from project pages: no metadata states them, or they are installed only on Windows."""

MAX_SHORT_NAME = 45
"""A longer `License` field is the full text of a licence."""

WORD_BREAK = r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[A-Z][a-z])"
"""Between the words of SourceSans3 and STIXTwoMath."""


def installed_licence(name: str) -> str:
    """Licence of an installed distribution; empty if it states none or is not installed."""
    try:
        fields = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    licence = _first(fields.get_all("License-Expression"))
    if not licence and len(short := _first(fields.get_all("License")).strip()) < MAX_SHORT_NAME:
        licence = short
    if not licence:
        classifiers = fields.get_all("Classifier") or []
        licences = [each for each in classifiers if each.startswith("License ::")]
        licence = _first(licences).rpartition(" :: ")[2]
    return SPELLINGS.get(licence, licence)


def _first(values: list[str] | None) -> str:
    return values[0] if values else ""


def listed_licences(page: str) -> dict[str, str]:
    """Licence of each package in the page's table."""
    table = page.partition(BEGIN)[2].partition(END)[0]
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", table, re.MULTILINE)[2:]
    return {name: licence for licence, names in rows for name in names.split(", ")}


def licence_table(listed: dict[str, str]) -> str:
    """The table of the lock's pins by licence.

    Packages that are not installed here (GPU libraries, Windows) keep their `listed` licence.
    """
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    by_licence: dict[str, list[str]] = {}
    for name in sorted(set(re.findall(r"^([a-z0-9._-]+)==", lock, re.MULTILINE))):
        known = installed_licence(name) or NOT_IN_METADATA.get(name) or listed.get(name)
        by_licence.setdefault(known or "unknown", []).append(name)
    rows = [
        f"| {licence} | {', '.join(names)} |\n" for licence, names in sorted(by_licence.items())
    ]
    return "".join(["| licence | packages |\n", "| --- | --- |\n", *rows])


def updated(page: str) -> str:
    """The page with its table generated anew."""
    before, _, rest = page.partition(BEGIN)
    table = licence_table(listed_licences(page))
    return f"{before}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}"


def test_the_licences_page_lists_every_pin() -> None:
    page = PAGE.read_text(encoding="utf-8")
    listed = listed_licences(page)
    assert len(listed) > 100
    assert "unknown" not in listed.values(), "add the package to NOT_IN_METADATA"
    assert page == updated(page), "update it with .venv/bin/python -m tests.test_licences"


def test_each_font_has_its_licence_beside_it() -> None:
    page = PAGE.read_text(encoding="utf-8")
    fonts = ROOT / "site" / "fonts"
    families = {re.sub(r"(Display)?-.*", "", path.stem) for path in fonts.glob("*.ttf")}
    assert families
    for family in families:
        text = (fonts / f"OFL-{family}.txt").read_text(encoding="utf-8")
        assert "SIL OPEN FONT LICENSE Version 1.1" in text
        assert re.sub(WORD_BREAK, " ", family) in page, family


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
