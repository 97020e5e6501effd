from __future__ import annotations

from pathlib import Path

import pytest

from tools.sandbox.toolchain import toolchain


def make(home: Path, *files: str) -> None:
    for name in files:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("x")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home/someone"
    make(
        folder,
        *(".cargo/bin/cargo", ".cargo/credentials.toml", ".rustup/settings.toml"),
        *(".local/bin/tool", ".local/lib/x", ".local/share/keyrings/login", ".local/share/pipx/v"),
        *(".nvm/v20/bin/node", ".nvm/v20/lib/x", ".nvm/v20/secret", ".ssh/id", "bin/mine"),
        *("work/bin/run", "work/.env", "work/share/x", "py/bin/python", "py/pyvenv.cfg"),
        *(".pyenv/shims/python", ".pyenv/version", ".pyenv/versions/3.11/bin/python"),
        *(".pyenv/versions/3.12/bin/python", ".pyenv/bin/pyenv", ".asdf/shims/x"),
    )
    (folder / ".pyenv/version").write_text("3.11\n")
    return folder


def seen(home: Path, *search: str) -> set[str]:
    found = toolchain(search_path=[str(home / name) for name in search], home=home)
    return {str(p.relative_to(home)) for p in found.binds if p.is_relative_to(home)}


@pytest.mark.parametrize(
    ("entry", "visible"),
    [
        (".cargo/bin", {".cargo/bin", ".rustup"}),
        (".local/bin", {".local/bin", ".local/lib", ".local/share/pipx"}),
        (".nvm/v20/bin", {".nvm/v20/bin", ".nvm/v20/lib"}),
        ("bin", {"bin"}),
        ("work/bin", {"work/bin"}),
        ("py/bin", {"py"}),
        (".pyenv/shims", {".pyenv/versions"}),
        (".pyenv/bin", set()),
        (".asdf/shims", set()),
        ("gone/bin", set()),
    ],
)
def test_only_installations_are_seen(home: Path, entry: str, visible: set[str]) -> None:
    assert seen(home, entry) == visible


def test_a_home_on_the_path_is_not_seen(home: Path) -> None:
    found = toolchain(search_path=[str(home), str(home.parent), "relative", "."], home=home)

    assert not [p for p in found.binds if home.is_relative_to(p)]


def test_shims_become_the_versions_behind_them(home: Path) -> None:
    found = toolchain(search_path=[str(home / ".pyenv/shims")], home=home)

    assert found.search_path.split(":")[:2] == [
        str(home / ".pyenv/versions/3.11/bin"),
        str(home / ".pyenv/versions/3.12/bin"),
    ]


def test_the_operator_adds_prefixes(home: Path) -> None:
    found = toolchain(search_path=[], home=home, more=[home / "work"])

    assert home / "work" in found.binds
    assert str(home / "work/bin") in found.search_path.split(":")


def test_the_system_is_always_there(home: Path) -> None:
    found = toolchain(search_path=[], home=home)

    assert Path("/usr") in found.binds
    assert "/usr/bin" in found.search_path.split(":")
