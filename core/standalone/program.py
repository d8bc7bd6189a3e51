"""A race as one PyTorch script, or as a notebook of the same parts, which import nothing of this project.

What is a function here travels as its own source: the augmentation, the learning rate, the choice of small MNIST.
All numbers come from where the race has them. Held by a test: the losses are those of the race.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass

from core import model as networks
from core.catalogue import CLASSES, DATASETS, NORMS, SIDE
from core.config import ConfigError, RunConfig
from core.data import batches, choice, embedded
from core.labels import distinct_labels, summary
from core.model import GEOMETRIES, POOL_AFTER
from core.normalization import EPS
from core.standalone import parts
from core.standalone.cells import code, markdown, notebook_file
from core.training import optimizer, vector

PACKAGES = "torch torchvision scikit-learn plotly"


@dataclass(frozen=True)
class Part:
    """A heading, and the code below it."""

    title: str
    code: str


def program(configs: Sequence[RunConfig]) -> tuple[Part, ...]:
    """The parts of a race's program, in order. Raises ``ConfigError`` where there is no variant, or several data sets.

    All variants share data set, epochs, batch size, learning rate, seed and augmentation, as those of a race do.
    """
    _check(configs)
    return (
        Part("Settings", _settings(configs)),
        Part("Data", _data(configs[0])),
        Part("Batches", _batches()),
        Part("The network", _network(configs[0])),
        Part("Training and testing", _training()),
        Part("The race", parts.RACE.strip() + "\n"),
        Part("Curves", parts.CURVES.strip() + "\n"),
    )


def script(configs: Sequence[RunConfig]) -> str:
    """One Python file; ``program`` says what of it may fail."""
    found = program(configs)
    head = f'"""{_about(configs)}\n\n    pip install {PACKAGES}\n    python race.py\n"""\n'
    body = "\n\n".join(f"# {part.title}\n\n{part.code}" for part in found)
    return f"{head}\n{body}"


def notebook(configs: Sequence[RunConfig]) -> str:
    """The same as an .ipynb file."""
    cells = [markdown(f"# {_about(configs)}\n\n`pip install {PACKAGES}`")]
    for part in program(configs):
        cells += [markdown(f"## {part.title}"), code(part.code)]
    return notebook_file(cells)


def _check(configs: Sequence[RunConfig]) -> None:
    if not configs:
        raise ConfigError("a program needs at least one variant")
    shared = {tuple(getattr(config, name) for name in _SHARED) for config in configs}
    if len(shared) > 1:
        raise ConfigError("the variants differ in more than norm, groups and penalties; a race has one of all else")


_SHARED = ("dataset", "epochs", "batch_size", "lr", "seed", "augment", "width", "precision", "validation", "recipe")


def _about(configs: Sequence[RunConfig]) -> str:
    names = ", ".join(distinct_labels(configs))
    return f"{names} on {DATASETS[configs[0].dataset].title}: {summary(configs[0])}."


def _settings(configs: Sequence[RunConfig]) -> str:
    first = configs[0]
    variants = "\n".join(
        f"    dict(name={label!r}, norm={config.norm!r}, groups={config.groups}, l1={config.l1!r}, l2={config.l2!r}),"
        for label, config in zip(distinct_labels(configs), configs, strict=True)
    )
    shared = {name: getattr(first, name) for name in ("epochs", "batch_size", "lr", "seed", "augment", "validation")}
    lines = "\n".join(f"{name.upper()} = {value!r}" for name, value in shared.items())
    return (
        "import math\n\nimport torch\nfrom torch import Tensor, nn\nfrom torch.nn import functional as F\n\n"
        f"VARIANTS = [\n{variants}\n]\n{lines}\n"
        f"MIXED = {first.precision == 'bf16'}  # convolutions of the training in bfloat16\n"
        f"SIDE, CLASSES = {SIDE}, {CLASSES}\n"
    )


def _data(config: RunConfig) -> str:
    row, small = DATASETS[config.dataset], config.dataset == embedded.NAME
    source_name = DATASETS["mnist"].torchvision if small else row.torchvision  # the program chooses the part anew
    if not source_name:
        return parts.DIGITS.strip() + "\n"
    chosen = ""
    code = parts.TORCHVISION.format(name=source_name)
    if small:
        source = inspect.getsource(choice.balanced).replace(
            "labels: Tensor, of_each: int, seed: int = SEED", "labels: Tensor, of_each: int, seed: int = 0"
        )
        chosen = "import numpy as np\n\n\n" + _without_docstring(source) + "\n\n"
        code += parts.CHOSEN.format(train=row.train_images // CLASSES, test=row.test_images // CLASSES)
    return chosen + code.strip() + "\n"


def _batches() -> str:
    names = ("ROTATION_DEGREES", "SHIFT_PIXELS", "STRETCH", "SHEAR", "BRIGHTNESS", "CONTRAST")
    ranges = "\n".join(f"{name} = {getattr(batches, name)!r}" for name in names)
    pixels = inspect.getsource(batches._pixels).replace("@cache\n", "@cache\n")
    return (
        f"from functools import cache\n\n{ranges}\n\n\n{inspect.getsource(batches.augment)}\n\n{pixels}\n\n"
        + parts.BATCHES.strip()
        + "\n"
    )


def _network(config: RunConfig) -> str:
    geometry = GEOMETRIES[config.recipe]
    border = DATASETS[config.dataset].border if geometry.crops else 0
    no_beta = tuple(name for name, row in NORMS.items() if not row.shifts)
    layers = "\n\n".join(
        inspect.getsource(layer) for layer in (networks.ContiguousGroupNorm, networks.PositionLayerNorm)
    )
    rms = inspect.getsource(networks.ImageRMSNorm)
    make = inspect.getsource(networks.make_norm).replace("name: NormName", "name: str")
    return (
        f"WIDTH, BORDER, PADDING, POOL_AFTER = {config.width}, {border}, {geometry.padding}, {POOL_AFTER}\n"
        f"EPS = {EPS!r}\nWITHOUT_BETA = {no_beta!r}\n{parts.NAMES}\n\n{layers}\n\n{rms}\n\n{make}\n\n"
        + parts.NETWORK.strip()
        + "\n"
    )


def _training() -> str:
    names = ("MOMENTUM", "MAX_GRADIENT_NORM", "RISING", "FIRST", "LAST")
    numbers = "\n".join(f"{name} = {getattr(optimizer, name)!r}" for name in names)
    rate = inspect.getsource(optimizer.learning_rate) + "\n\n" + inspect.getsource(optimizer._half_cosine)
    vectors = "\n\n".join(inspect.getsource(f) for f in (vector.as_vector, vector.mask, vector._like))
    return f"{numbers}\n\n\n{rate}\n\n{vectors}\n\n" + parts.TRAINING.strip() + "\n"


def _without_docstring(source: str) -> str:
    before, _, rest = source.partition('    """')
    return before + rest.partition('"""\n')[2]
