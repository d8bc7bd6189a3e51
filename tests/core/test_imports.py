"""What importing a module brings along: never a screen, and nothing heavy where only words are needed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "core").rglob("*.py"))
MODULES = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in FILES
    if path.stem not in ("__init__", "__main__")
]

PROGRAM = """
import importlib, json, sys
loaded = {}
for name in json.loads(sys.argv[1]):
    importlib.import_module(name)
    loaded[name] = [m for m in ("streamlit", "torch", "numpy", "torchvision", "sklearn", "plotly") if m in sys.modules]
print(json.dumps(loaded))
"""


def loaded_by(*names: str) -> dict[str, list[str]]:
    """What is loaded once each module is imported, one after the other, in a process of their own."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(names)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_the_modules_are_found():
    assert len(set(MODULES)) == len(MODULES)
    assert {"core.config", "core.training.loop", "core.cli.parser", "core.jobs.queue"} <= set(MODULES)


def test_no_module_of_core_loads_streamlit():
    # one process for all: what an earlier one had loaded would show with it
    loaded = loaded_by(*MODULES)
    assert [name for name, found in loaded.items() if "streamlit" in found] == []
    # nor what only one data set or one command needs
    assert [name for name, found in loaded.items() if "torchvision" in found or "sklearn" in found] == []


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_module_of_core_names_streamlit(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.lstrip().startswith(("import streamlit", "from streamlit"))] == []


@pytest.mark.parametrize(
    ("module", "allowed"),
    [
        ("core.config", []),
        ("core.training.events", []),
        ("core.cli.parser", []),
        ("core.normalization", ["numpy"]),
        ("core.records.files", ["numpy"]),
        ("core.records.store", ["numpy"]),
    ],
)
def test_light_modules_stay_light(module, allowed):
    assert loaded_by(module)[module] == allowed


def test_figures_know_neither_training_nor_the_network():
    program = (
        "import sys, core.comparison.curves; print({'core.training.loop', 'core.model', 'torch'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["train", "--norm", "gn", "--groups", "3"],
        ["train", "--norm", "bn", "--lr", "nan"],
        ["train", "--norm", "bn", "--threads", "0"],
        ["race", "--preset", "best"],
        ["train"],
    ],
    ids=" ".join,
)
def test_bad_arguments_are_answered_before_torch_is_loaded(arguments):
    program = (
        "import sys\nfrom core.cli.parser import main\n"
        f"status = main({arguments!r})\n"
        "print(status, [m for m in ('torch', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "2 []\n"
    assert len(done.stderr.splitlines()) == 1
