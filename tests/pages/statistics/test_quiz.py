"""The questions of the Statistics page: on another tensor, answered before the reveal, and scored."""

from __future__ import annotations

from core.four_images.quiz import questions
from tests.pages.conftest import texts
from tests.pages.statistics.test_statistics import choose, click


def test_questions_are_about_another_tensor_answered_before_the_reveal_and_scored(open_page):
    app = open_page("statistics", stats_tab="Check yourself")
    assert len(app.radio) == 5
    assert "Five questions on **BatchNorm**, with another tensor: (N, C, H, W) = **(8, 12, 5, 5)**." in texts(app)
    assert not app.success
    assert not app.error
    app.radio[0].set_value("12").run()  # C = 12
    assert "Right, 12." in app.success[0].value
    app.radio[3].set_value("No").run()  # BN in training: yes
    assert "You said No; the answer is Yes." in app.error[0].value
    assert "Score: 1 of 2 right" in texts(app)
    app.radio[3].set_value("Yes").run()  # the first answer counts
    assert "Score: 1 of 2 right" in texts(app)
    app = click(app, "Other questions")
    assert not app.success
    assert "(N, C, H, W) = **(2, 16, 7, 7)**" in texts(app)


def test_an_answer_counts_for_its_norm_and_for_every_picture(open_page):
    app = open_page("statistics", stats_tab="Check yourself")
    app.radio[0].set_value("12").run()
    assert "Score: 1 of 1 right" in texts(app)
    for norm in ("LayerNorm", "GroupNorm"):
        assert "Score" not in texts(choose(app, "stats_norm", norm))
    app = choose(choose(app, "stats_channels", 4), "stats_norm", "BatchNorm")
    assert "Score: 1 of 1 right" in texts(app)


def test_a_tensor_of_the_shape_that_is_asked_about_brings_questions_on_another(open_page):
    shown = {"stats_images": "8", "stats_channels": "12", "stats_side": "5", "stats_groups": "3"}
    app = open_page("statistics", stats_tab="Check yourself", **shown)
    assert "(N, C, H, W) = **(2, 16, 7, 7)**" in texts(app)


def test_all_five_right_are_praised_and_one_wrong_is_not(open_page):
    app = open_page("statistics", stats_tab="Check yourself")
    for radio, question in zip(range(5), questions((8, 12, 5, 5), "bn", 3, 0), strict=True):
        app.radio[radio].set_value(question.answer).run()
    assert "**Score: 5 of 5 right: all of it.**" in texts(app)
    app = click(app, "Other questions")
    for radio, question in zip(range(5), questions((2, 16, 7, 7), "bn", 4, 1), strict=True):
        wrong = next(option for option in question.options if not question.right(option))
        app.radio[radio].set_value(question.answer if radio else wrong).run()
    assert "**Score: 4 of 5 right. The explanations above say why.**" in texts(app)
