"""Which characters the fonts of PDF and figures draw, and which become code points."""

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font
from matplotlib.textpath import TextPath

from report.figures.font_coverage import (
    COVERED,
    MAX_LABEL_LENGTH,
    _covered_code_points,
    drawable,
    short_label,
)
from report.figures.style import setup


def test_letters_of_many_scripts_are_drawn() -> None:
    for name in ("canción", "музыка", "μουσική", "שלום", "موسيقى", "հայ", "♪ ♥ ☆", "a\nb"):
        assert drawable(name) == name


def test_what_counts_as_covered_is() -> None:
    known = _covered_code_points()
    covered = [char for char in map(chr, range(0x80, 0x11_0000)) if COVERED.fullmatch(char)]
    assert len(covered) > 1000
    assert [char for char in covered if ord(char) not in known] == []


def test_characters_without_a_glyph_become_code_points() -> None:
    assert drawable("東京 🎵!") == "(U+6771 U+4EAC) (U+1F3B5)!"
    assert drawable("한글") == "(U+D55C U+AE00)"
    assert drawable("\ue000") == "(U+E000)"  # private


def test_labels_are_short_and_in_one_line() -> None:
    assert short_label("a\n\nb") == "a b"
    assert short_label("x" * 300) == "x" * (MAX_LABEL_LENGTH - 1) + "…"
    assert short_label("hip hop") == "hip hop"


def test_figures_draw_what_a_label_may_hold() -> None:
    setup()
    names = font_manager.fontManager._find_fonts_by_props(font_manager.FontProperties())
    charmaps = [set(FT2Font(file).get_charmap()) for file in names]
    for letter in "añжא\u05e9ع♪☆":
        assert any(ord(letter) in known for known in charmaps), letter
    assert len(TextPath((0, 0), "$\\frac{", size=9).vertices) > 0  # not parsed as a formula
