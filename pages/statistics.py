import streamlit as st

st.title("Statistics")
