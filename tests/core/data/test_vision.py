"""torchvision's data sets beside a build of torch that its compiled library does not fit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

DESCRIBES = """
import torch
for name in ("nms", "qnms"):
    torch.library.register_fake(f"torchvision::{name}")(lambda dets, scores, iou_threshold: dets)
"""
"""What torchvision does on import: without its compiled library there are no such operators."""

PROGRAM = """
from core.data.vision import torchvision_datasets
print(torchvision_datasets().HERE, torchvision_datasets() is torchvision_datasets())
"""


def imported(folder: Path, init: str) -> subprocess.CompletedProcess[str]:
    """The program in a process of its own, with a torchvision whose ``__init__`` is ``init``."""
    package = folder / "torchvision"
    package.mkdir()
    (package / "__init__.py").write_text(init)
    (package / "datasets.py").write_text("HERE = 'data sets'")
    program = f"import sys; sys.path[:0] = [{str(folder)!r}]\n{PROGRAM}"
    return subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)


@pytest.mark.parametrize("init", ["", DESCRIBES], ids=["compiled library fits", "compiled library missing"])
def test_the_data_sets_are_imported_with_and_without_the_compiled_library(tmp_path, init):
    done = imported(tmp_path, init)
    assert (done.stdout, done.stderr) == ("data sets True\n", "")


def test_another_failure_is_not_hidden(tmp_path):
    done = imported(tmp_path, "raise RuntimeError('another')")
    assert done.stdout == ""
    assert done.stderr.endswith("RuntimeError: another\n")
