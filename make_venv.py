"""Make the environment of `make`: a folder with Python and the libraries of requirements.lock.

    python make_venv.py FOLDER

It runs before anything is installed, on any Python 3.6 or newer, which it may refuse. A failure
ends in one line; the output of pip is in FOLDER/set-up.log.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys

NETWORK = r"connection broken|ConnectionError|Timeout|Max retries|name resolution|SSLError"
"""What pip writes if it cannot reach the package index; older ones add that no version exists."""

ALMOST_NOTHING = 64 * 2**20
"""Free bytes below which venv and pip fail without saying that the disk is full."""


def main() -> None:
    """Make the folder that the command line names."""
    (folder,) = sys.argv[1:]
    if os.name == "nt":
        sys.exit("Windows is not supported; use WSL 2, the Linux of Windows.")
    if not (3, 11) <= sys.version_info[:2] <= (3, 14):
        found = "{}.{}".format(*sys.version_info)
        sys.exit(f"Python 3.11 to 3.14 is needed, this is {found}; set PYTHON=/path/to/python3.")
    for module in ("venv", "ensurepip"):
        if importlib.util.find_spec(module) is None:
            sys.exit(
                f"Python's module {module} is missing; on Debian and Ubuntu, install it with "
                "`apt install python3-venv`."
            )
    print(f"Setting up {folder} (once; about 5 GB, a few minutes) ...", flush=True)
    try:
        os.makedirs(folder, exist_ok=True)
        install(folder, os.path.join(folder, "set-up.log"))
    except OSError as error:
        place = error.filename or folder
        sys.exit(f"Set-up failed: {place}: {error.strerror}; it must be writable, with 5 GB free.")
    except KeyboardInterrupt:
        sys.exit("Set-up interrupted; run make again.")


def install(folder: str, log: str) -> None:
    """Make the environment and install into it, or exit with the reason."""
    pip = [os.path.join(folder, "bin", "python"), "-m", "pip", "--disable-pip-version-check"]
    pip += ["install", "--quiet", "--no-deps"]
    with open(log, "w") as output:
        for command in (
            [sys.executable, "-m", "venv", folder],
            [*pip, "--only-binary", ":all:", "--require-hashes", "-r", "requirements.lock"],
            [*pip, "--no-build-isolation", "-e", "."],
        ):
            if subprocess.run(command, stdout=output, stderr=subprocess.STDOUT).returncode:
                with open(log, errors="replace") as text:
                    why = reason(text.read(), folder)
                sys.exit(f"Set-up failed: {why} (all output: {log}).")


def reason(output: str, folder: str) -> str:
    """Why pip or venv failed, and what to do about it."""
    full = shutil.disk_usage(folder).free < ALMOST_NOTHING
    if full or re.search("No space left|Disk quota", output):
        downloads = os.environ.get("TMPDIR") or "/tmp, or another TMPDIR,"
        return f"the disk is full; free about 5 GB here and 3 GB in {downloads} for downloads"
    if re.search(NETWORK, output):
        return "the package index was not reached; check the network and run make again"
    wheel = re.search("No matching distribution found for (.+)", output)
    if wheel:
        return f"no wheel of {wheel[1]} for this system; README.md lists the supported ones"
    if "DO NOT MATCH THE HASHES" in output:
        return "a download differs from requirements.lock; run make again, on another network"
    lines = [line for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error:")]
    return (errors or lines or ["no output"])[-1].strip()


if __name__ == "__main__":
    main()
