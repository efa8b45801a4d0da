from pathlib import Path

import pytest
from pygments.lexers.javascript import JavascriptLexer
from pygments.token import Comment, Name, String

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
        ("if (a) {\n  b;\n}\nelse {\n}\n", "if(a){b}\nelse{}"),
        ("{ f(); while (g());\n }", "{f();while(g());}"),
        ("const a = 1;\nconst [b] = c;\nlet d;\nlet e;\ng;", "const a=1,[b]=c;let d,e;g;"),
        ("const a = () => { const b = 1; };\nconst c = ';';", "const a=()=>{const b=1},c=';';"),
        ("for (const a of b) { c; }\nconst d = 1;", "for(const a of b){c}\nconst d=1;"),
    ],
)
def test_what_remains(script: str, expected: str) -> None:
    assert minify(script) == expected
    assert minify(expected) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("function add(first, second) { return first + second; }", "function c(a,b){return a+b}"),
        ("const wide = (other) => other.wide + a", "const c=(b)=>b.wide+a"),
        ("const {key, other: name} = key", "const{key,other:a}=key"),
        ("const [one, ...rest] = rest", "const[b,...a]=a"),
        ("const value = {value: 1, other}, other", "const a={value:1,other},other"),
        (
            "x = {draw(size) { draw(size); }}; function draw() {}",
            "x={draw(a){draw(a)}};function draw(){}",
        ),
        (
            "const size = 1; `size ${size} ${document.size}`",
            "const a=1;`size ${a} ${document.size}`",
        ),
        ("try {} catch (error) { f(error) }", "try{}catch(a){f(a)}"),
    ],
)
def test_local_names_are_shortened(script: str, expected: str) -> None:
    assert minify(script) == expected


JOINED = (";", ",", "const", "let")
"""Tokens that go, or give way to one another, where statements are joined."""


@pytest.mark.parametrize("path", sorted(ASSETS.glob("*.js")), ids=lambda path: path.name)
def test_scripts_keep_their_tokens_but_for_local_names(path: Path) -> None:
    def tokens(script: str) -> list[tuple[object, str, bool]]:
        found = [
            (kind, text)
            for kind, text in JavascriptLexer().get_tokens(script)
            if kind not in Comment and (kind in String or text.strip())
        ]
        texts = ["", *(text for _, text in found), ""]
        return [
            (kind, text, texts[n] == "." or (texts[n] in ("{", ",") and texts[n + 2] == ":"))
            for n, (kind, text) in enumerate(found)
            if kind in String or text not in JOINED
        ]

    before = tokens(path.read_text(encoding="utf-8"))
    after = tokens(minify(path.read_text(encoding="utf-8")))
    assert [kind for kind, *_ in after] == [kind for kind, *_ in before]
    variables: dict[str, str] = {}
    for (kind, old, is_property), (_, new, _) in zip(before, after, strict=True):
        if kind in Name and not is_property:
            assert variables.setdefault(old, new) == new
        else:
            assert new == old
    assert len(set(variables.values())) == len(variables)
