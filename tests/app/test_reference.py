"""Printed pages are what the code says, and every setting says what it means."""

from __future__ import annotations

import re
from pathlib import Path

from app.reference import settings_page
from app.settings import Settings

ROOT = Path(__file__).parents[2]


def test_the_settings_page_is_up_to_date() -> None:
    assert (ROOT / "docs" / "settings.md").read_text() == settings_page(), "run make generated"


def test_every_setting_says_what_it_means() -> None:
    assert [n for n, f in Settings.model_fields.items() if not f.description] == []


def test_every_setting_is_read_by_code() -> None:
    code = "\n".join(p.read_text() for p in (ROOT / "app").rglob("*.py"))

    unread = [n for n in Settings.model_fields if not re.search(rf"(settings|chosen)\.{n}\b", code)]

    assert [n for n in unread if not re.search(rf"self\.{n}\b", code)] == []
