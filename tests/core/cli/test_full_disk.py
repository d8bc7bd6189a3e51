"""Files that commands write: whole or not at all, also on a disk that is full."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.cli.parser import main
from core.cli.readme import read_between, write_between
from core.records.store import RunStore, load, save
from tests.core.cli.test_parser import DIGITS, ROOT

# no file can grow beyond so many bytes, as on a disk that is full; a browser is not what is tested here
FULL = """
import json, resource, sys
from plotly.graph_objects import Figure
from core.cli.parser import main
Figure.to_image = lambda *_, **__: bytes(50_000)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]),) * 2)
sys.exit(min([main(arguments) for arguments in json.loads(sys.argv[2])]))
"""


def on_a_full_disk(most: int, *commands: list[object]) -> subprocess.CompletedProcess[str]:
    """Several commands in one process, whose status is 1 where all of theirs are."""
    texts = json.dumps([[str(argument) for argument in arguments] for arguments in commands])
    return subprocess.run([sys.executable, "-c", FULL, str(most), texts], cwd=ROOT, capture_output=True, text=True)


@pytest.fixture
def readme(tmp_path) -> Path:
    """A README with a place for the findings, and much behind it."""
    path = tmp_path / "README.md"
    path.write_text("before\n<!-- findings -->\nold\n<!-- end of findings -->\n" + "after\n" * 1000)
    return path


def test_a_readme_is_not_cut_off(record_folder, readme):
    before = readme.read_bytes()
    done = on_a_full_disk(2000, ["findings", record_folder, "--readme", readme])
    assert done.returncode == 1
    assert done.stderr == f"core: error: {readme}: File too large\n"
    assert done.stdout.startswith("Final test accuracy: **BN**")
    assert readme.read_bytes() == before
    assert sorted(p.name for p in readme.parent.iterdir()) == sorted(["README.md", record_folder.name])


def test_a_picture_is_never_empty(record_folder, tmp_path):
    empty, other = folders = [tmp_path / name for name in ("empty", "other")]
    for out in folders:
        out.mkdir()
    (other / "graph1_test_loss.png").write_bytes(b"an older one")
    done = on_a_full_disk(20_000, *(["figures", record_folder, "--out", out] for out in folders))
    assert done.returncode == 1
    first, second = (f"core: error: {out / 'graph1_test_loss.png'}: File too large\n" for out in folders)
    assert done.stderr == first + second
    assert list(empty.iterdir()) == []
    assert [(p.name, p.read_bytes()) for p in other.iterdir()] == [("graph1_test_loss.png", b"an older one")]


def test_a_record_is_whole_or_not_there(tmp_path):
    out = tmp_path / "runs"
    done = on_a_full_disk(20_000, ["train", "--norm", "ln", "--epochs", "1", *DIGITS, "--out", out, "--json"])
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert "File too large" in done.stderr
    assert list(out.iterdir()) == []


def test_an_older_record_stays(tmp_path, record_folder):
    before = load(record_folder)
    row = replace(before.epochs[0], test_accuracy=before.predictions.accuracy)
    other = before.changed(status="interrupted", epochs=(row,))
    folder = save(other, tmp_path / "runs")
    program = (
        "import resource, sys; from pathlib import Path; from core.records.store import load, save\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "try: save(load(Path(sys.argv[1])), Path(sys.argv[2]))\n"
        "except OSError as error: print(error.strerror)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(record_folder), str(folder.parent)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "File too large\n"
    assert [p.name for p in folder.parent.iterdir()] == [folder.name]
    assert RunStore(folder.parent).load(folder.name).status == "interrupted"


def test_a_readme_keeps_its_permissions_its_link_and_its_line_ends(tmp_path):
    target, link = tmp_path / "there.md", tmp_path / "README.md"
    target.write_bytes(b"before\r\n<!-- x -->\r\nold\r\n<!-- end of x -->\r\nafter\rmore\n")
    target.chmod(0o600)
    link.symlink_to("there.md")
    write_between(link, "x", "| new |\n| part |")
    assert target.read_bytes() == b"before\r\n<!-- x -->\r\n| new |\r\n| part |\r\n<!-- end of x -->\r\nafter\rmore\n"
    assert link.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert read_between(link, "x") == "| new |\n| part |\n"


@pytest.mark.parametrize("command", ["findings", "figures", "evaluate"])
def test_weights_of_no_network_are_refused(command, record, tmp_path, capsys):
    name, array = "head.weight", record.weights["head.weight"]
    folder = save(replace(record, weights={**record.weights, name: np.ascontiguousarray(array.T)}), tmp_path)
    rest = ["--out", str(tmp_path / "figures")] if command == "figures" else []
    assert main([command, str(folder), *rest]) == 1
    expected = f"core: error: {folder}: weights.safetensors: tensor 'head.weight' has shape (32, 10), not (10, 32)\n"
    assert capsys.readouterr() == ("", expected)
