from report.site.assets import minify_css


def test_a_style_sheet_keeps_its_rules() -> None:
    style = "/* gone */\na :checked,\nb > c {\n  margin: 0 auto;\n  font: 1rem/1.2 var(--x);\n}\n"
    assert minify_css(style) == "a :checked,b > c{margin:0 auto;font:1rem/1.2 var(--x)}"
