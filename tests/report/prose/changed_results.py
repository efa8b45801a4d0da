"""The report of a sample whose results were edited."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from report.customization import Customization
from report.language import words
from report.prose import document
from report.queries.results import read
from tests.report.plain_text import plain

Folder = Callable[[str], Path]
Content = dict[str, Any]
Edit = Callable[[Content], None]
Change = Callable[[str, Edit], str]


def said(folder: Path) -> str:
    """The report's Markdown without provenance, escapes and special spaces."""
    return plain(document.write(read(folder), words.read(), Customization()))


def said_after(results: Path, folder: Path, edit: Edit) -> str:
    """The report of a copy of the results in `folder`, after editing it."""
    shutil.copytree(results, folder)
    path = folder / "results.json"
    content = json.loads(path.read_text(encoding="utf-8"))
    before = {name: number["value"] for name, number in content["numbers"].items()}
    edit(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    with np.load(folder / content["per_clip"]) as arrays:
        values = dict(arrays)
    for name, number in content["numbers"].items():
        if name in values and number["value"] != before[name]:
            values[name] = number["value"] + np.linspace(-0.01, 0.01, len(values[name]))
    np.savez(folder / content["per_clip"], **values)
    return said(folder)


def setting(pattern: str, value: float, interval: list[float] | None = None) -> Edit:
    """Return an edit that sets all numbers that match a pattern to one value."""

    def edit(content: Content) -> None:
        found = [name for name in content["numbers"] if re.fullmatch(pattern, name)]
        assert found, pattern
        for name in found:
            content["numbers"][name] |= {"value": value}
            if interval:
                content["numbers"][name] |= {"interval": interval}

    return edit
