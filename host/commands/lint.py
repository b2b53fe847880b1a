"""Not yet."""
SUMMARY = "lint"
def add_arguments(parser):
    pass
def run(options):
    raise SystemExit(1)
