from __future__ import annotations

import pytest

from loop.gates import workflows
from loop.gates.sizes import SizeLimits, StoredFile, find

LIMITS = SizeLimits(text=1000, media=500, binary=100, total=5000)


def _messages(*files: StoredFile) -> list[str]:
    return [str(finding) for finding in find(files, LIMITS)]


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(StoredFile("a.txt", 1000, b"x"), id="text"),
        pytest.param(StoredFile("a.png", 500, b"\x89PNG\r\n\x1a\n\0"), id="picture"),
        pytest.param(StoredFile("a.bin", 100, b"\0"), id="small-binary"),
        pytest.param(StoredFile("lock", 3000, b"x", old_size=3000), id="was-that-big"),
        pytest.param(StoredFile("a.out", 90, b"\x7fELF\0", old_size=80), id="was-there"),
        pytest.param(StoredFile("node_modules/x", 5, b"x", old_size=4), id="vendored-on-purpose"),
        pytest.param(StoredFile("empty", 0, b""), id="empty"),
        pytest.param(StoredFile("MZ.txt", 2, b"MZ"), id="text-that-starts-like-a-program"),
    ],
)
def test_usual_files_pass(file: StoredFile) -> None:
    assert _messages(file) == []


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (StoredFile("a.txt", 1001, b"x"), "1001 bytes, 1000 are allowed"),
        (StoredFile("a.png", 501, b"\x89PNG\0"), "501 bytes, 500 are allowed"),
        (StoredFile("a.bin", 101, b"\0"), "101 bytes, 100 are allowed"),
        (StoredFile("lock", 3001, b"x", old_size=3000), "3001 bytes"),
        (StoredFile("a.out", 10, b"\x7fELF\0"), "a compiled program"),
        (StoredFile("x.exe", 10, b"MZ\0"), "a Windows program"),
        (StoredFile("a/X.class", 10, b"\xca\xfe\xba\xbe\0"), "a build's or editor's file"),
        (StoredFile("p/__pycache__/x.txt", 1, b"x"), "part of __pycache__"),
        (StoredFile("node_modules/a/index.js", 1, b"x"), "part of node_modules"),
    ],
)
def test_what_does_not_belong_is_named(file: StoredFile, message: str) -> None:
    (told,) = _messages(file)

    assert told.startswith(f"{file.path}: ")
    assert message in told


def test_many_files_count_together() -> None:
    told = _messages(*(StoredFile(f"f{n}", 900, b"x") for n in range(6)))

    assert told == [".: 5400 bytes are added in all, 5000 are allowed"]


def test_only_growth_counts() -> None:
    assert _messages(*(StoredFile(f"f{n}", 900, b"x", old_size=900) for n in range(9))) == []


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (".github/workflows/ci.yml", True),
        (".GitHub/Workflows/ci.yml", True),
        (".github/workflows/nested/x", True),
        (".github/dependabot.yml", False),
        ("docs/.github/workflows/ci.yml", False),
    ],
)
def test_workflow_files_need_permission(path: str, found: bool) -> None:
    assert bool(workflows.find([path])) is found
