"""Compiled templates are cached, and the cache is invalidated when the words change."""

from pathlib import Path

from report.customization import Customization
from report.language import words
from report.paths import TEMPLATES
from report.site.pages import _environment


def test_changed_word_invalidates_the_cache(tmp_path: Path) -> None:
    customization = Customization(tmp_path / "propias")
    (tmp_path / "propias").mkdir()
    (tmp_path / "propias" / "uno.html").write_text('{{ "jazz" | genre }}')

    def said(word: str) -> str:
        (tmp_path / "propias" / "words.toml").write_text(f'[genres]\njazz = "{word}"\n')
        spoken = words.read(tmp_path / "propias", TEMPLATES)
        return (
            _environment(spoken, customization, tmp_path / "kept").get_template("uno.html").render()
        )

    assert said("yas") == "yas"
    assert said("yaz") == "yaz"
    assert len(list((tmp_path / "kept").iterdir())) == 1, "stale entries are removed"
