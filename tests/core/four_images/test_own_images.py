import base64
import io
import struct
import tracemalloc
import zlib
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.four_images.own_images import (
    FADED,
    MAX_SCANS,
    PALE,
    ImageRefused,
    own_image,
    read_drawing,
    read_upload,
    with_pale_border,
)


def figure(paper, ink, mode="L", size=(200, 300)):
    image = Image.new(mode, size, paper)
    ImageDraw.Draw(image).rectangle((90, 50, 110, 250), fill=ink)
    return image


def encoded(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@pytest.mark.parametrize(
    "image",
    [
        figure(255, 0),
        figure(0, 255),
        figure((0, 0, 0, 0), (0, 0, 0, 255), "RGBA"),
        figure((200, 220, 240), "navy", "RGB"),
    ],
)
def test_dark_on_light_light_on_dark_and_transparent_become_ink_on_paper(image):
    result = read_upload(encoded(image))
    assert result.shape == (28, 28)
    assert result.dtype == np.uint8
    assert result[14, 14] == 255
    assert result[:4].max() == result[-4:].max() == 0  # the margin
    rows, columns = np.nonzero(result > 128)
    assert rows.max() - rows.min() + 1 == 20
    assert columns.max() - columns.min() + 1 == 2


def test_jpeg_with_rotation_in_its_header():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    rows, columns = np.nonzero(read_upload(encoded(figure(255, 0), "JPEG", exif=exif)) > 128)
    assert columns.max() - columns.min() > 2 * (rows.max() - rows.min())


def test_a_photo_is_looked_at_in_small():
    """Twelve megapixels as 8-byte numbers would be 100 MB a copy."""
    large = figure(255, 0).resize((3000, 4500))
    for kind in ("JPEG", "PNG"):
        tracemalloc.start()
        found = read_upload(encoded(large, kind))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        np.testing.assert_allclose(found.astype(int), read_upload(encoded(figure(255, 0))).astype(int), atol=40)
        assert peak < 40e6, kind


def test_a_photo_of_many_megapixels_is_unpacked_at_a_fraction():
    large = encoded(figure(255, 0).resize((5000, 7500)), "JPEG")  # 37 megapixels
    found = own_image(large)
    np.testing.assert_allclose(found.picture.astype(int), read_upload(encoded(figure(255, 0))).astype(int), atol=40)
    assert 120 < max(found.original.shape) <= 240


def test_the_first_of_several_pictures_of_a_phone():
    """MPO: one JPEG behind the other, the first of which lists them all."""
    second = Image.new("L", (200, 300), 128)
    data = encoded(figure(255, 0), "MPO", save_all=True, append_images=[second])
    assert Image.open(io.BytesIO(data)).n_frames == 2
    assert np.array_equal(read_upload(data), read_upload(encoded(figure(255, 0), "JPEG")))


def scans(data, times):
    """The JPEG ``data`` with its last scan so many times over."""
    last = data.rindex(b"\xff\xda")
    return data[:-2] + (times - 1) * data[last:-2] + data[-2:]


def test_a_jpeg_in_steps_is_read_within_its_own_limits():
    """Its decoder holds all of it, and goes over all of it once a step, however few bytes a step has."""
    small = encoded(figure(255, 0), "JPEG", progressive=True)
    usual = small.count(b"\xff\xda")
    assert np.array_equal(read_upload(small), read_upload(encoded(figure(255, 0), "JPEG")))
    read_upload(scans(small, MAX_SCANS - usual + 1))
    with pytest.raises(ImageRefused, match=rf"^The image is built up in {MAX_SCANS + 1} steps; save it again"):
        read_upload(scans(small, MAX_SCANS - usual + 2))


def test_steps_cannot_be_hidden():
    """Neither behind bytes that are no marker, nor behind a marker without a length."""
    many = scans(encoded(figure(255, 0), "JPEG", progressive=True), 200)
    second = many.index(b"\xff\xda", many.index(b"\xff\xda") + 1)
    for between in (b"\x00garbage", b"\xff\x01\xff\xd0\xff\xff", b"\xff\x00\xff\xd7"):
        hidden = many[:second] + between + many[second:]
        with pytest.raises(ImageRefused, match="steps"):
            read_upload(hidden)


def test_what_follows_the_first_picture_of_a_jpeg_does_not_count():
    """Phones append films and further pictures."""
    photo = encoded(figure(255, 0), "JPEG")
    assert np.array_equal(read_upload(photo + 500 * b"\xff\xda\x00\x08"), read_upload(photo))


def test_sixteen_bits_a_pixel():
    values = np.full((300, 200), 60_000, dtype=np.uint16)
    values[50:251, 90:111] = 40_000  # both beyond 255, where a plain conversion would cut them off
    assert np.array_equal(read_upload(encoded(Image.fromarray(values))), read_upload(encoded(figure(255, 0))))


def test_a_header_that_breaks_its_reader():
    """Information for cameras that ends within its own first number."""
    plain = encoded(figure(255, 0))
    chunk = b"eXIf" + b"II*\0"
    broken = plain[:33] + struct.pack(">I", 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + plain[33:]
    with suppress(ImageRefused):  # one sentence or an image, and nothing else
        assert read_upload(broken).shape == (28, 28)


def animated():
    frames = [figure(255, 0), figure(0, 255)]
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"this is no image", "not an image"),
        (encoded(figure(255, 0))[:120], "damaged"),
        (animated(), "animated"),
        (encoded(Image.new("1", (10_000, 5_000))), "50 megapixels"),
        (encoded(Image.new("1", (15_000, 15_000))), "megapixels"),
        (b"x" * (9 * 2**20), "9 MB"),
        (encoded(Image.new("L", (50, 50), 200)), "one colour"),
        (encoded(Image.new("RGBA", (50, 50), (200, 10, 10, 0))), "one colour"),
        (encoded(Image.new("L", (10_000, 8_100)), "JPEG"), "81 megapixels; use one of at most 80"),
        (encoded(Image.new("L", (5_000, 5_000)), "JPEG", progressive=True), "25 megapixels; use one of at most 24"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not an image"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_sentence(data, words):
    with pytest.raises(ImageRefused, match=words) as refused:
        read_upload(data)
    assert str(refused.value).endswith(".")
    assert "\n" not in str(refused.value)


def test_a_drawing_arrives_as_it_was_drawn():
    drawn = np.zeros((28, 28), np.uint8)
    drawn[3, 5] = 200
    assert np.array_equal(read_drawing(base64.b64encode(drawn.tobytes()).decode()), drawn)


@pytest.mark.parametrize(
    "sent", [None, "", "!!!", base64.b64encode(b"12").decode(), base64.b64encode(bytes(784)).decode(), 7]
)
def test_a_bad_drawing_is_refused(sent):
    with pytest.raises(ImageRefused):
        read_drawing(sent)


@pytest.mark.parametrize("inner", [4, 2, 0])
def test_what_a_network_does_not_get_is_pale(inner):
    picture = np.arange(0, 96, 6, dtype=np.uint8).reshape(4, 4)
    before = picture.copy()
    pale = with_pale_border(picture, inner)
    border = (4 - inner) // 2
    for place in np.ndindex(4, 4):
        inside = all(border <= i < 4 - border for i in place)
        expected = picture[place] if inside else PALE + FADED * (float(picture[place]) - PALE)
        assert pale[place] == round(float(expected)), place
    np.testing.assert_array_equal(picture, before)
