import altair as alt


def own(data):
    return alt.Chart(data).mark_bar()
