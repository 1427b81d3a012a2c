import altair as alt


def own(data, shape):
    alt.Chart(data).mark_bar()
