"""A built site goes out: as a commit on a branch that a host serves, or as a zip file."""

import os
import subprocess
import tempfile
from pathlib import Path

from report.errors import ReportError

BRANCH = "gh-pages"


def push_to_branch(site: Path, remote: str) -> bool:
    """Put the site on the branch `gh-pages` of a remote, on top of what is there.

    Args:
        remote: the name of a remote of the repository here, or an address.

    Returns:
        Whether anything was new.

    Raises:
        ReportError: git is missing, the remote cannot be reached, or it refused.
    """
    address = _address(remote)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "init", "--quiet", "--bare", folder], check=True)
        before = _git(folder, site, "ls-remote", "--heads", address, BRANCH)
        if before:
            _git(folder, site, "fetch", "--quiet", "--depth=1", address, BRANCH)
            _git(folder, site, "update-ref", f"refs/heads/{BRANCH}", "FETCH_HEAD")
        _git(folder, site, "symbolic-ref", "HEAD", f"refs/heads/{BRANCH}")
        # A user's settings of what to ignore, or how to end lines, must not change the site.
        _git(folder, site, "-c", "core.autocrlf=false", "add", "--all", "--force", ".")
        _git(
            folder,
            site,
            "update-index",
            "--add",
            "--cacheinfo",
            f"100644,{_empty(folder, site)},.nojekyll",
        )
        tree = _git(folder, site, "write-tree")
        if before and tree == _git(folder, site, "rev-parse", "FETCH_HEAD^{tree}"):
            return False
        _git(folder, site, "commit", "--quiet", "--no-verify", "--message", "Publish the study")
        _git(folder, site, "push", "--quiet", address, f"{BRANCH}:{BRANCH}")
    return True


def _empty(folder: str, site: Path) -> str:
    """The name of an empty file in git's store: `.nojekyll` keeps hosts from rewriting pages."""
    return _git(folder, site, "hash-object", "-w", "--stdin")


def _address(remote: str) -> str:
    """What a name of a remote of the repository here stands for; an address as it is."""
    try:
        found = subprocess.run(
            ["git", "remote", "get-url", "--push", remote],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        raise ReportError("git: not installed; install it, or publish with --zip") from None
    if found.returncode == 0:
        return found.stdout.strip()
    if Path(remote).exists():
        return str(Path(remote).resolve())
    if ":" not in remote:
        raise ReportError(
            f'"{remote}" is no remote of the repository here and no address; '
            "git remote -v lists the remotes"
        )
    return remote


def _git(folder: str, site: Path, *words: str) -> str:
    run = subprocess.run(
        ["git", f"--git-dir={folder}", f"--work-tree={site}", *words],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        env=os.environ | {"GIT_TERMINAL_PROMPT": "0"},
    )  # fmt: skip
    if run.returncode:
        told = [line for line in run.stderr.splitlines() if line.strip()]
        reason = " ".join(told[-1].split()) if told else f"exit status {run.returncode}"
        verb = next(word for word in words if word.isalpha() or "-" in word[1:])
        raise ReportError(f"git {verb}: {reason}; nothing was published")
    return run.stdout.strip()
