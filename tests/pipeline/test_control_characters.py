"""Escaping of control characters, and slugs."""

import re
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from pipeline.control_characters import JOINERS, escape_invisible, escape_invisible_json, one_line
from pipeline.slug import slug


def test_invisible_characters_become_code_points() -> None:
    assert escape_invisible("a\u202eb\u2066c\ufeffd\x1b[2J\0") == (
        "a(U+202E)b(U+2066)c(U+FEFF)d(U+001B)[2J(U+0000)"
    )
    assert escape_invisible("\ud800") == "(U+D800)"
    for name in ("canción ñandú", "東京", "שלום", "👩\u200d🎤", "می\u200cشود", "a\tb\nc"):
        assert escape_invisible(name) == name
    assert one_line("a\r\nb") == "a(U+000D)(U+000A)b"


def test_all_strings_of_json_are_escaped() -> None:
    found = escape_invisible_json({"\u202ea": ["\x9b", 1, None, {"b": "\u2028"}], "c": "c"})
    assert found == {"(U+202E)a": ["(U+009B)", 1, None, {"b": "(U+2028)"}], "c": "c"}


@given(st.text())
def test_no_control_character_remains(text: str) -> None:
    kinds = {unicodedata.category(one) for one in set(one_line(text)) - set(JOINERS)}
    assert not kinds & {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_slugs_of_names_in_other_scripts_differ() -> None:
    assert slug("Canción de prueba") == "cancion-de-prueba"
    assert slug("../../etc/passwd") == "etc-passwd"
    names = ["東京", "京都", "🎵", "", "..", "x" * 300, "x" * 301, "a東", "a京"]
    slugs = [slug(name) for name in names]
    assert len({*slugs}) == len(names)
    assert all(re.fullmatch("[a-z0-9-]{1,69}", each) for each in slugs)


@given(st.text())
def test_a_slug_is_a_safe_name(text: str) -> None:
    assert re.fullmatch("[a-z0-9][a-z0-9-]{0,68}", slug(text))
