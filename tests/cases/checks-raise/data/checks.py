def check(tables):
    yield 'loans', 1, str(tables['lones'])
