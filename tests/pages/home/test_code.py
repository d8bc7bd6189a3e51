"""The code that the first page has to copy: it runs, and with it on the screen the ways on still lead on."""

from __future__ import annotations

import pytest


def test_the_code_of_the_four_norms_can_be_copied_and_runs(open_page):
    app = open_page("home")
    assert not app.get("code")
    layers = {
        "BatchNorm": "nn.BatchNorm2d(8)",
        "LayerNorm": "nn.GroupNorm(1, 8)",
        "GroupNorm": "nn.GroupNorm(4, 8)",
        "InstanceNorm": "nn.InstanceNorm2d(8, affine=True)",
    }
    control = next(control for control in app.segmented_control if control.key == "home_code_choice")
    assert control.options == list(layers)
    for title, layer in layers.items():
        control.set_value(title).run()
        [code] = app.get("code")
        assert layer in code.value
        names: dict = {}
        exec(code.value, names)
        assert names["y"].shape == (4, 8, 28, 28)


@pytest.mark.parametrize("leads", ["Start the lesson", "A norm against none", "Race them on MNIST"])
def test_with_code_on_the_screen_the_buttons_lead_away(open_page, leads):
    app = open_page("home", home_code="GroupNorm")
    assert app.get("code")
    next(button for button in app.button if button.label == leads).click().run()
    assert not app.exception
    assert not app.get("code")
    assert "home_code" not in app.query_params
