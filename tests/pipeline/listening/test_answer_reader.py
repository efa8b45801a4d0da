"""Only complete, unedited answers of people to this study count; everything else is listed."""

import json
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.listening.answer_format import checksum, parse
from pipeline.listening.answer_reader import MAX_BYTES, ReadTests, answer_files, read_answers
from tests.pipeline.listening.simulated_listeners import (
    STIMULI,
    STUDY,
    Content,
    Listener,
    code,
    signed,
    write,
)


def person(seed: int = 1, name: str = "") -> Listener:
    return Listener(STIMULI, STUDY, seed, name, simulated=False)


def read(folder: Path) -> ReadTests:
    return read_answers(folder, answer_files(folder), STUDY, STIMULI)


def reasons(folder: Path) -> dict[str, str]:
    return {each.file: each.reason for each in read(folder).left_out}


GOOD: dict[str, Content] = {
    "fixed": person(1).abx("net.4000", 16, 0.8),
    "staircase": person(2).staircase("net", 12),
    "mushra": person(3, "Zoë 👩‍🎤").mushra({"original": 98}),
    "preference": person(4).preference({}),
}


def test_the_checksum_is_fnv_1a() -> None:
    # 0xbf9cf968 is the published FNV-1a of "foobar"; the canonical JSON of a text has quotes.
    digest = 0x811C9DC5
    for byte in b'{"listener":"\xc3\xb1"}':
        digest = (digest ^ byte) * 0x01000193 % 2**32
    assert checksum({"listener": "ñ", "check": "x"}) == f"{digest:08x}"


@pytest.mark.parametrize("kind", GOOD)
def test_good_answers_count_as_json_and_as_code(kind: str, tmp_path: Path) -> None:
    write(tmp_path / "a.json", GOOD[kind])
    (found,) = read(tmp_path).tests
    assert found == parse(GOOD[kind])
    text = code(GOOD[kind])
    lines = "\n".join(text[place : place + 60] for place in range(0, len(text), 60))
    (tmp_path / "a.json").unlink()
    (tmp_path / "a.txt").write_text(f"Hola:\r\n\r\n{lines}\r\n\r\nChau", encoding="utf-8")
    assert read(tmp_path).tests == [found]


def test_one_text_may_have_many_codes_of_which_damaged_ones_are_listed(tmp_path: Path) -> None:
    good = [code(content) for content in GOOD.values()]
    text = "\n".join(good[:2]) + "\n\n" + "\n\n".join([*good[2:], good[0][:-20], "latentes1:%%"])
    (tmp_path / "whatsapp.txt").write_text(text, encoding="utf-8")
    found = read(tmp_path)
    assert len(found.tests) == 4
    assert [each.file for each in found.left_out] == ["whatsapp.txt, 5", "whatsapp.txt, 6"]
    assert {each.reason for each in found.left_out} == {"unreadable"}


def changed(kind: str, trial: int | None = None, **changes: Any) -> Content:
    content: Content = json.loads(json.dumps(GOOD[kind]))
    if trial is None:
        return signed(content, **changes)
    content["trials"][trial] |= changes
    return signed(content)


WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "negative time": (lambda: changed("fixed", 0, ms=-5), "invalid"),
    "a score above the scale": (lambda: changed("mushra", 0, scores=[101] * 8), "invalid"),
    "a fraction": (lambda: changed("fixed", 0, ms=1.5), "unreadable"),
    "true as a number": (lambda: changed("fixed", 0, switches=True), "invalid"),
    "an infinite number": (lambda: '{"seed": Infinity}', "unreadable"),
    "a number of a million digits": (lambda: '{"seed": ' + "9" * 900_000 + "}", "unreadable"),
    "an unknown key": (lambda: changed("fixed", e_mail="a@b.c"), "invalid"),
    "a missing key": (
        lambda: {k: v for k, v in GOOD["fixed"].items() if k != "seed"},
        "invalid",
    ),
    "a nickname with control characters": (
        lambda: changed("fixed", listener="a\x1b[31m"),
        "invalid",
    ),
    "a nickname that turns text around": (lambda: changed("fixed", listener="a\u202eb"), "invalid"),
    "half a character": (lambda: changed("fixed", listener="\ud800"), "invalid"),
    "a long nickname": (lambda: changed("fixed", listener="x" * 41), "invalid"),
    "too many trials": (
        lambda: changed("fixed", trials=GOOD["fixed"]["trials"] * 13),
        "invalid",
    ),
    "another format": (lambda: changed("fixed", format="latentes-answers-2"), "invalid"),
    "another test": (lambda: changed("fixed", test=["abx"]), "invalid"),
    "a list": (lambda: [GOOD["fixed"]], "invalid"),
    "another study": (lambda: changed("fixed", study="0" * 64), "other_study"),
    "an edited answer": (
        lambda: changed("fixed") | {"listener": "another"},
        "edited",
    ),
    "an edited X": (
        lambda: changed("fixed", 3, x="ab"[GOOD["fixed"]["trials"][3]["x"] == "a"]),
        "edited",
    ),
    "another song": (lambda: changed("fixed", 0, song="no such song"), "edited"),
    "another seed": (lambda: changed("mushra", seed=99), "edited"),
    "a test cut short": (lambda: changed("fixed", trials=GOOD["fixed"]["trials"][:9]), "edited"),
    "a staircase cut short": (
        lambda: changed("staircase", trials=GOOD["staircase"]["trials"][:-1]),
        "edited",
    ),
    "an unknown size": (lambda: changed("fixed", version="net.17"), "edited"),
    "a size with zeros": (lambda: changed("fixed", version="net.04000"), "edited"),
    "an unknown family": (lambda: changed("staircase", family="nope"), "edited"),
    "fewer scores than versions": (lambda: changed("mushra", 0, scores=[50] * 3), "edited"),
    "a simulated listener": (
        lambda: Listener(STIMULI, STUDY, 5).abx("net.4000", 16, 0.9),
        "simulated",
    ),
    "deep nesting": (lambda: "[" * 400_000, "nested"),
    "deep nesting after quotes": (lambda: '["\\"{{{{{{{{",' + "[" * 9, "nested"),
    "quotes and backslashes": (lambda: '{"' + '\\"' * 400_000, "unreadable"),
    "nothing": (lambda: "", "unreadable"),
    "more than a megabyte": (lambda: " " * (MAX_BYTES + 1), "too_large"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_answers_are_left_out_with_one_reason(name: str, tmp_path: Path) -> None:
    make, reason = WRONG[name]
    content = make()
    text = content if isinstance(content, str) else json.dumps(content)
    (tmp_path / "a.json").write_text(text, encoding="utf-8")
    found = read(tmp_path)
    assert [(each.file, each.reason) for each in found.left_out] == [("a.json", reason)]
    assert "\n" not in found.left_out[0].detail
    assert len(found.left_out[0].detail) <= 90
    assert not found.tests


def test_a_code_that_expands_to_much_more_is_not_expanded(tmp_path: Path) -> None:
    import base64

    deflate = zlib.compressobj(9, wbits=-15)
    bomb = deflate.compress(bytes(20_000_000)) + deflate.flush()
    text = base64.urlsafe_b64encode(bomb).decode().rstrip("=")
    (tmp_path / "a.txt").write_text(f"latentes1:{text}", encoding="utf-8")
    assert reasons(tmp_path) == {"a.txt": "too_large"}


def test_a_test_counts_once_and_other_files_are_told(tmp_path: Path) -> None:
    write(tmp_path / "1.json", GOOD["fixed"])
    write(tmp_path / "2.json", changed("fixed", 0, ms=1))
    write(tmp_path / "3.json", person(1, "Ana").abx("net.4000", 16, 0.8))
    (tmp_path / "4.md").write_text("# x")
    (tmp_path / "5.txt").write_text("no code here")
    (tmp_path / ".hidden.json").write_text("x")
    (tmp_path / "folder.json").mkdir()
    (tmp_path / "6.json").write_bytes(b"\xff\xfe{")
    assert len(read(tmp_path).tests) == 2
    assert reasons(tmp_path) == {
        "2.json": "repeated",
        "4.md": "other_type",
        "5.txt": "unreadable",
        "6.json": "unreadable",
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_file_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    write(tmp_path / "a.json", GOOD["fixed"])
    (tmp_path / "a.json").chmod(0)
    assert reasons(tmp_path) == {"a.json": "unreadable"}
