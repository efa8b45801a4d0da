"""Removes comments and unneeded white space from the site's scripts, and shortens local names."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import product
from string import ascii_letters

from pygments.lexers.javascript import JavascriptLexer
from pygments.token import Comment, Keyword, Name, String

STATEMENT_GOES_ON_AFTER = "{;,(=>?:&|["
STATEMENT_GOES_ON_BEFORE = ")};.?:]"

APART = re.compile(r"[\w$]{2}|\+\+|--|//|\d\.")
"""Neighbouring characters that belong to one token unless a space divides them."""

STATEMENTS = {"if", "for", "while", "switch", "function"}
SHORT_KEYWORDS = {"as", "do", "if", "in", "of"}

OPENING, CLOSING = {"(", "[", "{", "${"}, {")", "]", "}"}


def minify(script: str) -> str:
    """The same JavaScript without comments, indentation, most spaces and long local names.

    Statements must end in semicolons.
    """
    tokens: list[str] = []
    gap = ""
    lexed = list(JavascriptLexer(stripnl=False).get_tokens(script))
    for kind, text in join_statements(shorten_names(lexed)):
        if kind in Comment or (kind not in String and not text.strip()):
            gap += text
            continue
        if gap and tokens:
            tokens.append(_separator(tokens[-1][-1], gap, text[0]))
        tokens.append(text)
        gap = ""
    return "".join(tokens)


def _separator(before: str, gap: str, after: str) -> str:
    """What remains of the gap between two tokens, which end and begin with these characters."""
    goes_on = before in STATEMENT_GOES_ON_AFTER or after in STATEMENT_GOES_ON_BEFORE
    if "\n" in gap and not goes_on:
        return "\n"
    return " " if APART.fullmatch(before + after) else ""


def join_statements(tokens: list[tuple[object, str]]) -> list[tuple[object, str]]:
    """Drop semicolons before a brace; neighbouring declarations share one `const` or `let`."""
    code = [i for i, (kind, text) in enumerate(tokens) if kind not in Comment and text.strip()]
    texts = ["''" if tokens[i][0] in String.Single else tokens[i][1] for i in code]
    partner, _ = _brackets(texts)
    result = list(tokens)
    declaring = [""]  # in each open bracket, the word that began the current statement
    for n, text in enumerate(texts[:-1]):
        after = texts[n + 1]
        if text in OPENING:
            declaring.append("")
        elif text in CLOSING:
            declaring.pop()
        elif text in ("const", "let"):
            declaring[-1] = text
        elif text == ";":
            word, declaring[-1] = declaring[-1], ""
            head = texts[partner[n - 1] - 1] if texts[n - 1] == ")" else ""
            if after == "}" and head not in STATEMENTS:
                result[code[n]] = (tokens[code[n]][0], "")
            elif after == word:
                result[code[n]] = (tokens[code[n]][0], ",")
                result[code[n + 1]] = (tokens[code[n + 1]][0], "")
                declaring[-1] = word
                texts[n + 1] = ""
    return result


def shorten_names(tokens: list[tuple[object, str]]) -> list[tuple[object, str]]:
    """Rename the names that a script declares for itself.

    A variable gets the same new name throughout the script, and no other
    name gets that one: scopes need no analysis. Properties and keys keep theirs. Names that are
    also methods or shorthand properties (`{name}`) are left alone.
    """
    code = [i for i, (kind, text) in enumerate(tokens) if kind not in Comment and text.strip()]
    kinds = [tokens[i][0] for i in code]
    texts = [
        "''" if kind in String and kind not in String.Interpol else tokens[i][1]
        for i, kind in zip(code, kinds, strict=True)
    ]
    partner, container = _brackets(texts)
    declared, kept, uses = set(), set(), Counter[str]()
    variables = []
    for n, text in enumerate(texts):
        if kinds[n] not in Name or kinds[n] in Name.Builtin:
            continue
        before, after = texts[n - 1] if n else "", texts[n + 1] if n + 1 < len(texts) else ""
        if before == "." or (after == ":" and before in ("{", ",")):
            continue
        variables.append(n)
        uses[text] += 1
        around = container[n]
        in_braces = around is not None and texts[around] == "{"
        if before in ("{", ",") and after in ("}", ",", "=") and in_braces:
            kept.add(text)
        if after == "(" and before != "function":
            closing = partner[n + 1]
            if closing + 1 < len(texts) and texts[closing + 1] == "{":
                kept.add(text)
    for n in _declarations(texts, partner):
        if kinds[n] in Name and kinds[n] not in Name.Builtin:
            declared.add(texts[n])
    used = {text for kind, text in tokens if kind in Name or kind in Keyword} | SHORT_KEYWORDS
    letters = ("".join(pair) for length in (1, 2) for pair in product(ascii_letters, repeat=length))
    unused = (name for name in letters if name not in used)
    commonest_first = sorted(
        (name for name in declared - kept if len(name) > 2), key=lambda name: (-uses[name], name)
    )
    renamed = dict(zip(commonest_first, unused, strict=False))
    result = list(tokens)
    for n in variables:
        kind, text = tokens[code[n]]
        result[code[n]] = (kind, renamed.get(text, text))
    return result


def _brackets(texts: list[str]) -> tuple[dict[int, int], list[int | None]]:
    """The partner of each bracket, and the innermost bracket around each token."""
    partner: dict[int, int] = {}
    container: list[int | None] = []
    open_: list[int] = []
    for n, text in enumerate(texts):
        if text in CLOSING and open_:
            partner[open_[-1]] = n
            partner[n] = open_.pop()
        container.append(open_[-1] if open_ else None)
        if text in OPENING:
            open_.append(n)
    return partner, container


def _declarations(texts: list[str], partner: dict[int, int]) -> Iterator[int]:
    """Positions of names that `const`, `let`, `function` and parameters declare."""

    def within(start: int) -> Iterator[int]:
        """Names in a list of parameters or a pattern that opens at `start`."""
        n = start + 1
        while n < partner[start]:
            if texts[n] in ("[", "{") and texts[n - 1] in ("(", "[", "{", ",", ":"):
                yield from within(n)
            elif texts[n - 1] in ("(", "[", ",", "...", ":", "{"):
                yield n
            n = partner[n] + 1 if texts[n] in OPENING else n + 1

    for n, text in enumerate(texts):
        if text in ("const", "let"):
            if texts[n + 1] in ("[", "{"):
                yield from within(n + 1)
            else:
                yield n + 1
        elif text == "function":
            start = texts.index("(", n)
            if start > n + 1:
                yield start - 1
            yield from within(start)
        elif text == "(" and texts[partner[n] + 1 : partner[n] + 2] == ["{"]:
            if texts[n - 1] not in STATEMENTS:  # a method, or catch
                yield from within(n)
        elif text == "=>":
            if texts[n - 1] == ")":
                yield from within(partner[n - 1])
            else:
                yield n - 1
