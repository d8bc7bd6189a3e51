"""The notebook: runs as it stands, gives core's numbers, and is saved with the output of a whole run."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path

import nbclient
import nbformat
import pytest
from nbformat import NotebookNode
from PIL import Image

from core.config import preset
from core.jobs.race import Race
from core.model import fastest_precision

PATH = Path(__file__).parents[1] / "assets" / "train_all.ipynb"
LABELS = ("BN + L1", "GN (4)", "LN")
FIGURE = "application/vnd.plotly.v1+json"


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def printed(notebook: NotebookNode) -> str:
    outputs = [output for cell in code_cells(notebook) for output in cell.outputs]
    return "".join(output.text for output in outputs if output.output_type == "stream" and output.name == "stdout")


def shown(notebook: NotebookNode, tag: str) -> list[dict]:
    """What the cell with id ``tag`` displays, by media type."""
    (cell,) = (cell for cell in notebook.cells if cell.id == tag)
    return [output.data for output in cell.outputs if output.output_type == "display_data"]


def progress(notebook: NotebookNode) -> list[tuple[int, int, dict[str, float]]]:
    """The lines of the training: epoch, of how many, and each variant's test accuracy."""
    lines = re.findall(r"^epoch +(\d+) of (\d+), test accuracy: (.*)$", printed(notebook), re.MULTILINE)
    return [
        (int(epoch), int(of), {label: float(value) for label, value in re.findall(r"(?:^|, )(.*?) ([\d.]+) %", values)})
        for epoch, of, values in lines
    ]


BROWSERS_OWN = "JSONError decoding message. Ignoring"
"""What kaleido reports of the browser that draws its pictures, on a machine that does much else, before it goes on."""
RESULT = re.compile(
    r"^(.*): test accuracy ([\d.]+) % \(([\d,]+) of ([\d,]+) wrong\), training accuracy ([\d.]+) %, "
    r"test loss ([\d.]+), best epoch (\d+) with ([\d.]+) %$",
    re.MULTILINE,
)


def check_whole_run(notebook: NotebookNode, epochs: int, title: str, test_images: int) -> None:
    """Every cell ran, in order and without an error, and what it printed and drew fits together."""
    cells = code_cells(notebook)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    outputs = [output for cell in cells for output in cell.outputs]
    wrong = [o for o in outputs if o.output_type == "error" or o.get("name") == "stderr"]
    assert [o for o in wrong if not o.get("text", "").startswith(BROWSERS_OWN)] == []
    assert f"{title}: " in printed(notebook)
    assert f" and {test_images:,} test images" in printed(notebook)

    lines = progress(notebook)
    assert [(epoch, of) for epoch, of, _ in lines] == [(epoch, epochs) for epoch in range(1, epochs + 1)]
    assert all(tuple(values) == LABELS for *_, values in lines)
    results = {label: values for label, *values in RESULT.findall(printed(notebook))}
    assert tuple(results) == LABELS
    for label, (accuracy, wrong, total, _, loss, best, best_accuracy) in results.items():
        assert float(accuracy) == lines[-1][2][label]
        assert int(total.replace(",", "")) == test_images
        assert float(accuracy) == pytest.approx(100 * (1 - int(wrong.replace(",", "")) / test_images), abs=0.0051)
        assert float(best_accuracy) == max(values[label] for *_, values in lines) == lines[int(best) - 1][2][label]
        assert 0 < float(loss) < 3

    graphs = shown(notebook, "graphs")
    assert len(graphs) == 2
    for data in graphs:
        if FIGURE in data:  # where there is no browser to draw it
            assert len(data[FIGURE]["data"]) >= 3
        else:
            assert picture(data).width == 1000
    grids = [picture(data) for data in shown(notebook, "wrong")]
    assert len(grids) == 3
    assert len({grid.tobytes() for grid in grids}) == 3
    assert all(grid.width > 900 and grid.height > 500 for grid in grids)  # five columns, two rows


def picture(data: dict) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(data["image/png"]))).convert("RGB")


@pytest.fixture(scope="module")
def on_digits() -> NotebookNode:
    """The notebook, executed on digits with two epochs, from its own folder."""
    notebook = nbformat.read(PATH, as_version=4)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NOTEBOOK_EPOCHS", "2")
        patch.setenv("NOTEBOOK_DATASET", "digits")
        client = nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(PATH.parent)}})
        return client.execute()


@pytest.fixture(scope="module")
def by_core(digits) -> Race:
    """The race of the notebook, run without it."""
    race = Race(preset("assignment", epochs=2, dataset="digits", precision=fastest_precision()))
    race.run(lambda name, progress: (digits, ""))
    return race


def test_it_runs_on_digits(on_digits):
    check_whole_run(on_digits, epochs=2, title="digits", test_images=359)


def test_its_numbers_are_those_of_core(on_digits, by_core):
    for i, label in enumerate(LABELS):
        rows = by_core.records[i].epochs
        assert [values[label] for *_, values in progress(on_digits)] == [round(row.test_accuracy, 2) for row in rows]
        assert f"test loss {rows[-1].test_loss:.4f}" in next(
            line for line in printed(on_digits).splitlines() if line.startswith(f"{label}: test accuracy")
        )


def test_its_pictures_are_those_of_core(on_digits, by_core, digits):
    from core.misclassified.grid import choose, grid_picture

    for i, data in enumerate(shown(on_digits, "wrong")):
        record = by_core.records[i]
        positions = choose(record.predictions, "confident")
        drawn = grid_picture(record, positions, digits.classes, order="confident")
        assert picture(data).tobytes() == drawn.tobytes()


def test_what_is_saved_is_a_run_of_20_epochs_on_mnist():
    notebook = nbformat.read(PATH, as_version=4)
    check_whole_run(notebook, epochs=20, title="MNIST", test_images=10_000)
    for label, accuracy in progress(notebook)[-1][2].items():
        assert 99 < accuracy < 100, label


def test_what_is_saved_is_the_same_program_for_everyone():
    notebook = nbformat.read(PATH, as_version=4)
    nbformat.validate(notebook)
    text = PATH.read_text(encoding="utf-8")
    (parameters,) = (cell.source for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
    assert '"NOTEBOOK_EPOCHS", "20"' in parameters
    assert '"NOTEBOOK_DATASET", "mnist"' in parameters
    assert len(text) < 1_500_000
    assert len(notebook.cells) <= 15
    # images as base64 may hold any letters; all else must not name the machine that it ran on
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            for media in [kind for kind in output.get("data", {}) if kind.startswith("image/")]:
                del output.data[media]
    rest = json.dumps(notebook)
    assert not re.search(r"/(home|root|tmp|work|Users|usr|opt|mnt|var)/|[A-Z]:\\\\", rest)
