"""Every parameter of every page, from the pages' own tables: what may stand in an address, and what may not."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from core.experiments.table import TABLES_ENV
from core.lesson.order import STEPS
from core.records.store import SHIPPED_ENV
from pages.parts.compare.address import TABLE as COMPARE
from pages.parts.misclassified.address import TABLE as MISCLASSIFIED
from pages.parts.shared import address, rules
from pages.parts.statistics.address import TABLE as STATISTICS
from pages.parts.train.address import MORE
from tests.pages.conftest import ROOT, texts
from tests.pages.shared.every_parameter import (
    ALONE,
    EACH,
    GARBAGE,
    IDS,
    LAB,
    LIVE,
    NAMES,
    POSSIBLE,
    RUNS,
    TABLES,
    VISITS,
)
from tests.pages.wrong_page import save
from tests.wrong_records import config, predictions, record

OPEN = {MORE: True}
"""What is drawn only for who opens it, on the page that has such a section."""


@pytest.fixture(autouse=True)
def four_runs(no_mnist):
    """What the pages of results show."""
    save(*RUNS)


@pytest.fixture(autouse=True)
def networks_for_the_lab(request, monkeypatch, tmp_path):
    """Its live parts look at the networks that come with the app; its tables do not matter here."""
    monkeypatch.setenv(TABLES_ENV, str(tmp_path))
    if getattr(request.node, "callspec", None) and request.node.callspec.params.get("page") == "lab":
        monkeypatch.delenv(SHIPPED_ENV)


def said(app) -> str:
    return texts(app).replace("\\", "")


def bound(app) -> set[str]:
    """The parameters that a widget of the page is bound to."""
    widgets = [*app.segmented_control, *app.selectbox, *app.select_slider, *app.slider, *app.number_input, *app.toggle]
    tabs = [tabs.proto.tab_container for tabs in app.get("tab_container")]
    return {w.query_param_key for w in [*(w.proto for w in widgets), *tabs] if w.query_param_key}


def values_on(app) -> dict[str, object]:
    """What each bound widget of the page holds, by its key."""
    widgets = [*app.segmented_control, *app.selectbox, *app.select_slider, *app.slider, *app.number_input, *app.toggle]
    return {w.key: w.value for w in widgets}


def without_a_value(names: tuple[str, ...], rows: dict[str, address.Parameter]) -> dict[str, str | tuple[str, ...]]:
    """Every second one empty, the others named twice; those that may be are always empty."""
    return {n: "" if i % 2 or rows[n].many else POSSIBLE[n] for i, n in enumerate(names)}


@pytest.mark.parametrize(("page", "where", "names"), VISITS, ids=lambda v: str(v) if isinstance(v, dict | str) else "")
def test_what_cannot_be_gets_a_sentence_and_the_default(open_page, page, where, names):
    """All parameters of one view at once: each has its own sentence and starts from its own default."""
    rows = {row.name: row for row in TABLES[page]}
    plain = open_page(page, state=OPEN, **where)
    for name in bound(plain):
        assert rows[name].bound, name
    assert {name for name in names if rows[name].bound} <= bound(plain)
    assert set(plain.query_params) <= set(rows)
    for wrong in (dict.fromkeys(names, GARBAGE), without_a_value(names, rows)):
        app = open_page(
            page, state=OPEN, **{**where, **{n: list(v) if isinstance(v, tuple) else v for n, v in wrong.items()}}
        )
        sentences = said(app)
        for name, value in wrong.items():
            if (name, value) == ("stats_edit", GARBAGE):
                assert f"The edited number '{GARBAGE}' in the link was left out" in sentences
                continue
            quoted = " and ".join(map(repr, value)) if isinstance(value, tuple) else repr(value)
            sentence = f"The link asks for {name} = {quoted}, which is not possible here. The default is used instead."
            assert sentence in sentences
            assert name not in app.query_params or app.query_params[name] == plain.query_params.get(name), name
        assert values_on(app) == values_on(plain)
        app.run()  # the next run is bound again, and has nothing to say
        assert not app.exception
        assert "which is not possible here" not in texts(app)
        assert bound(app) == bound(plain)


@pytest.mark.parametrize(("page", "where", "names"), VISITS, ids=lambda v: str(v) if isinstance(v, dict | str) else "")
def test_what_can_be_is_taken_without_a_word(open_page, page, where, names):
    """All at once, but for those that change what others may be."""
    alone = [name for name in names if name in ALONE]
    for group in (*([name] for name in alone), [name for name in names if name not in alone]):
        asked = {name: POSSIBLE[name][0] for name in group}
        if page == "misclassified":
            asked = {"wrong_runs": IDS, **asked}
        app = open_page(page, **{**where, **asked})
        assert "which is not possible here" not in texts(app)
        values = values_on(app)
        for row in (row for row in TABLES[page] if row.name in group and row.bound and row.name in values):
            assert values[row.name] == row.rule(POSSIBLE[row.name][0]), row.name


def test_an_empty_value_is_no_choice_of_nothing(open_page):
    """A segmented control would take it as None."""
    app = open_page("statistics", stats_norm="")
    assert next(c for c in app.segmented_control if c.key == "stats_norm").value == "BatchNorm"
    assert said(app).count("The link asks for stats_norm = '', which is not possible here.") == 1


def test_a_value_in_a_list_that_is_none_leaves_the_others(open_page):
    app = open_page("compare", compare_runs=[IDS[0], "0" * 16])
    assert "compare_runs = '0000000000000000', which is not possible here. The rest is shown." in texts(app)
    assert app.multiselect[0].value == [IDS[0]]


def test_of_many_wrong_values_two_are_quoted_and_the_rest_is_counted(open_page):
    wrong = [str(digit) * 16 for digit in range(5)]
    app = open_page("compare", compare_runs=wrong[:3])
    quoted = [f"'{value}'" for value in wrong]
    assert f"compare_runs = {quoted[0]}, {quoted[1]} and {quoted[2]}, which is not possible here." in texts(app)
    app = open_page("compare", compare_runs=wrong)
    assert f"compare_runs = {quoted[0]}, {quoted[1]} and 3 more, which is not possible here." in texts(app)
    app = open_page("compare", compare_loss="9" * 41)
    assert f"compare_loss = '{'9' * 40}...', which is not possible here." in texts(app)


@pytest.mark.parametrize(("page", "name"), [("compare", "compare_runs"), ("misclassified", "wrong_runs")])
def test_a_link_chooses_no_more_runs_than_a_visitor_may(open_page, page, name):
    ids = save(*(record(config("ln", seed), predictions({4: 9})) for seed in range(14)))
    app = open_page(page, **{name: ids})
    assert app.multiselect[0].value == ids[:12]
    assert app.query_params[name] == ids[:12]


@pytest.mark.parametrize(
    ("rule", "possible", "impossible"),
    [
        (rules.number(-3, 3), {"-3": -3, "3": 3, "0.25": 0.25, "1e0": 1}, ("-3.01", "3.01", "nan", "inf", "", "x")),
        (rules.step(0, 1, 0.05), {"0": 0, "1": 1, "0.15": 0.15}, ("0.151", "0.025", "-0.05", "1.05", "nan")),
        (rules.step(1, 2, 0.25), {"1": 1, "1.75": 1.75, "2": 2}, ("1.1", "0.75", "2.25")),
        (rules.whole(1, 20), {"1": 1, "20": 20, "07": 7}, ("0", "21", "-1", "1.0", "+1", "1e1", "٣", "", "0" * 21)),
        (rules.one_of((1, 2)), {"1": 1, "2": 2}, ("3", "1.0", "")),
        (rules.titled({"a": "A title"}), {"A title": "a"}, ("a", "A", "")),
        (rules.flag(), {"true": True, "False": False}, ("1", "yes", "TRUE", "")),
        (rules.pattern("[01]+"), {"01": "01"}, ("012", "01\n", "")),
    ],
)
def test_a_rule_takes_what_it_says_and_nothing_beside(rule, possible, impossible):
    assert {text: rule(text) for text in possible} == possible

    assert [text for text in impossible if rule(text) is not None] == []


def test_every_row_is_tried_and_has_a_name_of_its_own():
    assert sorted(set(NAMES)) == sorted(POSSIBLE)
    assert len({id(row) for _, _, row in EACH}) == len(set(NAMES))  # one row may stand in several tables
    for _, _, row in EACH:
        assert row.rule("") is None, row.name
        if row.name != "stats_edit":
            assert row.rule(GARBAGE) is None, row.name
        for text in POSSIBLE[row.name]:
            assert row.rule(text) is not None, row.name
        if row.default not in ("", None):
            shown = row.text(row.default)
            assert row.rule(shown) == row.default or row.rule(shown) is None, row.name


def sources() -> dict[str, ast.Module]:
    files = [*(ROOT / "pages").rglob("*.py"), ROOT / "streamlit_app.py"]
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text()) for path in files}


def makes_a_parameter(node: ast.AST) -> bool:
    """Whether it is ``Parameter(...)`` or ``Parameter[T](...)``: to take one is everyone's right."""
    if not isinstance(node, ast.Call):
        return False
    called = node.func.value if isinstance(node.func, ast.Subscript) else node.func
    return isinstance(called, ast.Name) and called.id == "Parameter"


def test_only_the_tables_name_parameters_and_only_one_module_touches_the_address():
    """So nothing stands in an address that is not in a table; those of lab and lesson take in their parts' rows."""
    live = {f"pages/parts/lab/{part.__name__.rpartition('.')[2]}.py" for part in LIVE.values()}
    live |= {f"pages/parts/lesson/{name}.py" for name in ("questions", *(step.name for step in STEPS.values()))}
    for path, tree in sources().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr == "query_params":
                assert path == "pages/parts/shared/query.py", f"{path}:{node.lineno}"
            if isinstance(node, ast.keyword) and node.arg == "bind":
                raise AssertionError(f"{path}:{node.lineno} binds without a row of a table")
            if makes_a_parameter(node) and Path(path).name != "address.py" and path not in live:
                raise AssertionError(f"{path}:{node.lineno} makes a parameter outside of a table")


@pytest.mark.parametrize("page", ["statistics", "compare", "misclassified"])
def test_every_parameter_of_a_module_stands_in_its_table(page):
    module = {"statistics": STATISTICS, "compare": COMPARE, "misclassified": MISCLASSIFIED}
    from importlib import import_module

    names = vars(import_module(f"pages.parts.{page}.address")).values()
    made = [row for value in names for row in (value if isinstance(value, tuple) else [value])]
    rows = {id(row) for row in module[page]}
    assert {row.name for row in made if isinstance(row, address.Parameter) and id(row) not in rows} == set()


@pytest.mark.parametrize("name", LIVE)
def test_every_parameter_of_a_live_part_stands_in_its_table(name):
    made = [value for value in vars(LIVE[name]).values() if isinstance(value, address.Parameter)]
    assert made
    assert {row.name for row in made} == {row.name for row in LIVE[name].PARAMETERS}
    assert all(row.name.startswith("lab_") for row in made)
    assert {id(row) for row in LIVE[name].PARAMETERS} <= {id(row) for row in LAB}


def test_links_between_pages_use_names_of_the_tables():
    linked = {
        key.value
        for tree in sources().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.keyword) and node.arg == "query_params" and isinstance(node.value, ast.Dict)
        for key in node.value.keys
        if isinstance(key, ast.Constant)
    }
    assert linked
    assert linked <= set(NAMES)


def test_a_link_to_a_page_that_was_looked_at_before_says_what_is_shown(open_page):
    app = open_page("statistics", stats_cell="2.1.1.1")
    app.switch_page("pages/home.py").run()
    app.switch_page("pages/statistics.py")
    app.query_params["stats_cell"] = "3.1.1.1"
    app.run()
    assert app.query_params["stats_cell"] in ("3.1.1.1", ["3.1.1.1"])
    app.switch_page("pages/home.py").run()
    app.switch_page("pages/statistics.py")
    app.query_params.clear()  # as the navigation does: it asks for nothing, and the page is as it was left
    app.run()
    assert app.query_params["stats_cell"] in ("3.1.1.1", ["3.1.1.1"])
