"""The README names every pin of the lock under the licence that its own metadata states."""

import re
from importlib import metadata

from tests.study_builds import ROOT

SPELT = {
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
"""Other ways to write a licence's short name."""

ELSEWHERE = {"axe-playwright-python": "MIT", "colorama": "BSD", "cuda-toolkit": "NVIDIA"}
"""What states no licence in its metadata, or is installed on Windows alone: as its pages say."""

WORDS = r"(?<=[a-z])(?=[A-Z0-9])|(?<=[A-Z])(?=[A-Z][a-z])"
"""Between the words of SourceSans3 and STIXTwoMath."""


def stated(name: str) -> str:
    """The licence of an installed distribution: an expression, a short name, or a classifier."""
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    fields = {name: said[name] for name in ("License-Expression", "License") if name in said}
    short = fields.get("License", "").strip()
    classes = [each for each in said.get_all("Classifier") or [] if each.startswith("License ::")]
    found = fields.get("License-Expression", short if len(short) < 45 else "")
    found = found or (classes[0].rpartition(" :: ")[2] if classes else "")
    return SPELT.get(found, found)


def test_the_readme_lists_every_licence() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pins = set(re.findall(r"^([a-z0-9._-]+)==", lock, re.MULTILINE))
    assert len(pins) > 100
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| ([^|]+) \| ([^|]+) \|$", readme.partition("## Licences\n")[2], re.MULTILINE
    )
    listed = {name: licence for licence, names in rows[2:] for name in names.split(", ")}
    true = {name: stated(name) or ELSEWHERE.get(name, "unknown") for name in pins}
    by_licence: dict[str, list[str]] = {}
    for name in sorted(true):
        by_licence.setdefault(true[name], []).append(name)
    table = "\n".join(f"| {each} | {', '.join(by_licence[each])} |" for each in sorted(by_licence))
    # Not everything is installed everywhere (GPU libraries, Windows): the list stands there.
    true |= {name: listed.get(name, "") for name in pins if not stated(name) and name in listed}
    assert listed == true, f"README.md, Licences, should say:\n{table}"


def test_fonts_and_assets_bring_theirs() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Licences\n")[2]
    families = {
        re.sub(r"(Display)?-.*", "", path.stem) for path in (ROOT / "site/fonts").glob("*.ttf")
    }
    assert families
    for family in families:
        text = (ROOT / "site" / "fonts" / f"OFL-{family}.txt").read_text(encoding="utf-8")
        assert "SIL OPEN FONT LICENSE Version 1.1" in text
        assert re.sub(WORDS, " ", family) in readme, family
