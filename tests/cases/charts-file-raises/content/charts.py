import altair as alt

WIDTHS = {}['wide']
