"""Publishing to a real git remote and to a zip file."""

import subprocess
import zipfile
from pathlib import Path

import pytest

from report.errors import ReportError
from report.publish.github_pages import push_to_branch
from report.publish.zip_archive import write_zip


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A small site with file names that are difficult for git and zip."""
    folder = tmp_path / "site"
    (folder / "audio").mkdir(parents=True)
    (folder / "index.html").write_bytes(b"<!doctype html>\r\n<title>x</title>")
    (folder / "audio" / "-a b.flac").write_bytes(bytes(range(256)))
    (folder / ".gitignore").write_text("*.flac\n")
    return folder


@pytest.fixture
def remote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty bare repository; the environment has an identity for commits."""
    for who in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{who}_NAME", "A. Author")
        monkeypatch.setenv(f"GIT_{who}_EMAIL", "author@example.org")
    bare = tmp_path / "remote.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(bare)], check=True)
    return bare


def files(remote: Path, tmp_path: Path) -> dict[str, bytes]:
    """Return the files in a clone of the branch."""
    clone = tmp_path / f"clone{len(list(tmp_path.iterdir()))}"
    subprocess.run(
        ["git", "clone", "--quiet", "-c", "core.autocrlf=false", "-b", "gh-pages", remote, clone],
        check=True,
    )
    return {
        path.relative_to(clone).as_posix(): path.read_bytes()
        for path in clone.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(clone).parts
    }


def test_each_push_adds_a_commit_with_the_whole_site(
    site: Path, remote: Path, tmp_path: Path
) -> None:
    expected = {
        p.relative_to(site).as_posix(): p.read_bytes() for p in site.rglob("*") if p.is_file()
    }
    assert push_to_branch(site, str(remote))
    assert files(remote, tmp_path) == expected | {".nojekyll": b""}
    assert not push_to_branch(site, str(remote))
    (site / "audio" / "-a b.flac").unlink()
    (site / "index.html").write_text("new")
    assert push_to_branch(site, str(remote))
    assert set(files(remote, tmp_path)) == {"index.html", ".gitignore", ".nojekyll"}
    log = subprocess.run(
        ["git", "-C", remote, "log", "--oneline", "gh-pages"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert len(log.stdout.splitlines()) == 2


def test_pushing_changes_neither_the_site_nor_other_branches(site: Path, remote: Path) -> None:
    before = sorted(site.rglob("*"))
    assert push_to_branch(site, str(remote))
    assert sorted(site.rglob("*")) == before
    branches = subprocess.run(
        ["git", "-C", remote, "branch", "--list"], capture_output=True, text=True, check=True
    )
    assert branches.stdout.split() == ["gh-pages"]


def test_a_remote_is_resolved_by_name(
    site: Path, remote: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    subprocess.run(["git", "init", "--quiet", here], check=True)
    subprocess.run(["git", "-C", here, "remote", "add", "web", remote], check=True)
    monkeypatch.chdir(here)
    assert push_to_branch(site, "web")
    with pytest.raises(ReportError, match='"other" is neither a remote'):
        push_to_branch(site, "other")


def test_an_unreachable_remote_is_reported_in_one_line(
    site: Path, remote: Path, tmp_path: Path
) -> None:
    with pytest.raises(ReportError, match=r"git ls-remote: .*nothing was published") as caught:
        push_to_branch(site, f"file://{tmp_path}/none.git")
    assert "\n" not in str(caught.value)


def test_zip_files_are_complete_and_reproducible(site: Path, tmp_path: Path) -> None:
    write_zip(site, tmp_path / "a.zip")
    (site / "index.html").touch()
    write_zip(site, tmp_path / "b.zip")
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert set(archive.namelist()) == {"index.html", "audio/-a b.flac", ".gitignore"}
        assert archive.read("audio/-a b.flac") == bytes(range(256))
    with pytest.raises(ReportError, match="cannot be written"):
        write_zip(site, tmp_path / "none" / "a.zip")
