"""What is wrong with the data is told for what it is: not as a fault of the network, nor in a library's own words."""

from __future__ import annotations

import pytest

from tests.core.cli.test_parser import run

FILES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")


def small(raw_files, images: int) -> dict[str, bytes]:
    """A data set of so few training images."""
    pictures, labels = (raw_files[name] for name in FILES)
    count = images.to_bytes(4, "big")
    return {
        **raw_files,
        FILES[0]: pictures[:4] + count + pictures[8 : 16 + 28 * 28 * images],
        FILES[1]: labels[:4] + count + labels[8 : 8 + images],
    }


@pytest.mark.parametrize(("images", "status"), [(11, 2), (12, 0)])
def test_validation_needs_twelve_images(images, status, raw_files, put, tmp_path, capsys):
    put(tmp_path, small(raw_files, images))
    arguments = ["train", "--norm", "ln", "--epochs", "1", "--batch-size", "11", "--threads", "1", "--validation"]
    found, _, err = run(capsys, *arguments, "--data-root", tmp_path, "--out", tmp_path / "runs", "--json")
    assert found == status
    assert err == (
        []
        if status == 0
        else [
            "core: error: validation=True holds out one training image of 12, and MNIST has only 11; leave it out",
        ]
    )


def test_a_run_on_validation_cannot_be_evaluated_on_fewer(raw_files, put, tmp_path, capsys):
    put(tmp_path, small(raw_files, 12))
    arguments = ["--norm", "ln", "--epochs", "1", "--batch-size", "11", "--threads", "1", "--validation"]
    assert run(capsys, "train", *arguments, "--data-root", tmp_path, "--out", tmp_path / "runs")[0] == 0
    [folder] = (tmp_path / "runs").iterdir()
    put(tmp_path / "fewer", small(raw_files, 5))
    status, out, err = run(capsys, "evaluate", folder, "--data-root", tmp_path / "fewer")
    assert (status, out) == (2, [])
    assert err == [
        "core: error: validation=True holds out one training image of 12, and MNIST has only 5; leave it out"
    ]


def test_images_of_one_grey_are_refused(raw_files, put, tmp_path, capsys):
    header = raw_files[FILES[0]][:16]
    raw = put(tmp_path, {**raw_files, FILES[0]: header + bytes(50 * 28 * 28)})
    for arguments in (["train", "--norm", "bn"], ["benchmark", "--quick"]):
        status, out, err = run(capsys, *arguments, "--data-root", tmp_path)
        assert (status, out) == (1, [])
        assert err == [
            f"core: error: MNIST in {raw} cannot be read (all training images are of one grey); "
            "remove that folder and it is downloaded again."
        ]


@pytest.mark.parametrize("content", [b"", b"\0" * 30, b"<html>not found</html>"])
def test_damaged_files_are_told_in_plain_words(content, raw_files, put, tmp_path, capsys):
    raw = put(tmp_path, {**raw_files, FILES[1]: content})
    status, _, err = run(capsys, "train", "--norm", "bn", "--data-root", tmp_path)
    assert status == 1
    assert err == [
        f"core: error: MNIST in {raw} cannot be read (the files are damaged); "
        "remove that folder and it is downloaded again."
    ]


@pytest.mark.parametrize("root", ["/proc/nope/data", "LOOP/data"])
def test_a_data_root_that_cannot_be_made_is_no_fault_of_the_network(root, tmp_path, capsys):
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    root = root.replace("LOOP", str(loop))
    status, _, err = run(capsys, "train", "--norm", "bn", "--data-root", root, "--out", tmp_path / "runs")
    assert status == 1
    assert len(err) == 1
    assert err[0].endswith(f"MNIST is not in {root} and could not be downloaded: that folder cannot be written.")
