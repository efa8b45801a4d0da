"""Publishes a built site to a branch that GitHub Pages serves."""

import os
import subprocess
import tempfile
from pathlib import Path

from report.errors import ReportError

BRANCH = "gh-pages"


def push_to_branch(site: Path, remote: str) -> bool:
    """Commit the site to the branch `gh-pages` of a remote and push it.

    Args:
        site: the site's folder.
        remote: a remote of the repository in the working directory, by name, or a URL.

    Returns:
        True if there was anything new to push.

    Raises:
        ReportError: git is missing, or the remote cannot be reached or rejected the push.
    """
    url = _remote_url(remote)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["git", "init", "--quiet", "--bare", folder], check=True)
        branch_exists = _git(folder, site, "ls-remote", "--heads", url, BRANCH)
        if branch_exists:
            _git(folder, site, "fetch", "--quiet", "--depth=1", url, BRANCH)
            _git(folder, site, "update-ref", f"refs/heads/{BRANCH}", "FETCH_HEAD")
        _git(folder, site, "symbolic-ref", "HEAD", f"refs/heads/{BRANCH}")
        # Ignore the user's git settings for ignored files and line endings.
        _git(folder, site, "-c", "core.autocrlf=false", "add", "--all", "--force", ".")
        _git(
            folder,
            site,
            "update-index",
            "--add",
            "--cacheinfo",
            f"100644,{_empty_blob(folder, site)},.nojekyll",
        )
        tree = _git(folder, site, "write-tree")
        if branch_exists and tree == _git(folder, site, "rev-parse", "FETCH_HEAD^{tree}"):
            return False
        _git(folder, site, "commit", "--quiet", "--no-verify", "--message", "Publish the study")
        _git(folder, site, "push", "--quiet", url, f"{BRANCH}:{BRANCH}")
    return True


def _empty_blob(folder: str, site: Path) -> str:
    """Store an empty file and return its hash, for `.nojekyll`, which turns Jekyll off."""
    return _git(folder, site, "hash-object", "-w", "--stdin")


def _remote_url(remote: str) -> str:
    """Return the push URL of a named remote; paths and URLs are returned as they are."""
    try:
        result = subprocess.run(
            ["git", "remote", "get-url", "--push", remote],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        raise ReportError("git: not installed; install it, or publish with --zip") from None
    if result.returncode == 0:
        return result.stdout.strip()
    if Path(remote).exists():
        return str(Path(remote).resolve())
    if ":" not in remote:
        raise ReportError(
            f'"{remote}" is neither a remote of this repository nor a URL; '
            "git remote -v lists the remotes"
        )
    return remote


def _git(folder: str, site: Path, *arguments: str) -> str:
    run = subprocess.run(
        ["git", f"--git-dir={folder}", f"--work-tree={site}", *arguments],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        env=os.environ | {"GIT_TERMINAL_PROMPT": "0"},
    )  # fmt: skip
    if run.returncode:
        lines = [line for line in run.stderr.splitlines() if line.strip()]
        reason = " ".join(lines[-1].split()) if lines else f"exit status {run.returncode}"
        command = next(word for word in arguments if word.isalpha() or "-" in word[1:])
        raise ReportError(f"git {command}: {reason}; nothing was published")
    return run.stdout.strip()
