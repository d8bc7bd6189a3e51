"""The norms and the data sets: what is true of each, one frozen row each. Standard library only.

A norm is a row here, its layer in ``core.model.make_norm``, and where it needs more than other sets, a line in
``core.normalization``. Nothing else knows it by its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

SetNorm = Literal["bn", "ln", "gn", "in", "ln-position", "rms"]
NormName = Literal[SetNorm, "none"]
DatasetName = Literal["mnist", "mnist-small", "fashion-mnist", "digits"]

Dimension = Literal["N", "G", "C/G", "H", "W"]
VIEW: tuple[Dimension, ...] = get_args(Dimension)
"""Every norm here sees an (N, C, H, W) tensor as (N, G, C/G, H, W)."""


@dataclass(frozen=True, kw_only=True)
class Norm:
    """One normalization.

    title, short: its name in full, and as a legend has it.  paper: arXiv number.
    color, dash, marker, strokes: how its lines look: "#rrggbb", plotly's dash and symbol, an SVG dash array.
    shared: the dimensions of ``VIEW`` over which a set runs; all others number the sets. Empty: no statistics.
    grouping: G of the view: ``one``, the ``chosen`` number of groups, or ``each`` channel by itself.
    centred: whether the mean is subtracted before the scale is taken.  shifts: whether there is a beta.
    running: whether inference uses estimates that were collected in training instead of its own input.
    basic: shown at first, and part of the preset of all norms; the others on request.
    torch_layer, torch_call: torch's own layer as code for C channels of H x W, and how x goes through it.
    torch_elementwise: torch's layer with the same statistics that has its parameters for every element, where there is
        one.
    own_layer: where torch has no such layer on (N, C, H, W): one of one's own, for C channels.
    torch_name, torch_counts: the name under which torch refuses a batch in training mode, and the dimensions whose
        product it wants above 1; empty where it never refuses.
    sets: what has a mean of its own, in a sentence's middle, with the places {images}, {c}, {groups} and {channels}.
    in_short: the same for a first look, in Markdown.
    """

    name: NormName
    title: str
    short: str
    paper: str = ""
    color: str
    dash: str
    marker: str
    strokes: str
    shared: tuple[Dimension, ...] = ()
    grouping: Literal["one", "chosen", "each"] = "one"
    centred: bool = True
    shifts: bool = True
    running: bool = False
    basic: bool = True
    torch_layer: str = ""
    torch_call: str = "layer(x)"
    torch_elementwise: str = ""
    own_layer: str = ""
    torch_name: str = ""
    torch_counts: tuple[Dimension, ...] = ()
    sets: str = ""
    in_short: str = ""

    @property
    def numbering(self) -> tuple[Dimension, ...]:
        """The dimensions of ``VIEW`` that number the sets."""
        return tuple(dimension for dimension in VIEW if dimension not in self.shared)

    @property
    def crosses_images(self) -> bool:
        """Whether a set holds cells of several images, so that one image's result depends on the others."""
        return "N" in self.shared

    @property
    def statistic(self) -> str:
        """What a set has one of, in words; with an s, many of them."""
        return "mean" if self.centred else "root mean square"

    def label(self, groups: int) -> str:
        """As a legend names it: "BN", "GN (4)", "no norm"."""
        return f"{self.short} ({groups})" if self.grouping == "chosen" else self.short


_ROWS = (
    Norm(
        name="bn",
        title="BatchNorm",
        short="BN",
        paper="1502.03167",
        color="#0072B2",
        dash="solid",
        marker="circle",
        strokes="",
        shared=("N", "C/G", "H", "W"),
        grouping="each",
        running=True,
        torch_layer="nn.BatchNorm2d({c})",
        torch_name="BatchNorm2d",
        torch_counts=("N", "H", "W"),
        sets="each channel has one mean, taken over {images}",
        in_short="One mean per channel, over **all images** of the batch: in training an image's result depends on "
        "the others; at inference estimates kept from training take the place of these means.",
    ),
    Norm(
        name="ln",
        title="LayerNorm",
        short="LN",
        paper="1607.06450",
        color="#D55E00",
        dash="dash",
        marker="square",
        strokes="9 5",
        shared=("C/G", "H", "W"),
        torch_layer="nn.GroupNorm(1, {c})  # one group: LayerNorm; nn.LayerNorm learns a gamma per number",
        torch_elementwise="nn.LayerNorm([{c}, {h}, {w}])",
        torch_name="GroupNorm",
        torch_counts=("N", "C/G", "H", "W"),
        sets="each image has one mean, taken over all its channels",
        in_short="One mean per image, over **all its channels**: the other images do not matter.",
    ),
    Norm(
        name="gn",
        title="GroupNorm",
        short="GN",
        paper="1803.08494",
        color="#009E73",
        dash="dashdot",
        marker="diamond",
        strokes="9 4 2 4",
        shared=("C/G", "H", "W"),
        grouping="chosen",
        torch_layer="nn.GroupNorm({g}, {c})",
        torch_name="GroupNorm",
        torch_counts=("N", "C/G", "H", "W"),
        sets="each image has one mean for {groups} of {channels}",
        in_short="One mean per image and **group of channels**; here G = {g} and C/G = {per}.",
    ),
    Norm(
        name="in",
        title="InstanceNorm",
        short="IN",
        paper="1607.08022",
        color="#CC79A7",
        dash="dot",
        marker="triangle-up",
        strokes="2 4",
        shared=("C/G", "H", "W"),
        grouping="each",
        torch_layer="nn.InstanceNorm2d({c}, affine=True)",
        torch_name="InstanceNorm2d",
        torch_counts=("H", "W"),
        sets="each channel of each image has its own mean",
        in_short="One mean per image and **channel**: no other image and no other channel matters.",
    ),
    Norm(
        name="none",
        title="No normalization",
        short="no norm",
        color="#7F7F7F",
        dash="longdash",
        marker="x",
        strokes="16 5",
        shifts=False,
    ),
    Norm(
        name="ln-position",
        title="LayerNorm per position",
        short="LN per position",
        paper="1607.06450",
        color="#56B4E9",
        dash="longdashdot",
        marker="star",
        strokes="16 4 2 4",
        shared=("C/G",),
        basic=False,
        own_layer="PositionLayerNorm({c})",
        torch_layer="nn.LayerNorm({c})  # over C alone, so it comes last",
        torch_call="layer(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)",
        sets="each position of each image has one mean, taken over its {c} channels",
        in_short="One mean per image and **position**, over its channels: the LayerNorm of transformers.",
    ),
    Norm(
        name="rms",
        title="RMSNorm",
        short="RMS",
        paper="1910.07467",
        color="#E69F00",
        dash="8px,2px,2px,2px,2px,2px",
        marker="pentagon",
        strokes="8 2 2 2 2 2",
        shared=("C/G", "H", "W"),
        centred=False,
        shifts=False,
        basic=False,
        own_layer="RMSNorm({c})",
        torch_layer="nn.RMSNorm([{c}, {h}, {w}], eps=1e-5)  # gamma for every element",
        torch_elementwise="nn.RMSNorm([{c}, {h}, {w}])",
        sets="each image has one root mean square, taken over all its channels (in transformers "
        "over those of each position), and no mean is subtracted",
        in_short="One root mean square per image, over **all its channels**; no mean is subtracted.",
    ),
)
NORMS: dict[NormName, Norm] = {row.name: row for row in _ROWS}
"""By name, the basic ones first."""
SET_NORMS: tuple[SetNorm, ...] = get_args(SetNorm)
"""The norms that have statistics: every one but ``none``."""
BASIC_SET_NORMS: tuple[SetNorm, ...] = tuple(name for name in SET_NORMS if NORMS[name].basic)
"""Those of them that are shown at first."""


SIDE = 28
"""Height and width of every image of every data set."""


@dataclass(frozen=True, kw_only=True)
class DataSet:
    """One data set of grey images, SIDE x SIDE, in ten classes.

    train_images, test_images: how many.  classes: their ten names, by label.
    mean, std: of all training images on the scale 0..1, what ``core.data.datasets`` computes from them. They belong
        to the data set, not to a run: a run that holds out a part for validation keeps them, too.
    border: how many pixels on each side are blank, or nearly so, and are cut off before a network.
    torchvision: the name of torchvision's class, which is its folder's name, too; empty where it needs no download.
    """

    name: DatasetName
    title: str
    train_images: int
    test_images: int
    classes: tuple[str, ...] = tuple("0123456789")  # CLASSES of them
    mean: float
    std: float
    border: int = 0
    torchvision: str = ""


_DATA_SETS = (
    DataSet(
        name="mnist",
        title="MNIST",
        train_images=60_000,
        test_images=10_000,
        mean=0.13066047627384287,
        std=0.30810780385646264,
        border=2,
        torchvision="MNIST",
    ),
    DataSet(  # a part of MNIST that comes with the app, by the same authors and under the same licence, CC BY-SA 3.0
        name="mnist-small",
        title="small MNIST",
        train_images=6_000,
        test_images=1_000,
        mean=0.1312580548886221,
        std=0.30861936735882267,
        border=2,
    ),
    DataSet(
        name="fashion-mnist",
        title="Fashion-MNIST",
        train_images=60_000,
        test_images=10_000,
        classes=(
            "T-shirt/top",
            "trouser",
            "pullover",
            "dress",
            "coat",
            "sandal",
            "shirt",
            "sneaker",
            "bag",
            "ankle boot",
        ),
        mean=0.2860405969887955,
        std=0.35302424451492237,
        torchvision="FashionMNIST",
    ),
    DataSet(
        name="digits",
        title="digits",
        train_images=1_438,
        test_images=359,
        mean=0.22468257469886424,
        std=0.31431776319069665,
        border=2,
    ),
)
DATASETS: dict[DatasetName, DataSet] = {row.name: row for row in _DATA_SETS}
FALLBACK: DatasetName = "mnist-small"
"""The data set that takes the place of one that cannot be had: it comes with the app and always works."""
QUICK: DatasetName = "mnist-small"
"""The data set that a visitor starts with: a race on it takes seconds, and shows what a norm is good for."""
CLASSES = 10
"""Of every data set."""
