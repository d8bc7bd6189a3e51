"""The Compare page and the study that comes with the app: its names, its findings, and parts of it."""

from __future__ import annotations

from dataclasses import replace

from core.comparison.methods import method_id
from core.config import STUDY_SEEDS, preset, races
from core.records import store as runs
from core.records.store import RunStore
from pages.parts.compare.findings import FOLDED
from pages.parts.shared.study import shipped_findings
from tests.pages.conftest import texts


def said_of_pairs(app) -> str:
    """All that the page says, the lines of its questions included."""
    return "\n".join([texts(app), *(expander.label for expander in app.expander)])


def test_a_first_visit_decodes_each_record_once_and_whole_only_what_is_needed(open_page, monkeypatch, decodes):
    monkeypatch.setenv(runs.SHIPPED_ENV, str(runs.SHIPPED))
    app = open_page("compare")
    assert " questions that were tested, " in texts(app)  # the study's findings are on the page
    assert len(decodes.summaries) == len(set(decodes.summaries)) == sum(map(len, races()))
    assert len(decodes.whole) == len(set(decodes.whole))
    configs = {run_id: runs.load_summary(runs.SHIPPED / run_id).config for run_id in decodes.whole}
    # the study says nothing of IN, and nothing of a network without a norm
    expected = {(c.norm, c.l1, c.l2, c.seed) for race in races() for c in race if c.norm not in ("in", "none")}
    assert {(c.norm, c.l1, c.l2, c.seed) for c in configs.values()} == expected
    decodes.clear()
    open_page("compare")
    assert decodes.summaries == decodes.whole == []


def test_a_part_of_the_study_is_tested_by_itself(open_page, monkeypatch):
    monkeypatch.setenv(runs.SHIPPED_ENV, str(runs.SHIPPED))
    pair = [method_id(config) for config in preset("assignment", precision="bf16")[1:]]
    app = open_page("compare", compare_runs=pair)
    assert not app.warning
    seeds = len(STUDY_SEEDS["assignment"])
    shown = {row["Method"]: row["Seeds"] for row in app.dataframe[0].value.to_dict("records")}
    assert shown == {"GN (4)": seeds, "LN": seeds}
    said = [line for line in said_of_pairs(app).splitlines() if line.startswith("**GN (4) or LN?**")]
    # by itself the pair is no family of three; the study has it once more, adjusted
    assert len(said) == 1
    app.session_state[FOLDED] = True
    app.run()
    said = [line for line in said_of_pairs(app).splitlines() if line.startswith("**GN (4) or LN?**")]
    adjusted = [c.value for c in app.caption if "GN (4) minus LN" in c.value]
    assert len(said) == len(adjusted) == 2
    assert ["Holm-adjusted for 3 tests" in sentence for sentence in adjusted] == [False, True]
    assert "What the study says" in texts(app)


def test_of_the_study_the_pairs_stand_in_the_matrix_and_the_rest_in_lines(open_page, monkeypatch):
    monkeypatch.setenv(runs.SHIPPED_ENV, str(runs.SHIPPED))
    first, second, third = (method_id(config) for config in preset("assignment", precision="bf16"))
    app = open_page("compare")

    def lines() -> list[str]:
        return [e.label for e in app.expander if e.label.startswith("**")]

    assert (
        "The tests put GN (4) and LN 0.08 and 0.07 points above BN + L1. They cannot tell GN (4) from LN. "
        "Real or not, all means agree within 0.15 points." in texts(app)
    )
    # what is counted adds up: those in the matrix and those in view
    assert "**5** have an answer that goes beyond chance. 4 of the questions, 3 of these answers among" in texts(app)
    # in view are the answers beyond chance; the others when somebody opens them
    assert lines() == [
        "**Does the test loss of BN + L1 start higher, as published solutions say?** No: GN (4) and LN start higher "
        "than BN + L1.",
        "**Do the first epochs of BN + L1 fluctuate more, as published solutions say?** Yes: BN + L1 fluctuates more "
        "than GN (4) and LN.",
    ]
    rest = len(shipped_findings()) - 4 - len(lines())
    # what is folded is the rest of the twelve tested questions, and what was not tested at all
    assert "6 more tested, not beyond chance; 3 more described without a test" in [e.label for e in app.expander]
    app.session_state[FOLDED] = True
    app.run()
    assert len(lines()) == 2 + rest
    [legend] = [c.value for c in app.caption if c.value.startswith(":material/")]
    assert "tested, not beyond chance" in legend
    assert "described, not tested" in legend
    assert "paired by seed" not in "".join(m.value for m in app.markdown)
    opened = open_page("compare", compare_pair=f"{first}.{second}")
    assert not opened.warning
    [answer] = [m.value for m in opened.markdown if m.value.startswith("**BN + L1 or GN (4)?**")]
    [evidence] = [c.value for c in opened.caption if "BN + L1 minus GN (4)" in c.value]
    assert answer == "**BN + L1 or GN (4)?** GN (4) ends 0.08 points above BN + L1."
    assert "They agree within 0.15 points, by TOST over other seeds and other test images: p = 0.014" in evidence
    assert not [m for m in app.markdown if m.value.startswith("**BN + L1 or GN (4)?**")]
    refused = open_page("compare", compare_pair=f"{third}.{first}")
    assert f"compare_pair = '{third}.{first}'" in texts(refused)


def test_that_the_penalty_differs_is_said_and_the_norms_alone_are_a_click_away(open_page, monkeypatch):
    monkeypatch.setenv(runs.SHIPPED_ENV, str(runs.SHIPPED))
    app = open_page("compare")
    said = (
        "Only BN + L1 has a penalty. Without penalties the tests put none of BN, GN (4) and LN above another; all "
        "agree within 0.15 points."
    )
    assert f":small[{said}]" in texts(app)
    app.button(key="compare_plain").click().run()
    assert not app.exception
    assert app.dataframe[0].value["Method"].sort_values().tolist() == ["BN", "GN (4)", "LN"]
    assert "has a penalty" not in texts(app)
    plain = [method_id(replace(config, l1=0.0)) for config in preset("assignment", precision="bf16")]
    assert app.query_params["compare_runs"] == plain


def test_the_study_keeps_its_short_names_whatever_else_is_there(open_page, shipped):
    runs.save(shipped[0].changed(config=replace(shipped[0].config, lr=0.2)), RunStore().root)
    options = open_page("compare").multiselect[0].options
    assert "BN + L1" in options
    assert "BN + L1, lr 0.2" in options
