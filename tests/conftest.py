from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True)  # the same examples on every machine, fast or slow
settings.load_profile("steady")
