"""The first page: title, tiles with their counts, their sentence and the first thing to do share a window."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from core.experiments.listed import experiment
from core.lesson.situations import SITUATIONS
from core.normalization import set_count, set_index
from tests.browser.axe import serious
from tests.browser.conftest import drawn, settle
from tests.browser.one_screen import SIZES, in_order, no_wider, outside
from tests.browser.steady import addressed, box_of, boxes_of, reads

NORMS = ("bn", "ln", "gn")


def opened(page: Page, url: str, size: dict[str, int]) -> Page:
    page.set_viewport_size(size)
    page.goto(url)
    settle(page)
    page.locator(".board .tile").nth(95).wait_for()
    drawn(page)
    return page


def lit(page: Page) -> dict[str, list[int]]:
    """Which tiles are lit under each norm, row by row."""
    return {
        norm: page.locator(f".norm.{norm} .tile").evaluate_all(
            "tiles => tiles.flatMap((tile, i) => tile.classList.contains('lit') ? [i] : [])"
        )
        for norm in NORMS
    }


def shared(n: int, c: int, shape: tuple[int, int], groups: int) -> dict[str, list[int]]:
    """The same by the maths of the app."""
    sets = {norm: set_index(norm, (*shape, 1, 1), groups)[:, :, 0, 0] for norm in NORMS}
    return {norm: (index == index[n, c]).ravel().nonzero()[0].tolist() for norm, index in sets.items()}


def lights(page: Page, n: int, c: int, shape: tuple[int, int], groups: int) -> None:
    """Wait until the tiles are lit that share a mean with this one."""
    reads(page, lambda: lit(page), shared(n, c, shape, groups))


def test_the_tiles_and_the_first_thing_to_do_share_a_window_and_come_first_on_a_phone(page, server):
    opened(page, server.url, SIZES[0])
    parts = {
        "title": page.get_by_role("heading", name="Which numbers share a mean?"),
        "first": page.get_by_role("button", name="Start the lesson"),
        "second": page.get_by_role("button", name="A norm against none"),
        "third": page.get_by_role("button", name="Race them on MNIST"),
        "sentence": page.locator(".said"),
        "steppers": page.locator(".steppers"),
        "two minutes": page.get_by_text("In two minutes"),
        **{f"{kind} of {norm}": page.locator(f".norm.{norm} .{kind}") for norm in NORMS for kind in ("board", "words")},
    }
    for size in SIZES:
        page.set_viewport_size(size)
        drawn(page)
        assert not outside(page, parts), size
    tile = page.locator(".tile").first
    expect(tile).to_have_css("transition-duration", "0.12s")
    page.emulate_media(reduced_motion="reduce")
    expect(tile).to_have_css("transition-duration", "0s")

    page.emulate_media(reduced_motion="no-preference")
    page.set_viewport_size({"width": 390, "height": 844})
    drawn(page)
    boards = [page.locator(f".norm.{norm}") for norm in NORMS]
    assert not outside(page, dict(zip(NORMS, boards, strict=True)) | {"steppers": page.locator(".steppers")})
    lead, steppers = page.locator(".lead"), page.locator(".stepper")

    def places() -> tuple[bool, int]:
        last = box_of(boards[-1])
        below = box_of(lead)["y"] >= last["y"] + last["height"]
        return below, len({stepper["y"] for stepper in boxes_of(steppers)})

    reads(page, places, (True, 1))
    no_wider(page)
    assert not serious(page)


def test_pointing_keys_and_steppers_light_the_sets_of_all_three_norms(page, server):
    opened(page, server.url, SIZES[1])
    assert shared(1, 2, (4, 8), 4) == {"bn": [2, 10, 18, 26], "ln": [*range(8, 16)], "gn": [10, 11]}
    lights(page, 1, 2, (4, 8), 4)
    page.locator(".norm.ln .tile").nth(3 * 8 + 5).hover()
    lights(page, 3, 5, (4, 8), 4)
    expect(page.locator(".said")).to_have_text(
        "The mean of image 4, channel 6 is taken over 4 (BatchNorm), 8 (LayerNorm) and 2 (GroupNorm) tiles."
    )
    page.locator(".norm.bn .board").focus()
    for key in ("ArrowDown", "ArrowRight", "ArrowLeft", "ArrowLeft"):  # from the last image to the first
        page.keyboard.press(key)
    lights(page, 0, 4, (4, 8), 4)

    page.get_by_role("button", name="Images N: more").click()
    page.get_by_role("button", name="Channels C: less").click()  # 7 channels: neither 4 nor 2 groups are possible
    page.get_by_role("button", name="Channels C: less").click()
    expect(page.locator(".stepper .value")).to_have_text(["5", "6", "3"])
    lights(page, 0, 4, (5, 6), 3)
    counts = (
        "BatchNorm: C = 6 means, each of N × H × W numbers",
        "LayerNorm: N = 5 means, each of C × H × W numbers",
        "GroupNorm: N × G = 15 means, each of (C/G) × H × W numbers",
    )
    for norm, count in zip(NORMS, counts, strict=True):
        expect(page.locator(f".norm.{norm} .count")).to_have_text(count)
    assert [set_count(norm, (5, 6, 1, 1), 3) for norm in NORMS] == [6, 5, 15]
    less = page.get_by_role("button", name="Groups G: less")
    less.click()
    less.click()
    expect(page.locator(".norm.gn .short")).to_have_text(
        "One mean per image and group of channels, here one group of all: as LayerNorm."
    )
    expect(less).to_have_attribute("aria-disabled", "true")
    lights(page, 0, 4, (5, 6), 1)
    assert lit(page)["gn"] == lit(page)["ln"]
    for _ in range(4):
        page.get_by_role("button", name="Images N: less").click()
    expect(page.locator(".norm.bn .short")).to_have_text(
        "One mean per channel, here of the only image: as InstanceNorm."
    )


def test_the_table_opens_its_numbers_and_leads_to_its_evidence_within_the_visit(page, server):
    opened(page, server.url, SIZES[1])
    table = page.get_by_role("table")
    expect(table.get_by_role("columnheader")).to_have_text(["When", "Take", "Why", "See it here"])
    expect(table.get_by_role("rowheader")).to_have_text([row.when for row in SITUATIONS])
    numbers = table.get_by_text("ImageNet error at 8 images")
    expect(numbers).to_be_hidden()
    opener = table.get_by_role("button", name="The numbers: 4 or 8 images a batch")
    opener.click()
    expect(numbers).to_be_visible()
    expect(opener).to_have_attribute("aria-expanded", "true")
    paper = table.get_by_role("link", name="arXiv 1803.08494").locator("visible=true")
    expect(paper).to_have_attribute("href", "https://arxiv.org/abs/1803.08494")

    page.set_viewport_size({"width": 390, "height": 844})
    in_order(page, *(table.get_by_text(words, exact=True) for words in (SITUATIONS[0].when, "BatchNorm")), numbers)
    no_wider(page)
    assert not serious(page)
    expect(numbers).to_be_visible()

    forgot = experiment("forgot-eval")
    link = table.get_by_role("link", name=forgot.title)
    expect(link).to_have_attribute("href", f"{server.url}/lab?lab_experiment=forgot-eval")
    page.evaluate("window.same = true")  # a link that loaded the app anew would begin another visit
    link.click()
    expect(page.get_by_role("heading", name=forgot.question)).to_be_visible()
    addressed(page, "lab_experiment", "forgot-eval")
    assert page.evaluate("window.same")
