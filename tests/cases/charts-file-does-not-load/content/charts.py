import altair as alt

def own(data, shape)
    return 1
