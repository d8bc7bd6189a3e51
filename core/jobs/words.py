"""What a race says of itself while it runs: whole sentences, in Markdown."""

from __future__ import annotations

from core.jobs.snapshots import RaceSnapshot, VariantSnapshot

WAITING = "**Waiting.** {ahead} races ahead."
WAITING_FOR_ONE = "**Waiting.** 1 race ahead."
WAIT = "About {wait} to go."
FOLLOWS = "This page follows by itself."
STOPPING = "**Stopping.**"
DOWNLOADING = "The download has to end first."
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
REASON = "The race was {message}."

VARIANT_WAITS = "**{label}** waits"
VARIANT_TRAINS = "**{label}** epoch {epoch} of {epochs}, batch {batch} of {batches}"
VARIANT_TRAINS_ON = "**{label}** epoch {epoch} of {epochs}, batch {batch} of {batches}, {left} left"
VARIANT_TESTS = "**{label}** epoch {epoch} of {epochs}, testing"
VARIANT_TESTS_ON = "**{label}** epoch {epoch} of {epochs}, testing, {left} left"
VARIANT_ENDED = "**{label}** {status} after {done} of {epochs} epochs"
VARIANT_ENDED_TESTED = "**{label}** {status} after {done} of {epochs} epochs, test accuracy {accuracy:.2f} %"


def clock(seconds: float) -> str:
    """Seconds as people say them: "45 s", "3 min 05 s"."""
    whole = max(0, round(seconds))
    return f"{whole} s" if whole < 60 else f"{whole // 60} min {whole % 60:02d} s"


def headline(race: RaceSnapshot) -> str:
    """Where a race is, in a sentence or a few."""
    if race.status == "queued":
        ahead = WAITING_FOR_ONE if race.position == 1 else WAITING.format(ahead=race.position)
        wait = WAIT.format(wait=clock(race.expected_wait)) if race.expected_wait else ""
        return _joined(ahead, wait, FOLLOWS)
    if race.stopping and not race.ended:
        # at once, but for a download, which cannot be left in the middle
        return _joined(STOPPING, DOWNLOADING if race.status == "preparing" else "")
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
    return _joined(ENDS[race.status].format(elapsed=clock(race.elapsed)), stopped)


def progress_text(variant: VariantSnapshot) -> str:
    """Where a variant is, beside its bar."""
    last = variant.rows[-1] if variant.rows else None
    if variant.status == "waiting":
        text = VARIANT_WAITS
    elif variant.status == "training":
        text = VARIANT_TRAINS if variant.remaining is None else VARIANT_TRAINS_ON
    elif variant.status == "testing":
        text = VARIANT_TESTS if variant.remaining is None else VARIANT_TESTS_ON
    else:
        text = VARIANT_ENDED if last is None else VARIANT_ENDED_TESTED
    return text.format(
        label=variant.label,
        status=variant.status,
        epoch=variant.epoch,
        epochs=variant.config.epochs,
        batch=variant.batch,
        batches=variant.batches,
        left=clock(variant.remaining or 0.0),
        done=len(variant.rows),
        accuracy=last.test_accuracy if last else 0.0,
    )


def _joined(*sentences: str) -> str:
    return " ".join(sentence for sentence in sentences if sentence)
