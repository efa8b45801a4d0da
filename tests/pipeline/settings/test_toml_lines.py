"""Lines of settings, held against what `tomllib` reads of the same text."""

import tomllib
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.settings.toml_lines import Keys, lines
from tests.pipeline.settings import invalid_settings
from tests.pipeline.settings.test_load import NAMES, VALUES

DOCUMENT = '''a = 1
b.c = """
x ""\\" """ # c ]
[t]
d = [1, # ]
 2,
 {x = 1, "y z".w = [
 3]}]
[[n.m]]
z=1979-05-27 07:32:00
[[n.m]]
q = '#'
[n.m.k]
r = """a"""""
[ "q.r" . s ]
u=1
'''


def places(value: object, keys: Keys = ()) -> Iterator[Keys]:
    """Every way into a document, as it was read."""
    if keys:
        yield keys
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*keys, name))
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from places(inner, (*keys, index))


def test_every_place_has_the_line_where_it_first_stands() -> None:
    found = lines(DOCUMENT)
    assert set(found) == set(places(tomllib.loads(DOCUMENT)))
    assert {
        ".".join(map(str, keys)): line for keys, line in found.items() if line > 1 and len(keys) > 1
    } == {
        "b.c": 2,
        "t.d": 5,
        "t.d.0": 5,
        "t.d.1": 6,
        "t.d.2": 7,
        "t.d.2.x": 7,
        "t.d.2.y z": 7,
        "t.d.2.y z.w": 7,
        "t.d.2.y z.w.0": 8,
        "n.m": 9,
        "n.m.0": 9,
        "n.m.0.z": 10,
        "n.m.1": 11,
        "n.m.1.q": 12,
        "n.m.1.k": 13,
        "n.m.1.k.r": 14,
        "q.r.s": 15,
        "q.r.s.u": 16,
    }


@settings(deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_any_document_has_a_line_for_each_of_its_places(stated: dict[str, object]) -> None:
    text = invalid_settings.toml(stated)
    try:
        read = tomllib.loads(text)
    except ValueError:  # a number of thousands of digits, half of a pair of signs
        return
    found = lines(text)
    assert set(found) == set(places(read))
    for number, name in enumerate(stated, start=1):
        assert found[(name,)] == number
