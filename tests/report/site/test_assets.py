from report.site.assets import minify_css


def test_a_style_sheet_keeps_its_rules() -> None:
    style = "/* gone */\na :checked,\nb > c {\n  margin: 0 auto;\n  font: 1rem/1.2 var(--x);\n}\n"
    assert minify_css(style) == "a :checked,b>c{margin:0 auto;font:1rem/1.2 var(--x)}"


def test_zeros_and_quotes_are_dropped_only_where_they_say_nothing() -> None:
    style = """
@media (max-width: 20.5rem) {
  [type="range"] + [value*="."]::before { content: "a"; margin: -0.5em 10.5em calc(1em + 0.25em); }
}
@font-face { src: url("fonts/a-0.woff2"), local("A B"); }
"""
    assert minify_css(style) == (
        '@media(max-width:20.5rem){[type=range] + [value*="."]::before'
        '{content:"a";margin:-.5em 10.5em calc(1em + .25em)}}'
        '@font-face{src:url(fonts/a-0.woff2),local("A B")}'
    )
