"""Publishes a built site to a branch that GitHub Pages serves."""

import hashlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from report.errors import ReportError

BRANCH = "gh-pages"
REF = f"refs/heads/{BRANCH}"
MESSAGE = "Publish the study"

MANIFEST = ".latentes-files"
"""File on the branch that lists, as hash and name, the files that publishing wrote there.

All others, such as CNAME, and those that were changed on the branch, are not ours.
"""

ANONYMOUS = "latentes <latentes@localhost>"
"""Author of a commit if the user has set none; git would use the names of user and host."""

PROTOCOLS = "file:git:http:https:ssh"
"""Kinds of addresses that git may use; `ext::`, for one, runs any command."""

OTHER_REPOSITORY = (
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_NAMESPACE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_WORK_TREE",
)
"""Environment variables, as git sets them for hooks, that would make it use another repository."""


def push_to_branch(site: Path, remote: str) -> bool:
    """Commit the site to the branch `gh-pages` of a remote and push it.

    Files on the branch that publishing did not write stay there.

    Args:
        site: the site's folder.
        remote: a remote of the repository in the working directory, by name, or a URL.

    Returns:
        True if there was anything new to push.

    Raises:
        ReportError: git is missing, the remote cannot be reached or rejected the push, or the site
            would replace a file that publishing did not write.
    """
    url = _remote_url(remote)
    with tempfile.TemporaryDirectory() as folder:
        _git(folder, "init", "--quiet", "--bare", "--template=", "--object-format=sha1", folder)
        before: dict[str, str] = {}
        foreign: dict[str, str] = {}
        exists = bool(_git(folder, "ls-remote", "--heads", "--", url, REF))
        if exists:
            _git(folder, "fetch", "--quiet", "--no-tags", "--depth=1", "--", url, f"{REF}:{REF}")
            before = _files(folder)
            foreign = _foreign_files(folder, before)
        commit = Path(folder, "commit")
        _describe_commit(commit, site, exists, before.keys() - foreign.keys())
        # Unlike `git add` and `git commit`, this ignores no files and runs no filters or hooks.
        _git(folder, "fast-import", "--quiet", stdin=commit)
        after = _files(folder)
        if after == before:
            return False
        replaced = sorted(name for name, blob in foreign.items() if after.get(name) != blob)
        if replaced:
            more = f" and {len(replaced) - 1} more" if len(replaced) > 1 else ""
            raise ReportError(
                f"{BRANCH} of {remote}: the site would replace {replaced[0]}{more}, which latentes "
                "did not publish; delete or rename it there, or choose another repository; "
                "nothing was published"
            )
        _git(folder, "push", "--quiet", "--recurse-submodules=no", "--", url, f"{REF}:{REF}")
    return True


def _files(folder: str) -> dict[str, str]:
    """Return the hash of each file on the branch, by name."""
    entries = _git(folder, "ls-tree", "-r", "-z", "--full-tree", REF).split("\0")[:-1]
    return {name: entry.split()[2] for entry, _, name in (e.partition("\t") for e in entries)}


def _foreign_files(folder: str, files: dict[str, str]) -> dict[str, str]:
    """Return those of the files on the branch that publishing did not write."""
    if MANIFEST not in files:
        # latentes 0.1 wrote no manifest and left no other files on the branch.
        ours = _git(folder, "cat-file", "commit", REF).endswith(f"\n\n{MESSAGE}\n")
        return {} if ours else files
    published = set(_git(folder, "cat-file", "blob", files[MANIFEST]).split("\n"))
    return {n: b for n, b in files.items() if f"{b} {n}" not in published and n != MANIFEST}


def _describe_commit(file: Path, site: Path, exists: bool, old: Iterable[str]) -> None:
    """Write a commit in the format of `git fast-import`.

    Args:
        file: written.
        site: the site's folder.
        exists: whether the branch has commits already.
        old: files on the branch that the site replaces.
    """

    def quoted(name: str) -> bytes:
        escaped = name.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
        return os.fsencode(f'"{escaped}"')

    with file.open("wb") as stream:

        def add(name: str, content: bytes) -> str:
            stream.write(b"M 100644 inline %b\ndata %d\n" % (quoted(name), len(content)))
            stream.write(content + b"\n")
            return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()

        stream.write(os.fsencode(f"commit {REF}\ncommitter {_identity()}\n"))
        stream.write(os.fsencode(f"data {len(MESSAGE)}\n{MESSAGE}\n"))
        if exists:
            stream.write(os.fsencode(f"from {REF}^0\n"))
        for name in old:
            stream.write(b"D %b\n" % quoted(name))
        manifest = [f"{add('.nojekyll', b'')} .nojekyll"]  # turns Jekyll off
        for path in sorted(path for path in site.rglob("*") if path.is_file()):
            name = path.relative_to(site).as_posix()
            manifest.append(f"{add(name, path.read_bytes())} {name}")
        add(MANIFEST, os.fsencode("".join(f"{line}\n" for line in manifest)))


def _identity() -> str:
    """Return the user's name and e-mail address, as git is configured, and the time."""
    run = _run("-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT")
    return f"{ANONYMOUS} {int(time.time())} +0000" if run.returncode else run.stdout.strip()


def _remote_url(remote: str) -> str:
    """Return the push URL of a named remote; paths and URLs are returned as they are."""
    run = _run("remote", "get-url", "--push", "--", remote)
    if run.returncode == 0:
        return run.stdout.strip()
    if remote and os.path.exists(remote):
        return str(Path(remote).resolve())
    if ":" not in remote or remote.startswith("-"):
        raise ReportError(
            f'"{remote}" is neither a remote of this repository nor a URL; '
            "git remote -v lists the remotes"
        )
    return remote


def _git(folder: str, command: str, *arguments: str, stdin: Path | None = None) -> str:
    """Run a git command in a bare repository, without hooks; return its output."""
    setting = f"core.hooksPath={os.devnull}"
    run = _run(f"--git-dir={folder}", "-c", setting, command, *arguments, stdin=stdin)
    if run.returncode:
        lines = [" ".join(line.split()) for line in run.stderr.splitlines() if line.strip()]
        reason = " / ".join(lines) or f"exit status {run.returncode}"
        raise ReportError(f"git {command}: {reason}; nothing was published")
    return run.stdout


def _run(*arguments: str, stdin: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {"GIT_ALLOW_PROTOCOL": PROTOCOLS} | os.environ | {"GIT_TERMINAL_PROMPT": "0"}
    for name in OTHER_REPOSITORY:
        environment.pop(name, None)
    with Path(stdin or os.devnull).open("rb") as source:
        try:
            return subprocess.run(
                ["git", *arguments],
                stdin=source, capture_output=True, check=False,
                encoding="utf-8", errors="surrogateescape",
                env=environment,
            )  # fmt: skip
        except FileNotFoundError:
            raise ReportError("git: not installed; install it, or publish with --zip") from None
