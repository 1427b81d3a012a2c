"""The library board's workbook of loans → loans.csv."""

LOADS = ("loans",)
READS = ("loans*.xlsx",)


def load(received, tables, report):
    sheet = received[0].workbook.sheets[0]
    return {"loans": [{"town": row[0], "year": row[1], "loans": row[2]} for row in received[0].rows(sheet)]}
