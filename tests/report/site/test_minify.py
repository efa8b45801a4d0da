import pytest
from playwright.sync_api import Browser

from report.site.minify import minify


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("// gone\n  let g = b; // gone\n", "let a=b;"),
        ("/* gone\n */ a /* gone */ in /* gone */ b", "a in b"),
        ("'//  ' + `  ${ a  + b }  //\n ` + / +\\/ /", "'//  '+`  ${a+b}  //\n `+/ +\\/ /"),
        ("a - -b; a + ++b; a / /b/", "a- -b;a+ ++b;a/ /b/"),
        ("1 .toFixed()\n  .length", "1 .toFixed().length"),
        ("if (a) {\n  b;\n}\nelse {\n}\n", "if(a){b}else{}"),
        ("if (a) {\n  b;\n}\nc;\nreturn\n/d/", "if(a){b}c;return/d/"),
        ("{ f(); while (g());\n }", "{f();while(g());}"),
        ("f(0.5, true, false, [1, 2,], x.true)", "f(.5,!0,!1,[1,2],x.true)"),
        ('"use strict";\nf("use strict");', 'f("use strict");'),
    ],
)
def test_what_remains(script: str, expected: str) -> None:
    assert minify(script) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("let a = 1;\nconst [b] = c;\nlet d;\ng;", "let a=1,[b]=c,d;g;"),
        ("let a = () => { const b = 1; };\nlet c = ';';", "let a=()=>{let a=1},b=';';"),
        ("for (const a of b) { c; }\nconst d = 1;", "for(let a of b){c}let a=1;"),
    ],
)
def test_declarations_are_joined(script: str, expected: str) -> None:
    assert minify(script) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("(function () { f(); })();", "(()=>{f()})();"),
        ("f(async function (a) { return a; }, (b) => b)", "f(async a=>{return a},a=>a)"),
        ("f(() => 1, ({ g }) => g, (...h) => h)", "f(()=>1,({g:a})=>a,(...a)=>a)"),
        ("x = function () { f(class { g() { this; } }); };", "x=()=>{f(class{g(){this}})};"),
        ("x = function () { this; };", "x=function(){this};"),
        ("x = y || function () {};", "x=y||function(){};"),
        ("function f() {}", "function a(){}"),
    ],
)
def test_functions_become_arrow_functions(script: str, expected: str) -> None:
    assert minify(script) == expected


SCOPES = """(() => {
  "use strict";
  const results = [];
  const first = 1, second = (third) => third + first, { key, other: renamed = 2 } = { key: 7 };
  function outer(first, { second: [inner = first] }, ...rest) {
    const before = [first, inner, rest.length, key, renamed];
    for (const [name, value] of Object.entries({ first, second, key })) before.push(name, value);
    for (let i = 0, size = 2; i < size; i++) if (i) before.push(i); else before.push(size);
    const values = rest.map((value) => value ? { value, first } : null).filter(Boolean);
    { const first = "block"; before.push(first, `${first} ${second ? `in ${key}` : ""}`); }
    try { throw new Error("x"); } catch (error) { before.push(error.message); }
    return { before, values, async later(value) { return value; }, get size() { return inner; } };
  }
  const made = class { constructor(kept) { this.kept = kept; } doubled(times) {
    return [1, 2].map((each) => each * times * this.kept); } };
  const counters = [];
  for (const each of [1, 2, 3]) counters.push(() => each);
  results.push(outer(3, { second: [] }, 4, 0, 5), outer(3, { second: [9] }).size);
  results.push(new made(3).doubled(2), counters.map((count) => count()), second(4));
  return JSON.stringify(results);
})()"""


def test_a_script_does_the_same(browser: Browser) -> None:
    page = browser.new_page()
    assert page.evaluate(minify(SCOPES)) == page.evaluate(SCOPES)
    page.close()
