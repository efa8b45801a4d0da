"""Every pin of the lock installs from a wheel on each supported platform, without a compiler.

The lock has digests without file names; tests/wheels.txt has the name of each digest, in the
format of sha256sum. CONTRIBUTING.md has the commands that update both.
"""

import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms
from packaging.utils import canonicalize_name, parse_wheel_filename

from tests.study_builds import ROOT

TABLE = ROOT / "tests" / "wheels.txt"

PLATFORMS = {
    ("linux", "x86_64"): [
        *(f"manylinux_2_{minor}_x86_64" for minor in range(5, 29)),
        *("manylinux1_x86_64", "manylinux2010_x86_64", "manylinux2014_x86_64"),
    ],
    ("linux", "aarch64"): [
        *(f"manylinux_2_{minor}_aarch64" for minor in range(17, 35)),
        "manylinux2014_aarch64",
    ],
    ("darwin", "arm64"): list(mac_platforms((14, 0), "arm64")),
}
"""Platform tags that pip accepts on the oldest systems that README names."""

TARGETS = [(*platform, minor) for platform in PLATFORMS for minor in (11, 12, 13, 14)]
"""Operating system, processor and minor version of Python 3."""


def accepted_tags(system: str, processor: str, minor: int) -> set[Tag]:
    """Tags of the wheels that pip installs on a target."""
    platforms = PLATFORMS[system, processor]
    return {
        *cpython_tags((3, minor), platforms=platforms),
        *compatible_tags((3, minor), f"cp3{minor}", platforms),
    }


def pins(system: str, processor: str, minor: int) -> Iterator[tuple[Requirement, set[str]]]:
    """The pins that a target installs, with their digests."""
    environment = {
        "sys_platform": system,
        "platform_system": system.capitalize(),
        "platform_machine": processor,
        "python_version": f"3.{minor}",
        "python_full_version": f"3.{minor}.0",
    }
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", "")
    for line in lock.splitlines():
        pin, *digests = line.split("--hash=sha256:")
        requirement = Requirement(pin.strip())
        if not requirement.marker or requirement.marker.evaluate(environment):
            yield requirement, {digest.strip() for digest in digests}


def without_wheel(target: tuple[str, str, int]) -> list[str]:
    """Pins that have no wheel for a target."""
    tags = accepted_tags(*target)
    usable: dict[str, set[str]] = {}
    for line in TABLE.read_text(encoding="ascii").splitlines():
        digest, file = line.split()
        name, version, _, file_tags = parse_wheel_filename(file)
        if file_tags & tags:
            usable.setdefault(f"{name}=={version}", set()).add(digest)
    return [
        str(pin)
        for pin, digests in pins(*target)
        if not digests & usable.get(f"{canonicalize_name(pin.name)}{pin.specifier}", set())
    ]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: "{}-{}-3.{}".format(*target))
def test_every_pin_has_a_wheel(target: tuple[str, str, int]) -> None:
    assert len(list(pins(*target))) > 100
    assert not without_wheel(target), "no wheel, or a changed lock: see CONTRIBUTING.md"


def main(pylock: str) -> None:
    """Write the table from a lock of the format pylock.toml."""
    tags = set().union(*(accepted_tags(*target) for target in TARGETS))
    rows = {
        f"{wheel['hashes']['sha256']}  {file}\n"
        for package in tomllib.loads(Path(pylock).read_text(encoding="utf-8"))["packages"]
        for wheel in package.get("wheels", ())
        for file in [wheel["url"].rpartition("/")[2]]
        if parse_wheel_filename(file)[3] & tags
    }
    TABLE.write_text("".join(sorted(rows, key=lambda row: row.split()[1])), encoding="ascii")


if __name__ == "__main__":
    main(sys.argv[1])
