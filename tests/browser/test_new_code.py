"""A server whose files change under it, as by a pull where it is deployed: the next visitor finds the new app."""

from __future__ import annotations

import shutil
import time

import core
from tests.benchmarks.sessions import Session
from tests.browser.conftest import PATIENCE
from tests.browser.server import ROOT, Server

NEW = "999.0.0"
PARTS = ("core", "pages", "assets", ".streamlit", "streamlit_app.py")


def test_results_are_there_after_a_change_of_the_code(tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, copy)
    server = Server(tmp_path, copy=copy)

    def visit(page: str) -> str:
        visitor = Session(server.url, page)
        visitor.open()
        assert not visitor.errors
        visitor.close()
        return " ".join(visitor.texts)

    try:
        stays = Session(server.url, "misclassified")  # a server looks after its files while somebody is there
        stays.open()
        assert core.__version__ in visit("compare")
        version = copy / "core" / "__init__.py"
        version.write_text(version.read_text().replace(core.__version__, NEW))
        end = time.monotonic() + PATIENCE / 1000
        while NEW not in " ".join(stays.texts):  # who saw the change takes the new code with the next run
            assert time.monotonic() < end, "the new code is not run"
            time.sleep(0.2)
            stays.open()
        assert not stays.errors
        for page in ("compare", "misclassified"):
            assert NEW in visit(page)
        stays.close()
    finally:
        server.stop()
