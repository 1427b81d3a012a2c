def check(tables):
    yield "loans", 1, "too many", "loan"
