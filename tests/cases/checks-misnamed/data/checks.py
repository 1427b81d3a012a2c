def chekc(tables):
    return []
