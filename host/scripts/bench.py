# Run in an Odoo shell: fill the database once, then measure. KEHU_BENCH holds the choices as JSON.
import json
import os
import sys

choices = json.loads(os.environ["KEHU_BENCH"])
sys.path.insert(0, choices["repository"])
from bench import data, harness  # noqa: E402

if any(not name.startswith("approval_") for name in choices["wanted"] or harness.names()):
    data.ensure(env, choices["customers"])
harness.run(env, choices["wanted"], choices["rounds"], choices["batch"])
print("kehu:done")
