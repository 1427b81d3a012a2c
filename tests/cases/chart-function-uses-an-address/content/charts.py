import altair as alt


def own(data, shape):
    return alt.Chart('https://example.org/x.csv').mark_bar().encode(x='a:Q')
