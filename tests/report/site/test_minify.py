from pathlib import Path

import pytest
from pygments.lexers.javascript import JavascriptLexer
from pygments.token import Comment, String

from report.paths import ASSETS
from report.site.minify import minify


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("// gone\n  const a = b; // gone\n", "const a=b;"),
        ("/* gone\n */ a /* gone */ in /* gone */ b", "a in b"),
        ("'//  ' + `  ${ a  + b }  //\n ` + / +\\/ /", "'//  '+`  ${a+b}  //\n `+/ +\\/ /"),
        ("a - -b; a + ++b; a / /b/", "a- -b;a+ ++b;a/ /b/"),
        ("1 .toFixed()\n  .length", "1 .toFixed().length"),
        ("a\n(b)\n[c]\n++d\nreturn\ne", "a\n(b)\n[c]\n++d\nreturn\ne"),
        ("f(\n  a,\n  b ?\n c\n : d\n)", "f(a,b?c:d)"),
        ("if (a) {\n  b;\n}\nelse {\n}\n", "if(a){b;}\nelse{}"),
    ],
)
def test_what_remains(script: str, expected: str) -> None:
    assert minify(script) == expected
    assert minify(expected) == expected


@pytest.mark.parametrize("path", sorted(ASSETS.glob("*.js")), ids=lambda path: path.name)
def test_scripts_keep_their_tokens(path: Path) -> None:
    def tokens(script: str) -> list[tuple[object, str]]:
        return [
            (kind, text)
            for kind, text in JavascriptLexer().get_tokens(script)
            if kind not in Comment and (kind in String or text.strip())
        ]

    script = path.read_text(encoding="utf-8")
    assert tokens(minify(script)) == tokens(script)
