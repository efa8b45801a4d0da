"""Line numbers of settings, compared with what `tomllib` parses."""

import tomllib
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.settings.toml_lines import KeyPath, key_lines
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


def key_paths(value: object, keys: KeyPath = ()) -> Iterator[KeyPath]:
    """All key paths of a parsed document."""
    if keys:
        yield keys
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from key_paths(inner, (*keys, name))
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from key_paths(inner, (*keys, index))


def test_every_key_path_has_the_line_of_its_first_occurrence() -> None:
    found = key_lines(DOCUMENT)
    assert set(found) == set(key_paths(tomllib.loads(DOCUMENT)))
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
def test_any_document_has_a_line_for_each_key_path(stated: dict[str, object]) -> None:
    text = invalid_settings.toml(stated)
    try:
        read = tomllib.loads(text)
    except ValueError:  # thousands of digits, or a lone surrogate
        return
    found = key_lines(text)
    assert set(found) == set(key_paths(read))
    for number, name in enumerate(stated, start=1):
        assert found[(name,)] == number
