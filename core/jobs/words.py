"""What a race says of itself while it runs: whole sentences, in Markdown."""

from __future__ import annotations

from dataclasses import replace

from core.catalogue import DATASETS, DatasetName
from core.jobs.snapshots import JobSnapshot, RaceSnapshot, VariantSnapshot
from core.labels import listed, summary
from core.quoting import shortened

STOPPED_BY_SYSTEM = "training stopped by the system: {reason}"
STOPPED_AT_FILE = "training stopped by the system: {reason} ({file})"
STOPPED_BY_ERROR = "training stopped on an error: {kind}: {error}"
WAITING = "**Waiting.** {ahead} ahead in line."
NEXT = "**Waiting.** Next in line."
WAIT = "About {wait} to go."
FOLLOWS = "This page follows by itself."
STOPPING = "**Stopping.**"
PREPARING = "**Getting the data ready.**"
DOWNLOADED = "{megabytes:.1f} MB so far."
RACING = "**Racing.**"
LEFT = "About {left} left."
SPEED = "{rate:,.0f} images a second in all."
ENDS = {
    "complete": "**Finished** after {elapsed}.",
    "interrupted": "**Stopped** after {elapsed}.",
    "failed": "**Ended early** after {elapsed}.",
}
PARTLY_STOPPED = "**Ended** after {elapsed}."
ENDED_SO = {
    "complete": "Completed: {labels}.",
    "interrupted": "Stopped: {labels}.",
    "diverged": "Diverged: {labels}.",
    "failed": "Failed: {labels}.",
}
"""What became of the variants, where it is not the same for all."""
REASON = "The race was {message}."

SETTINGS = "{dataset}: {settings}."
SETTINGS_MIXED = "{dataset}: {settings}, convolutions in {precision} (16-bit numbers)."
L1 = "{label}: L1 {l1:g}."
L2 = "{label}: L2 {l2:g}."
L1_AND_L2 = "{label}: L1 {l1:g}, L2 {l2:g}."
NOT_KEPT = (
    "The server's folder of runs is full or cannot be written: what is trained here is shown on this page, "
    "but not kept ({labels})."
)

IN_SHORT_PREPARING = "**{variants}** on {dataset}: getting the data ready"
IN_SHORT_NEXT = "**{variants}** on {dataset}: next in line"
IN_SHORT_WAITING = "**{variants}** on {dataset}: waiting, {ahead} ahead in line"
IN_SHORT_STOPPING = "**{variants}** on {dataset}: stopping"
IN_SHORT_RACING = "**{variants}** on {dataset}: racing"

GAP = (
    "Gap: training minus test accuracy. Training accuracy is measured while the weights still move, so the gap may be "
    "negative."
)
GAP_AUGMENTED = (
    "Gap: training minus test accuracy. Training accuracy is measured on augmented images while the weights still "
    "move, so the gap may be negative."
)
VARIANT_WAITS = "waits"
VARIANT_TRAINS = "epoch {epoch} of {epochs}, batch {batch} of {batches}"
VARIANT_TRAINS_ON = "epoch {epoch} of {epochs}, batch {batch} of {batches}, {left} left"
VARIANT_TESTS = "epoch {epoch} of {epochs}, testing"
VARIANT_TESTS_ON = "epoch {epoch} of {epochs}, testing, {left} left"
VARIANT_ENDED = "{status} after {done} of {epochs} epochs"
EARLY_IMAGES = "{images} of the test images"
ALL_IMAGES = "all {images} test images"


def clock(seconds: float) -> str:
    """Seconds as people say them: "45 s", "3 min 05 s"."""
    whole = max(0, round(seconds))
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"


def waiting(job: JobSnapshot) -> str:
    """The place of a job in the queue, and how long that may take."""
    ahead = WAITING.format(ahead=job.position) if job.position else NEXT
    return _joined(ahead, WAIT.format(wait=clock(job.expected_wait)) if job.expected_wait else "", FOLLOWS)


def headline(race: RaceSnapshot) -> str:
    """Where a race is, in a sentence or a few."""
    if race.status == "queued":
        return waiting(race)
    if race.stopping and not race.ended:
        return STOPPING
    if race.status == "preparing":
        return _joined(PREPARING, DOWNLOADED.format(megabytes=race.downloaded / 1e6) if race.downloaded else "")
    if race.status == "running":
        left = race.remaining
        rate = sum(v.images_per_second for v in race.variants if not v.ended)
        return _joined(
            RACING,
            LEFT.format(left=clock(left)) if left is not None else "",
            SPEED.format(rate=rate) if rate else "",
        )
    stopped = REASON.format(message=race.message) if race.status == "interrupted" and race.message else ""
    ends = {v.status for v in race.variants}
    end = PARTLY_STOPPED if race.status == "interrupted" and "complete" in ends else ENDS[race.status]
    each = [
        sentence.format(labels=listed([v.label for v in race.variants if v.status == status]))
        for status, sentence in ENDED_SO.items()
        if status in ends and len(ends) > 1
    ]
    return _joined(end.format(elapsed=clock(race.elapsed)), stopped, *each)


def settings(race: RaceSnapshot) -> str:
    """On which data set a race is, and under which settings, penalties included: they are not in the form any more."""
    config = race.variants[0].config  # all but norm and penalties is shared
    shared = (SETTINGS if config.precision == "fp32" else SETTINGS_MIXED).format(
        dataset=DATASETS[config.dataset].title,
        settings=summary(replace(config, l1=0.0, l2=0.0, precision="fp32")),
        precision=config.precision,
    )
    return _joined(shared, *(_penalties(variant) for variant in race.variants))


def notes(race: RaceSnapshot) -> str:
    """What a visitor should know: other data than asked for, runs that cannot be kept; empty where there is nothing."""
    lost = [variant.label for variant in race.variants if not variant.kept]
    return _joined(race.note, NOT_KEPT.format(labels=listed(lost)) if lost else "")


def in_short(race: RaceSnapshot) -> str:
    """Which race this is and where, in a line of a list; for one that has not ended."""
    if race.stopping:
        text = IN_SHORT_STOPPING
    elif race.status == "preparing":
        text = IN_SHORT_PREPARING
    elif race.status == "queued":
        text = IN_SHORT_WAITING if race.position else IN_SHORT_NEXT
    else:
        text = IN_SHORT_RACING
    return text.format(
        variants=listed([variant.label for variant in race.variants]),
        dataset=DATASETS[race.variants[0].config.dataset].title,
        ahead=race.position,
    )


def progress_text(variant: VariantSnapshot) -> str:
    """Where a variant is, beside its bar."""
    if variant.status == "waiting":
        text = VARIANT_WAITS
    elif variant.status == "training":
        text = VARIANT_TRAINS if variant.remaining is None else VARIANT_TRAINS_ON
    elif variant.status == "testing":
        text = VARIANT_TESTS if variant.remaining is None else VARIANT_TESTS_ON
    else:
        text = VARIANT_ENDED
    return text.format(
        status=variant.status,
        epoch=variant.epoch,
        epochs=variant.config.epochs,
        batch=variant.batch,
        batches=variant.batches,
        left=clock(variant.remaining or 0.0),
        done=len(variant.rows),
    )


def why_the_gap(augmented: bool) -> str:
    """What the gap between training and test accuracy is, and why a test may come out better."""
    return GAP_AUGMENTED if augmented else GAP


def early_images(images: int, dataset: DatasetName) -> str:
    """On which test images the looks within the first epoch are."""
    return (EARLY_IMAGES if images < DATASETS[dataset].test_images else ALL_IMAGES).format(images=images)


def _penalties(variant: VariantSnapshot) -> str:
    l1, l2 = variant.config.l1, variant.config.l2
    text = L1_AND_L2 if l1 and l2 else L1 if l1 else L2 if l2 else ""
    return text.format(label=variant.label, l1=l1, l2=l2)


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)


def what_stopped(error: Exception) -> str:
    """What stopped a training, for whoever started it: of a full disk the system's own words."""
    if isinstance(error, OSError) and error.strerror:
        template = STOPPED_AT_FILE if error.filename else STOPPED_BY_SYSTEM
        return template.format(reason=error.strerror, file=shortened(error.filename))
    return STOPPED_BY_ERROR.format(kind=type(error).__name__, error=shortened(error))
