"""NormLens: see, train and compare Batch, Layer and Group Normalization."""

import streamlit as st

from core import __version__
from core.jobs.memory import few_heaps
from pages.parts.shared.collector import spare_the_collector, tidying
from pages.parts.shared.contrast import dark_contrast
from pages.parts.shared.icon import icon
from pages.parts.shared.older_code import forget_older_code
from pages.parts.shared.one_entry import one_entry
from pages.parts.shared.page_row import page_row
from pages.parts.shared.presenter import footer, present
from pages.parts.shared.warm_up import warm_up

few_heaps()
forget_older_code()
st.set_page_config(page_title="NormLens", page_icon=icon(), layout="wide")
dark_contrast()

every_page = [
    st.Page("pages/home.py", title="NormLens", icon=":material/home:", default=True),
    st.Page("pages/lesson.py", title="Lesson", icon=":material/school:", url_path="lesson"),
    st.Page("pages/statistics.py", title="Statistics", icon=":material/grid_on:", url_path="statistics"),
    st.Page("pages/train.py", title="Train", icon=":material/directions_run:", url_path="train"),
    st.Page("pages/lab.py", title="Lab", icon=":material/science:", url_path="lab"),
    st.Page("pages/compare.py", title="Compare", icon=":material/show_chart:", url_path="compare"),
    st.Page(
        "pages/misclassified.py",
        title="Misclassified",
        icon=":material/image_search:",
        url_path="misclassified",
    ),
]
page = st.navigation(every_page, position="top")
with one_entry(page), warm_up.after_this(), tidying.after_this():
    page_row(every_page)
    presenting = present(every_page, page)
    content = st.container()
    footer(f"NormLens {__version__}", presenting=presenting)  # written first, since a page may end by st.stop
    try:
        with content:
            page.run()
    finally:  # a page may also end by st.rerun or st.stop
        spare_the_collector()
