LOADS = "loans"


def load(received, tables, report):
    return {}
