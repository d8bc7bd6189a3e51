import numpy as np
import pytest

from core.four_images.source import Integers, cell_from_text, cell_to_text


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
