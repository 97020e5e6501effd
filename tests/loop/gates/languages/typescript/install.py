"""Put the pinned TypeScript compiler into the cache; prints its node_modules.

Only the standard library: this runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
_FILES = ("package.json", "package-lock.json")


def modules() -> Path:
    """Where the compiler is, or would be: keyed by what decides which it is."""
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in _FILES))
    return caches / "foreman" / "assets" / f"typescript-{digest.hexdigest()[:12]}" / "node_modules"


def main() -> int:
    folder = modules()
    if (folder / ".bin/tsc").exists():
        sys.stdout.write(f"{folder}\n")
        return 0
    npm = shutil.which("npm")
    if npm is None:
        sys.stderr.write("typescript: npm is not on PATH; install Node.js 20 or newer with npm\n")
        return 1
    half = folder.parent.with_name(f".{folder.parent.name}.{os.getpid()}")
    half.mkdir(parents=True)
    for name in _FILES:
        shutil.copyfile(HERE / name, half / name)
    command = [npm, "ci", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=half, check=False)
    if done.returncode:
        shutil.rmtree(half)
        sys.stderr.write("typescript: npm ci failed, see above; a registry must be reachable\n")
        return 1
    shutil.rmtree(folder.parent, ignore_errors=True)
    half.replace(folder.parent)
    sys.stdout.write(f"{folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
