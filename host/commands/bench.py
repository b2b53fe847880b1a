"""Not yet."""
SUMMARY = "bench"
def add_arguments(parser):
    pass
def run(options):
    raise SystemExit(1)
