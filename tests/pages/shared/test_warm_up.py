"""The imports that a server makes while nobody waits."""

from __future__ import annotations

from pages.parts.shared import collector, warm_up
from pages.parts.shared.warm_up import NEEDED


def test_what_is_brought_is_left_out_of_garbage_collections(monkeypatch):
    brought = []
    monkeypatch.setattr(warm_up.importlib, "import_module", brought.append)
    monkeypatch.setattr(collector, "tidy", lambda: brought.append("tidied"))
    warm_up.bring()
    assert brought == [*NEEDED, "tidied"]
