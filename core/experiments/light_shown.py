"""The table of ``light``, drawn: error against contrast, brightness or noise, one line a network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import plotly.graph_objects as go

from core.experiments.experiment import View
from core.experiments.figures import Axis, Line, in_words, line, lines_figure
from core.experiments.shifts import DIM, REESTIMATED
from core.experiments.study_networks import BN, METHODS, label
from core.experiments.table import Table

LABELS = tuple(label(method) for method in METHODS)
BATCH, GROUP, LAYER, INSTANCE, NOTHING = LABELS
BATCH_NEW = REESTIMATED.format(label=BATCH)
NORM_OF = {BATCH: BN[0], BATCH_NEW: BN[0], **{label(method): method[0] for method in METHODS}}
NAMES = tuple(NORM_OF)
"""In the order of a legend: the re-estimated BN beside BN, whose twin it is."""
Y = Axis(title="Test error (%)", span=(-2, 102))

AT = (
    "At {place} {bn} is wrong on {stored:.1f} % of the images with its stored statistics and on {new:.1f} % with "
    "re-estimated ones, {gn} on {of_gn:.1f}, {ln} on {of_ln:.1f} and {instance} on {of_in:.1f} %, and the network "
    "without a norm on {of_none:.1f} %."
)


@dataclass(frozen=True, kw_only=True)
class Varied:
    """What is varied, as the table and a picture have it.

    name: in the table.  x: its axis.  title: of the picture.
    place: a strength in a sentence.  told: the strength that is told of.
    clean: of the unchanged images, which the table has under contrast alone.
    """

    name: str
    x: Axis
    title: str
    place: str
    told: float
    clean: float

    def lines(self, table: Table) -> list[Line]:
        """Error against the strength, one line a network."""
        return [self._line(table, name) for name in NAMES]

    def _line(self, table: Table, name: str) -> Line:
        norm, twin = NORM_OF[name], int(name == BATCH_NEW)
        changed = line(table, name, norm, "amount", "error", twin=twin, network=name, varied=self.name)
        if self.name == "contrast":
            return changed
        as_it_is = line(table, name, norm, "amount", "error", network=name, varied="contrast", amount=1.0)
        clean = (self.clean,) * len(as_it_is.x)
        return replace(changed, x=clean + changed.x, values=as_it_is.values + changed.values)

    def picture(self, table: Table) -> go.Figure:
        """The lines."""
        return lines_figure(self.lines(table), title=self.title, x=self.x, y=Y)

    def words(self, table: Table) -> str:
        """The numbers of ``picture``."""
        return in_words(self.lines(table), x=self.x, y=Y)

    def seen(self, table: Table) -> str:
        """All errors at one strength."""
        errors = {name: error_at(table, name, self.name, self.told) for name in NAMES}
        return AT.format(
            place=self.place.format(self.told),
            bn=BATCH,
            gn=GROUP,
            ln=LAYER,
            instance=INSTANCE,
            stored=errors[BATCH],
            new=errors[BATCH_NEW],
            of_gn=errors[GROUP],
            of_ln=errors[LAYER],
            of_in=errors[INSTANCE],
            of_none=errors[NOTHING],
        )


def error_at(table: Table, network: str, varied: str, amount: float) -> float:
    """The mean over seeds, in percent."""
    return table.mean("error", network=network, varied=varied, amount=amount)


CONTRAST = Varied(
    name="contrast",
    x=Axis(title="Contrast, as a factor", log=True, span=(1.05, 0.047), ticks=(1, 0.5, 0.3, 0.2, 0.1, 0.05)),
    title="Test error when the contrast falls",
    place="contrast {:g}",
    told=DIM,
    clean=1.0,
)
"""Falls to the right."""
BRIGHTNESS = Varied(
    name="brightness",
    x=Axis(title="Brightness, added everywhere", span=(-0.02, 0.62)),
    title="Test error when brightness is added",
    place="brightness +{:g}",
    told=0.5,
    clean=0.0,
)
NOISE = Varied(
    name="noise",
    x=Axis(title="Noise: standard deviation", span=(-0.02, 0.52)),
    title="Test error under noise",
    place="a noise of standard deviation {:g}",
    told=0.3,
    clean=0.0,
)


def views(seen: Callable[[Table], str]) -> tuple[View, ...]:
    """The pictures to choose from; ``seen``: what is said of the first."""
    return tuple(
        View(
            name=each.name,
            title=each.name.capitalize(),
            picture=each.picture,
            words=each.words,
            seen=seen if each is CONTRAST else each.seen,
        )
        for each in (CONTRAST, BRIGHTNESS, NOISE)
    )
