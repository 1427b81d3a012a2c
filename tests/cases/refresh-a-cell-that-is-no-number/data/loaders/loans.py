"""The library board's table of loans → loans.csv."""

LOADS = ("loans",)
READS = ("loans*.csv",)


def load(received, tables, report):
    rows = []
    for file in received:
        for line, row in enumerate(file.records(), start=2):
            if not row["Loans"].isdigit():
                report.error(file.at(row=line, column=2), f"{row['Loans']!r} is no number of loans")
            rows.append({"town": row["Town"], "year": row["Year"], "loans": row["Loans"]})
    return {"loans": rows}
