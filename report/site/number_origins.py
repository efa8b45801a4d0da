"""Writes what pages show in place of the numbers that they cite: value, interval and step.

Values have one decimal more than in the text.
"""

import html
import re
from pathlib import Path

from pipeline.results.schema import Number
from report.language import spanish
from report.language.words import Words
from report.queries.results import Results
from report.site.sound_files import write_data_script

CITED = re.compile(r'<a\s+href="[^"]*"\s+class="n"\s+title="([^"]+)"')
MAX_ROWS = 1200
"""Numbers shown of those that a pattern matches."""

Row = tuple[str, str, str, str]


def write(file: str, body: str, results: Results, words: Words, site: Path) -> str:
    """Write the script of the numbers in a page's body; return its address, empty if it cites none.

    The script passes rows (value, interval, step, name) by the title of the link, which is a
    number's name or a pattern (see `report.prose.provenance.pattern`), and the steps' functions.
    """
    titles = dict.fromkeys(map(html.unescape, CITED.findall(body)))
    rows = {title: _rows(title, results, words) for title in titles}
    if not rows:
        return ""
    functions = {row[2]: words("site.assembly") for each in rows.values() for row in each}
    functions |= {step.name: step.function for step in results.steps if step.name in functions}
    address = f"datos/numeros/{Path(file).stem}.js"
    write_data_script(site / address, "numeros", rows, functions)
    return address


def _rows(title: str, results: Results, words: Words) -> list[Row]:
    first = title.removesuffix(" …")
    pattern = re.compile(r"[^.]+".join(map(re.escape, first.split("*"))))
    names = [first] if first in results.numbers else filter(pattern.fullmatch, results.numbers)
    return [_row(results.numbers[name], words) for name in list(names)[:MAX_ROWS]]


def _row(number: Number, words: Words) -> Row:
    unit = words.get(f"units.{number.unit}", number.unit)
    places = 0 if isinstance(number.value, int) else spanish.decimals_for(number) + 1
    notes = []
    if number.interval is not None:
        low, high = (spanish.decimal(each, places) for each in number.interval)
        notes.append(words.fill("site.interval", low=low, high=high))
    if number.clips is not None:
        notes.append(words.fill("site.clips", n=spanish.integer(number.clips)))
    value = spanish.with_unit(spanish.decimal(number.value, places), unit)
    return value, "; ".join(notes), number.step, number.name
