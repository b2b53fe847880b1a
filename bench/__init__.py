"""Measurements of Kehu CRM against the host's own way and against raw SQL, on seeded data.

One file per measurement: a docstring whose first line says what is measured, and `variants(bench)`, which returns
{label: function of a fresh environment}; the first is ours, "host" the host's own way, "raw" a floor in plain SQL.
`harness.py` runs them, `data.py` makes the data, with `names.py` and `bulk.py`; `approval.py` makes the databases of the
`approval_*` measurements, `import_sheet.py` the workbooks of `import_*`. Run by `./kehu bench`.
"""
SUPPORT = {"analysis_data", "approval", "bulk", "data", "harness", "import_sheet", "names"}
