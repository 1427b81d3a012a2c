import altair as alt


def own(data, shape):
    return alt.Chart(data).mark_bar()
