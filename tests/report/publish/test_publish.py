"""Publishing to a real git remote and to a zip file."""

import io
import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

import pytest

from report.errors import ReportError
from report.publish.github_pages import MANIFEST, push_to_branch
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
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder: no settings of git but those that a test writes to .gitconfig."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("XDG_CONFIG_HOME", "EMAIL", *(name for name in os.environ if "GIT_" in name[:4])):
        monkeypatch.delenv(name, raising=False)
    return folder


@pytest.fixture
def remote(tmp_path: Path, home: Path) -> Path:
    """An empty bare repository; git has an identity for commits."""
    (home / ".gitconfig").write_text("[user]\nname = A. Author\nemail = author@example.org\n")
    bare = tmp_path / "remote.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(bare)], check=True)
    return bare


def git(*arguments: str | Path) -> str:
    return subprocess.run(
        ["git", *arguments], check=True, stdout=subprocess.PIPE, encoding="utf-8"
    ).stdout


def commit(remote: Path, tmp_path: Path, message: str, **changes: bytes | None) -> None:
    """Write or delete files on the branch, as its owner does."""
    clone = tmp_path / f"clone{len(list(tmp_path.iterdir()))}"
    git("clone", "--quiet", remote, clone)
    branches = git("-C", clone, "branch", "--remotes", "--list", "*/gh-pages")
    git("-C", clone, "checkout", "--quiet", *([] if branches else ["--orphan"]), "gh-pages")
    for name, content in changes.items():
        if content is None:
            (clone / name).unlink()
        else:
            (clone / name).parent.mkdir(exist_ok=True)
            (clone / name).write_bytes(content)
    git("-C", clone, "add", "--all", "--force")
    git("-C", clone, "commit", "--quiet", "--message", message)
    git("-C", clone, "push", "--quiet", "origin", "gh-pages")


def content(site: Path) -> dict[str, bytes]:
    """Return the files of the site by name."""
    return {p.relative_to(site).as_posix(): p.read_bytes() for p in site.rglob("*") if p.is_file()}


def published(remote: Path) -> dict[str, bytes]:
    """Return the files on the branch by name."""
    archive = subprocess.run(
        ["git", "-C", remote, "archive", "--format=tar", "gh-pages"],
        check=True,
        capture_output=True,
    ).stdout
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        found = {file.name: files.extractfile(file) for file in files if file.isfile()}
        return {name: stream.read() for name, stream in found.items() if stream}


def log(remote: Path, form: str = "%s") -> list[str]:
    return git("-C", remote, "log", f"--format={form}", "gh-pages").splitlines()


OURS = {".nojekyll", MANIFEST}


def test_each_push_adds_a_commit_with_the_whole_site(site: Path, remote: Path) -> None:
    assert push_to_branch(site, str(remote))
    assert published(remote).keys() == content(site).keys() | OURS
    assert published(remote).items() > content(site).items()
    assert not push_to_branch(site, str(remote))
    (site / "audio" / "-a b.flac").unlink()
    (site / "index.html").write_text("new")
    assert push_to_branch(site, str(remote))
    assert published(remote).keys() == {"index.html", ".gitignore"} | OURS
    assert log(remote, "%an <%ae> %s") == ["A. Author <author@example.org> Publish the study"] * 2


def test_files_of_others_stay(site: Path, remote: Path, tmp_path: Path) -> None:
    others = {"CNAME": b"example.org\n", "docs/old file": b"\0", ".well-known/x": b"1"}
    commit(remote, tmp_path, "Create CNAME", **others)
    assert push_to_branch(site, str(remote))
    assert published(remote).items() > (others | content(site)).items()
    # Also after a commit by others, and when files of the site go.
    others["CNAME"] = b"www.example.org\n"
    others["audio/mine.mp3"] = b"2"
    commit(remote, tmp_path, "Change the domain", **others)
    (site / "audio" / "-a b.flac").unlink()
    assert push_to_branch(site, str(remote))
    assert published(remote).keys() == others.keys() | content(site).keys() | OURS
    assert published(remote).items() > (others | content(site)).items()
    assert not push_to_branch(site, str(remote))


@pytest.mark.parametrize("name", ["index.html", "audio", "index.html/x", ".nojekyll"])
def test_files_of_others_are_not_replaced(
    site: Path, remote: Path, tmp_path: Path, name: str
) -> None:
    commit(remote, tmp_path, "My page", **{name: b"mine"})
    with pytest.raises(ReportError, match=f"replace {name}, which latentes did not publish; ") as e:
        push_to_branch(site, str(remote))
    assert "\n" not in str(e.value)
    assert published(remote) == {name: b"mine"}
    commit(remote, tmp_path, "Delete my page", **{name: None, "CNAME": b"example.org"})
    assert push_to_branch(site, str(remote))
    assert published(remote).items() > content(site).items()


def test_equal_files_of_others_are_adopted(site: Path, remote: Path, tmp_path: Path) -> None:
    commit(remote, tmp_path, "By hand", **content(site), CNAME=b"example.org")
    assert push_to_branch(site, str(remote))
    (site / "index.html").write_text("new")
    assert push_to_branch(site, str(remote))
    assert published(remote)["index.html"] == b"new"


def test_files_changed_on_the_branch_belong_to_who_changed_them(
    site: Path, remote: Path, tmp_path: Path
) -> None:
    assert push_to_branch(site, str(remote))
    commit(remote, tmp_path, "Edit", **{"audio/-a b.flac": b"better", "index.html": b"mine"})
    before = published(remote)
    (site / "audio" / "-a b.flac").unlink()
    with pytest.raises(ReportError, match="would replace index.html, which"):
        push_to_branch(site, str(remote))
    assert published(remote) == before
    commit(remote, tmp_path, "Undo", **{"index.html": None})
    assert push_to_branch(site, str(remote))
    assert published(remote).items() > {"audio/-a b.flac": b"better"}.items()


def test_a_branch_of_version_0_1_is_replaced(site: Path, remote: Path, tmp_path: Path) -> None:
    old = {"index.html": b"old", "old.html": b"old", ".nojekyll": b""}
    commit(remote, tmp_path, "Publish the study", **old)
    assert push_to_branch(site, str(remote))
    assert published(remote).keys() == content(site).keys() | OURS


def test_settings_of_git_do_not_change_what_is_published(
    site: Path, remote: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = f"#!/bin/sh\ntouch {home}/ran\nexit 1\n"
    for folder in (home / "hooks", home / "template" / "hooks"):
        folder.mkdir(parents=True)
        for name in ("pre-commit", "commit-msg", "pre-push", "reference-transaction"):
            (folder / name).write_text(hook)
            (folder / name).chmod(0o755)
    (home / "attributes").write_text("* filter=lfs text eol=lf ident\n")
    (home / "ignored").write_text("*.html\n")
    with (home / ".gitconfig").open("a") as settings:
        settings.write(
            f"""
            [core]
            attributesFile = {home}/attributes
            excludesFile = {home}/ignored
            hooksPath = {home}/hooks
            autocrlf = input
            [init]
            templateDir = {home}/template
            defaultBranch = gh-pages
            [commit]
            gpgSign = true
            [push]
            followTags = true
            recurseSubmodules = only
            [fetch]
            prune = true
            pruneTags = true
            recurseSubmodules = true
            [submodule]
            recurse = true
            [filter "lfs"]
            clean = "touch {home}/ran; echo pointer"
            required = true
            """
        )
    git("-C", remote, "config", "core.hooksPath", remote / "hooks")  # the remote's hooks do run
    other = tmp_path / "other"
    git("init", "--quiet", "--bare", other)
    (site / "a.mp3").write_bytes(b"$Id$ \r\n")
    before = content(other)
    with monkeypatch.context() as environment:
        environment.setenv("GIT_DIR", str(other))
        environment.setenv("GIT_OBJECT_DIRECTORY", str(other / "objects"))
        environment.setenv("GIT_NAMESPACE", "other")
        environment.setenv("GIT_WORK_TREE", str(home))
        environment.setenv("GIT_INDEX_FILE", str(home / "index"))
        environment.setenv("GIT_DEFAULT_HASH", "sha256")
        assert push_to_branch(site, str(remote))
        (site / "new").write_text("new")
        assert push_to_branch(site, str(remote))
    assert content(other) == before
    (home / ".gitconfig").unlink()
    assert published(remote).items() > content(site).items()
    assert not (home / "ran").exists()
    assert not (home / "index").exists()


def test_without_an_identity_nothing_of_the_machine_is_published(
    site: Path, remote: Path, home: Path
) -> None:
    (home / ".gitconfig").unlink()
    assert push_to_branch(site, str(remote))
    assert log(remote, "%an <%ae> %cn <%ce>") == [" ".join(["latentes <latentes@localhost>"] * 2)]


def test_pushing_changes_neither_the_site_nor_other_branches(site: Path, remote: Path) -> None:
    before = sorted(site.rglob("*"))
    assert push_to_branch(site, str(remote))
    assert sorted(site.rglob("*")) == before
    assert git("-C", remote, "for-each-ref", "--format=%(refname)").split() == [
        "refs/heads/gh-pages"
    ]


def test_a_remote_is_resolved_by_name(
    site: Path, remote: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    git("init", "--quiet", here)
    git("-C", here, "remote", "add", "web", remote)
    monkeypatch.chdir(here)
    assert push_to_branch(site, "web")
    with pytest.raises(ReportError, match='"other" is neither a remote'):
        push_to_branch(site, "other")


def test_other_branches_and_tags_of_similar_names_do_not_matter(
    site: Path, remote: Path, tmp_path: Path
) -> None:
    commit(remote, tmp_path, "Mine", page=b"mine")
    git("-C", remote, "tag", "gh-pages", "gh-pages")
    git("-C", remote, "branch", "--move", "gh-pages", "old/gh-pages")
    assert push_to_branch(site, str(remote))
    assert git("-C", remote, "log", "--format=%s", "refs/heads/gh-pages") == "Publish the study\n"


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("", "is neither a remote"),
        ("--upload-pack=touch ran:x", "is neither a remote"),
        ("-oProxyCommand=touch ran:x", "is neither a remote"),
        ("x" * 5000, "is neither a remote"),
        ("ssh://-oProxyCommand=touch%20ran/x", "blocked"),
        ("ext::sh -c touch% ran", "transport 'ext' not allowed"),
        ("fd::17", "transport 'fd' not allowed"),
    ],
)
def test_addresses_are_neither_options_nor_commands(
    site: Path, home: Path, address: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / ".gitconfig").write_text("[protocol]\nallow = always\n")
    monkeypatch.chdir(home)
    with pytest.raises(ReportError, match=reason):
        push_to_branch(site, address)
    assert [path.name for path in home.iterdir()] == [".gitconfig"]


def test_a_folder_with_a_name_like_an_option_is_a_remote(
    site: Path, remote: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(remote.parent)
    remote.rename("--exec=x")
    assert push_to_branch(site, "--exec=x")
    assert published(Path("--exec=x").resolve()).items() > content(site).items()


def test_an_unreachable_remote_is_reported_in_one_line(
    site: Path, remote: Path, tmp_path: Path
) -> None:
    with pytest.raises(ReportError, match=r"git ls-remote: .*none.*nothing was published") as e:
        push_to_branch(site, f"file://{tmp_path}/none.git")
    assert "\n" not in str(e.value)


def test_the_whole_reason_of_a_rejected_push_is_reported(site: Path, remote: Path) -> None:
    assert push_to_branch(site, str(remote))
    before = log(remote)
    (site / "index.html").write_text("new")
    hook = remote / "hooks" / "pre-receive"
    hook.write_bytes(
        b"#!/bin/sh\necho 'No sounds over 1 MB.' >&2\necho >&2\n"
        b"printf 'M\\372sica: see https://example.org/rules\\n' >&2\nexit 1\n"
    )
    hook.chmod(0o755)
    with pytest.raises(ReportError) as e:
        push_to_branch(site, str(remote))
    message = str(e.value)
    for part in (
        "git push: ",
        "No sounds over 1 MB.",
        "see https://example.org/rules",
        "hook declined",
    ):
        assert part in message
    assert message.endswith("; nothing was published")
    assert "\n" not in message
    assert log(remote) == before


def test_without_git_zip_files_are_recommended(
    site: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(home))
    with pytest.raises(
        ReportError, match="^git: not installed; install it, or publish with --zip$"
    ):
        push_to_branch(site, "origin")


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


@pytest.mark.parametrize("kind", ["folder", "link", "broken link", "pipe", "site"])
def test_zip_files_replace_only_regular_files(site: Path, tmp_path: Path, kind: str) -> None:
    file, target = tmp_path / "site.zip", tmp_path / "target"
    target.write_text("mine")
    if kind == "folder":
        file.mkdir()
    elif kind == "link":
        file.symlink_to(target)
    elif kind == "broken link":
        file.symlink_to(tmp_path / "none")
    elif kind == "pipe":
        os.mkfifo(file)
    else:
        file = tmp_path / "audio.zip" / ".." / "site" / "site.zip"
        (tmp_path / "audio.zip").mkdir()
    before = sorted(tmp_path.rglob("*")), file.lstat() if kind != "site" else None
    with pytest.raises(ReportError, match="not a regular file|would become part of the site") as e:
        write_zip(site, file)
    assert "\n" not in str(e.value)
    assert (sorted(tmp_path.rglob("*")), file.lstat() if kind != "site" else None) == before
    assert target.read_text() == "mine"


def test_zip_files_that_fail_leave_nothing(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "site.zip"
    write_zip(site, file)
    before = file.read_bytes()
    with pytest.raises(ReportError, match="cannot be written"):
        write_zip(site, tmp_path / ("x" * 300))
    monkeypatch.setattr(zipfile.ZipFile, "writestr", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write_zip(site, file)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["site", "site.zip"]
    assert file.read_bytes() == before


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt
