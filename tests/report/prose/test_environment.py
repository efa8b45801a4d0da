"""Compiled templates are kept, and made anew when what Jinja has put into them changes."""

from pathlib import Path

from report.customization import Customization
from report.paths import TEMPLATES
from report.prose import words
from report.site.pages import _environment


def test_a_word_that_is_part_of_a_compiled_template_may_change(tmp_path: Path) -> None:
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
    assert len(list((tmp_path / "kept").iterdir())) == 1, "what no words give is not kept"
