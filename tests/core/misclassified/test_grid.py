"""The 5x2 picture: which images, in which order, with which words, and where."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import ImageDraw, ImageFont

from core.catalogue import DATASETS
from core.config import RunConfig
from core.misclassified.grid import ORDERS, annotation, choose, enlarge, grid_picture, on_page, page_count, ranked
from core.records.record import Predictions, RunRecord, RunSummary
from tests import wrong_records

DIGITS = DATASETS["digits"].classes


def predictions(wrong: int, right: int = 5) -> Predictions:
    """Right ones at the even places as long as they last; image i is filled with i, class i % 10 + 1 is predicted."""
    m = wrong + right
    true = np.arange(m) % 10
    is_wrong = np.zeros(m, dtype=bool)
    is_wrong[np.argsort(np.arange(m) % 2 == 0, kind="stable")[:wrong]] = True
    probabilities = np.full((m, 10), 0.01)
    predicted = np.where(is_wrong, (true + 1) % 10, true)
    probabilities[np.arange(m), predicted] = 0.5 + (np.arange(m) * 7 % m) / (2 * m)
    images = (np.arange(m)[:, None, None] * np.ones((1, 28, 28))).astype(np.uint8)
    return Predictions.of(true, probabilities, images, "0" * 64)


def record(found: Predictions) -> RunRecord:
    return RunRecord(RunSummary(config=RunConfig(norm="gn"), status="interrupted"), {}, found)


@pytest.fixture
def texts(monkeypatch):
    """The words that a picture gets, with their places."""
    written = []
    real = ImageDraw.ImageDraw.text

    def spy(self, xy, text, *rest, **named):
        written.append((xy, text))
        return real(self, xy, text, *rest, **named)

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", spy)
    return written


def test_the_most_confident_come_first():
    found = predictions(20)
    chosen = choose(found, "confident")
    confidence = found.confidence[found.wrong_index]
    assert len(chosen) == 10
    assert confidence[chosen].tolist() == sorted(confidence.tolist(), reverse=True)[:10]


def test_equally_confident_ones_come_by_position():
    found = predictions(12)
    found.confidence[:] = 0.75
    assert choose(found, "confident").tolist() == list(range(10))


def test_the_first_come_by_position():
    assert choose(predictions(20), "first").tolist() == list(range(10))
    assert choose(predictions(20), "first", count=3).tolist() == [0, 1, 2]


def test_random_ones_are_different_images_and_come_again_with_the_seed():
    found = predictions(30)
    chosen = choose(found, "random", seed=4)
    assert len(set(chosen.tolist())) == 10
    assert chosen.min() >= 0
    assert chosen.max() < 30
    assert chosen.tolist() == choose(found, "random", seed=4).tolist()
    assert chosen.tolist() != choose(found, "random", seed=5).tolist()


def test_by_class_goes_through_the_true_classes_and_by_confidence_in_each():
    found = wrong_records.predictions({5: 1, 15: 1, 2: 0, 12: 3}, confidence={5: 0.6, 15: 0.8, 2: 0.9, 12: 0.7})
    assert found.wrong_index[ranked(found, "class")].tolist() == [2, 12, 15, 5]


def test_by_pair_goes_from_the_most_frequent_pair_and_by_confidence_in_each():
    # three fives taken for a 3; two twos for a 7 and two nines for a 4; one 1 for a 0
    wrong = {5: 3, 15: 3, 25: 3, 9: 4, 19: 4, 2: 7, 12: 7, 1: 0}
    confidence = {5: 0.5, 15: 0.9, 25: 0.7, 9: 0.6, 19: 0.6, 2: 0.4, 12: 0.8, 1: 0.99}
    found = wrong_records.predictions(wrong, confidence=confidence)
    assert found.wrong_index[ranked(found, "pair")].tolist() == [15, 25, 5, 12, 2, 9, 19, 1]


@pytest.mark.parametrize("order", ORDERS)
def test_the_pages_together_show_every_error_once(order):
    places = ranked(predictions(23), order, seed=3)
    pages = [on_page(places, page).tolist() for page in range(1, page_count(23) + 1)]
    assert [len(page) for page in pages] == [10, 10, 3]
    assert pages[0] == choose(predictions(23), order, seed=3).tolist()
    assert sorted(place for page in pages for place in page) == list(range(23))
    assert on_page(places, 4).tolist() == []


def test_there_is_at_least_one_page():
    assert [page_count(n) for n in (0, 1, 10, 11, 20, 21)] == [1, 1, 1, 2, 2, 3]


def test_a_name_and_a_detail_are_written(texts):
    found = predictions(12)
    grid_picture(record(found), np.arange(2), DIGITS, order="pair", name="GN (4), seed 3", detail="page 2 of 2")
    assert texts[0][1] == "GN (4), seed 3: 12 of 17 test images misclassified"
    assert texts[1][1] == "2 of them, the most frequent pair of true and predicted class first, page 2 of 2"


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("wrong", [0, 1, 7])
def test_with_fewer_than_ten_errors_there_are_as_many_as_there_are(order, wrong):
    assert sorted(choose(predictions(wrong), order).tolist()) == list(range(wrong))


def test_enlarged_pixels_are_squares():
    large = enlarge(np.array([[1, 2], [3, 4]], dtype=np.uint8), 2)
    assert large.tolist() == [[1, 1, 2, 2], [1, 1, 2, 2], [3, 3, 4, 4], [3, 3, 4, 4]]
    assert large.dtype == np.uint8


def test_an_annotation_is_of_the_image_in_the_test_set():
    found = predictions(4, right=4)
    assert found.wrong_index.tolist() == [1, 3, 5, 7]
    names = DATASETS["fashion-mnist"].classes
    assert annotation(found, 2, names) == (
        names[5],
        names[6],
        f"{100 * found.confidence[5]:.1f} %",
    )


def test_ten_images_make_five_columns_and_two_rows(texts):
    found = predictions(10)
    picture = grid_picture(record(found), np.arange(10), DIGITS, order="first")
    tile, text, gap, top = 168, 86, 18, 100
    assert picture.size == (5 * tile + 6 * gap, top + 2 * (tile + text + gap))
    for place in range(10):
        row, column = divmod(place, 5)
        x, y = gap + column * (tile + gap), top + row * (tile + text + gap)
        # image i is filled with i, ink on paper: shown dark on light
        index = int(found.wrong_index[place])
        assert picture.getpixel((x + tile // 2, y + tile // 2)) == (255 - index,) * 3
        below = [words for (wx, wy), words in texts if wx == x and y + tile <= wy < y + tile + text]
        assert below == [
            f"true {index % 10}",
            f"predicted {(index + 1) % 10}",
            f"confidence {100 * found.confidence[index]:.1f} %",
        ]
    assert texts[0][1] == "GN (4): 10 of 15 test images misclassified"
    assert texts[1][1] == "10 of them, in the order of the test set"
    assert texts[2][1] == "MNIST, 20 epochs, batch 128, lr 0.1, seed 0"


def test_texts_stay_inside_the_picture_even_with_long_class_names(texts):
    found = predictions(10)
    picture = grid_picture(record(found), np.arange(10), DATASETS["fashion-mnist"].classes, order="confident")
    assert texts[1][1] == "10 of them, most confident first"
    font = ImageFont.load_default(17)
    for (x, _), words in texts[3:]:
        width = font.getlength(words)
        assert width <= 168, words  # as wide as the image above
        assert x + width <= picture.size[0], words


def test_the_longest_settings_stay_inside_the_picture(monkeypatch):
    drawn = []
    real = ImageDraw.ImageDraw.text

    def spy(self, xy, text, *rest, font, **named):
        drawn.append(xy[0] + font.getlength(text))
        return real(self, xy, text, *rest, font=font, **named)

    monkeypatch.setattr(ImageDraw.ImageDraw, "text", spy)
    longest = RunConfig(
        norm="gn",
        dataset="fashion-mnist",
        batch_size=1024,
        lr=0.0123,
        seed=2**32 - 1,
        l1=1.25e-4,
        l2=1.25e-4,
        augment=False,
        precision="bf16",
        validation=True,
    )
    found = record(predictions(2)).changed(config=longest)
    picture = grid_picture(found, np.arange(2), DIGITS, order="first")
    assert max(drawn) <= picture.size[0] - 18


@pytest.mark.parametrize(("wrong", "rows"), [(0, 1), (3, 1), (6, 2)])
def test_fewer_errors_make_a_smaller_picture(wrong, rows):
    found = predictions(wrong)
    picture = grid_picture(record(found), choose(found, "first"), DIGITS, order="first")
    assert picture.size[1] == 100 + rows * (168 + 86 + 18)


def test_the_real_thing(record_folder, digits):
    """A trained run's own errors: each picture shows the image that the test set has at its place."""
    from core.records.store import load

    kept = load(record_folder)
    found = kept.predictions
    chosen = choose(found, "first")
    assert len(chosen) == min(10, len(found.wrong_index))
    for position in chosen:
        index = found.wrong_index[position]
        np.testing.assert_array_equal(found.wrong_image[position], digits.test_images[index].numpy())
        true, predicted, _ = annotation(found, position, DIGITS)
        assert true == str(int(digits.test_labels[index])) != predicted
