def check(tables):
    yield 'loans', 1, 'Aldford lent more than ever'
