"""`python -m bench [NAME…]`: run `bench/<name>.py` and print its table; all of them by default."""

from __future__ import annotations

import argparse
import asyncio
import importlib
from pathlib import Path


def names() -> list[str]:
    modules = Path(__file__).parent.glob("[a-z]*.py")
    return sorted(module.stem for module in modules)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("name", nargs="*", choices=[[], *names()], help="what to measure")
    for name in parser.parse_args().name or names():
        module = importlib.import_module(f"bench.{name}")
        print(f"\n== {name}: {(module.__doc__ or '').splitlines()[0]}", flush=True)
        asyncio.run(module.main())


if __name__ == "__main__":
    main()
