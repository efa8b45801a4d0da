"""The command line: a wrong one is reported in one line, like every other error of the user."""

from pathlib import Path

import pytest

from tests.study_builds import latentes_in_process


@pytest.mark.parametrize(
    ("command", "line", "status"),
    [
        ("serve --port abc", "Invalid value for '--port': ", 2),
        ("serve --port 80.5", "Invalid value for '--port': ", 2),
        ("serve --port", "Option '--port' requires an argument (see latentes --help)", 2),
        ("serve --port=-1", "port -1: not between 0 and 65535; choose another with --port", 1),
        ("serve --port 65536", "port 65536: not between 0 and 65535; ", 1),
        ("serve --prot 80", "No such option: --prot (Possible options: ", 2),
        ("build --dry-run=3", "Option '--dry-run' does not take a value (see latentes --help)", 2),
        ("build a.toml b.toml", "Got unexpected extra argument(s) (b.toml) (see ", 2),
        ("encode", "Missing argument 'file' (see latentes encode --help)", 2),
        ("biuld", "No such command 'biuld'. Did you mean 'build'? (see latentes --help)", 2),
    ],
)
def test_a_wrong_command_line_is_one_line(
    tmp_path: Path, command: str, line: str, status: int
) -> None:
    run = latentes_in_process(*command.split(), cwd=tmp_path)
    assert run.stderr.startswith(f"latentes: {line}")
    assert (run.stderr.count("\n"), run.stdout, run.returncode) == (1, "", status)
    assert not any(tmp_path.iterdir())


def test_without_a_command_the_help_is_printed(tmp_path: Path) -> None:
    alone = latentes_in_process(cwd=tmp_path)
    asked = latentes_in_process("--help", cwd=tmp_path)
    assert "serve" in alone.stdout + alone.stderr
    assert (alone.returncode, asked.returncode) == (2, 0)
    assert "latentes: " not in alone.stderr
