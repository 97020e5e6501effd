"""All of them."""

from __future__ import annotations

from tests.loop.gates.languages.compiled import CPP, GO, JAVA, MAKE, RUST
from tests.loop.gates.languages.scripted import JAVASCRIPT, PYTHON, TYPESCRIPT, UNITTEST

REPOSITORIES = (PYTHON, UNITTEST, TYPESCRIPT, JAVASCRIPT, GO, RUST, MAKE, JAVA, CPP)
