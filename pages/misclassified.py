import streamlit as st

st.title("Misclassified")
