import pytest

from report.site.minify import minify


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("function add(first, second) { return first + second; }", "function a(a,b){return a+b}"),
        ("const wide = (other) => other.wide + a;", "let b=b=>b.wide+a;"),
        ("const wide = (other) => other.wide + wide;", "let a=b=>b.wide+a;"),
        ("const {key, other: name} = key;", "let{key:a,other:b}=a;"),
        ("const [one, ...rest] = rest;", "let[b,...a]=a;"),
        ("const value = {value: 1, other}, other;", "let b={value:1,other:a},a;"),
        (
            "x = {draw(size) { draw(size); }}; function draw() {}",
            "x={draw(b){a(b)}};function a(){}",
        ),
        (
            "const size = 1; `size ${size} ${document.size}`;",
            "let a=1;`size ${a} ${document.size}`;",
        ),
        ("try {} catch (error) { f(error); }", "try{}catch(a){f(a)}"),
        ("let one; f(x ? (one) => x?.one ? one : x : one);", "let a;f(x?a=>x?.one?a:x:a);"),
        ("if (x) { y = 1; }", "if(x){y=1}"),
        ("for (const from of x) f(from); g(from);", "for(let a of x)f(a);g(from);"),
        ("for (let i = 0; ; i++) if (x) f(i); else g(i);", "for(let a=0;;a++)if(x)f(a);else g(a);"),
        ("f((unused) => { const used = 1; used; });", "f(b=>{let a=1;a});"),
    ],
)
def test_variables_get_short_names_in_their_scope(script: str, expected: str) -> None:
    assert minify(script) == expected
