"""What a competent colleague writes: pandas reads, Altair draws, Markdown and Jinja fill, one page a district.

python script.py DATA OUT
"""

import sys
from pathlib import Path

import altair as alt
import jinja2
import markdown
import pandas as pd
import vl_convert

PAGE = jinja2.Template("""\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{{ name }}</title><link rel="stylesheet" href="../../style.css"></head>
<body><h1>{{ name }}</h1>
{{ lead }}
<h2>Pupils</h2>{{ pupils }}
<h2>Absence</h2>{{ absences }}
<table><tr><th>Month</th><th>Pupils</th><th>Days of absence</th></tr>
{% for row in rows %}<tr><td>{{ row.month }}</td><td>{{ "{:,}".format(row.pupils) }}</td><td>{{ "{:,}".format(row.absences) }}</td></tr>
{% endfor %}</table>
</body></html>
""")
LEAD = jinja2.Template(
    "{{ name }} had **{{ '{:,}'.format(last) }} pupils** in December 2025, {% if last > first %}more{% else %}no more"
    "{% endif %} than the {{ '{:,}'.format(first) }} of January 2024."
)


def chart(rows: pd.DataFrame, field: str) -> str:
    made = alt.Chart(rows, width=600, height=240).mark_line().encode(x="month:T", y=f"{field}:Q")
    return vl_convert.vegalite_to_svg(made.to_dict())


def main() -> None:
    data, out = map(Path, sys.argv[1:])
    names = pd.read_csv(data / "districts.csv").set_index("id")["name"]
    for key, rows in pd.read_csv(data / "pupils.csv").groupby("district"):
        name = names[key]
        lead = markdown.markdown(LEAD.render(name=name, first=rows.pupils.iloc[0], last=rows.pupils.iloc[-1]))
        page = PAGE.render(
            name=name,
            lead=lead,
            pupils=chart(rows, "pupils"),
            absences=chart(rows, "absences"),
            rows=rows.to_dict("records"),
        )
        target = out / "districts" / str(key).lower() / "index.html"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page, encoding="utf-8")
    (out / "index.html").write_text("<!doctype html><title>Schools</title>", encoding="utf-8")


main()
