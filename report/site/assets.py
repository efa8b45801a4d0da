"""The site's own files: fonts, styles, and scripts without what only their authors read."""

import re
import shutil
from pathlib import Path

from report.paths import ASSETS

# A string or template stays as it is; outside of them, spaces about these signs say nothing.
# Plus and minus keep theirs, as `a - -b` is not `a--b`.
LITERAL = re.compile(r"""("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`)""")
SIGNS = re.compile(r" ?([=*<>(){}\[\];,:?&|]) ?")


def copy(site: Path) -> None:
    """Make the folder `site` with all assets but the fonts that only the PDF uses."""
    shutil.copytree(ASSETS, site, ignore=shutil.ignore_patterns("*.ttf"))
    for path in site.glob("*.js"):
        path.write_text(shorter(path.read_text(encoding="utf-8")), encoding="utf-8")


def shorter(script: str) -> str:
    """A script without whole-line comments, indentation and needless spaces.

    Good for scripts whose literals of more than a line are none, and whose regular expressions
    hold neither quotes nor spaces, as this project's are.
    """
    lines = (line.strip() for line in script.splitlines())
    text = "".join(f"{line}\n" for line in lines if line and not line.startswith("//"))
    parts = LITERAL.split(text)
    parts[::2] = [SIGNS.sub(r"\1", part) for part in parts[::2]]
    return "".join(parts)
