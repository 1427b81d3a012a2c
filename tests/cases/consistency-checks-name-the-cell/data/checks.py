def check(tables):
    yield "libraries", 1, "it has no website", "website"
    yield "libraries", None, "there are too few"
    for row in range(5):
        yield "loans", row, "too many", "loans"
