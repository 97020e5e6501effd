from __future__ import annotations

from pathlib import Path

import pytest

from tools.errors import RegistryError, ToolError
from tools.files import ReadFile, WriteFile
from tools.jail import Jail
from tools.tool import Registry


@pytest.fixture
def registry(jail: Jail) -> Registry:
    return Registry([ReadFile(jail), WriteFile(jail)], ["read_file"])


def test_schemas_do_not_depend_on_the_order_of_the_list(jail: Jail) -> None:
    tools = [ReadFile(jail), WriteFile(jail)]

    one = Registry(tools, ["read_file", "write_file"]).schemas()
    other = Registry(tools, ["write_file", "read_file"]).schemas()

    assert one == other
    assert [schema["function"]["name"] for schema in one] == ["read_file", "write_file"]


async def test_a_tool_that_is_not_allowed_says_so(registry: Registry) -> None:
    with pytest.raises(
        ToolError, match=r"write_file: not allowed in this run; the tools are read_file"
    ):
        await registry.call("write_file", {})


async def test_an_unknown_tool_gets_the_nearest_name(registry: Registry) -> None:
    with pytest.raises(
        ToolError, match="read-files: unknown tool, did you mean read_file; the tools"
    ):
        await registry.call("read-files", {})


async def test_nothing_near_names_the_tools_only(registry: Registry) -> None:
    with pytest.raises(ToolError, match=r"^zzz: unknown tool; the tools are read_file$"):
        await registry.call("zzz", {})


async def test_an_allowed_tool_is_called(registry: Registry, work: Path) -> None:
    (work / "a").write_text("x")

    result = await registry.call("read_file", {"path": "a"})

    assert isinstance(result.output, dict)
    assert result.output["content"] == "x"


def test_a_list_with_an_unknown_name_makes_no_registry(jail: Jail) -> None:
    with pytest.raises(RegistryError, match="red_file: no such tool here, did you mean read_file"):
        Registry([ReadFile(jail)], ["red_file"])


def test_reading_is_told_from_writing(jail: Jail) -> None:
    registry = Registry([ReadFile(jail), WriteFile(jail)], ["read_file", "write_file"])

    assert registry.read_only("read_file")
    assert not registry.read_only("write_file")
    assert registry.read_only("unknown")
