import numpy as np
import pytest

from core.four_images.source import BATCH_SIZES, CHANNELS, SIDES, Integers, cell_from_text, cell_to_text, draw


def test_numbers_are_whole_and_follow_the_seed():
    first, again, other = (Integers(3, 2, seed).batch("bn", 1) for seed in (1, 1, 2))
    assert first.shape == (4, 3, 2, 2)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert np.array_equal(first, np.round(first))
    assert 0 <= first.min() <= first.max() <= 9


def test_a_source_holds_its_numbers_and_nobody_can_change_them():
    source = Integers(2, 1, 3)
    numbers = source.numbers + 1
    edited = source.edited(numbers)
    numbers[:] = 0
    assert np.array_equal(edited.numbers, source.drawn + 1)
    assert edited.drawn is source.drawn
    assert len(edited.edits) == 8
    assert edited == Integers(2, 1, 3, edited.edits) != source
    assert len({edited, Integers(2, 1, 3, edited.edits), source}) == 2
    with pytest.raises(ValueError, match="read-only"):
        source.numbers[0] = 1
    edited.batch("bn", 1)[:] = 0
    assert np.array_equal(edited.numbers, source.drawn + 1)


def test_replacing_image_4_leaves_the_other_three():
    source = Integers(2, 2)
    old, new = source.batch("bn", 1), source.batch("bn", 1, replaced=1)
    assert np.array_equal(old[:3], new[:3])
    assert not np.array_equal(old[3], new[3])


def test_cells_travel_through_the_url():
    assert cell_to_text((1, 0, 2, 3)) == "2.1.3.4"
    assert cell_from_text("2.1.3.4", (4, 2, 4, 4)) == (1, 0, 2, 3)
    for text in ("2.1.3.5", "0.1.1.1", "5.1.1.1", "1.1.1", "1.1.1.x", "", "1.1.1.²", "99999.1.1.1", "-1.1.1.1"):
        assert cell_from_text(text, (4, 2, 4, 4)) is None


def test_shapes_run_from_one_to_the_example_of_the_lesson():
    assert (tuple(range(1, 9)), tuple(range(1, 17)), tuple(range(1, 7))) == (BATCH_SIZES, CHANNELS, SIDES)
    assert Integers(12, 5, images=8).numbers.shape == (8, 12, 5, 5)


@pytest.mark.parametrize("images", BATCH_SIZES)
def test_fewer_images_are_the_first_of_more(images):
    some, all_of_them = Integers(3, 2, 5, images=images), Integers(3, 2, 5, images=8)
    assert np.array_equal(some.batch("bn", 1), all_of_them.numbers[:images])
    assert np.array_equal(draw(5, 3, 2, images), draw(5, 3, 2, 8)[:images])
    assert some.shape == (3, 2, 5, images)


@pytest.mark.parametrize("images", [1, 8])
def test_every_number_of_any_count_of_images_can_be_edited(images):
    source = Integers(2, 1, edits=((2 * images - 1, -3.5),), images=images)
    assert source.numbers[-1, -1, 0, 0] == -3.5
    assert source.edits == ((2 * images - 1, -3.5),)
    assert source.drawn[-1, -1, 0, 0] != -3.5
    assert source != Integers(2, 1, images=images)
    with pytest.raises(IndexError):
        Integers(2, 1, edits=((2 * images, 1.0),), images=images)


def test_one_image_is_its_own_last_one():
    source = Integers(2, 1, images=1)
    assert not np.array_equal(source.batch("bn", 1, replaced=1), source.numbers)
    assert [x.shape for x in source.stream("bn", 1, 3)] == [(1, 2, 1, 1)] * 3
    second = list(source.stream("bn", 1, 2))[1]
    assert np.array_equal(second, Integers(2, 1, 1, images=1).numbers)
