"""Room lookup: the public search, by which one learns whether a customer exists already, whoever owns it.

For: `res.partner.kehu_public_search`, the policy that says what it finds and shows, masking of phones and e-mails, limits per person and
day, and the log of all searches. No access to a record follows from being found.
Owns: `kehu.lookup.log` and the policy, fields ``kehu_lookup_`` of `res.company`. Masks and terms are `tools/lookup.py`, plain Python.
May call: rooms system, customer, pool and duplicate, whose keys of phones, tax numbers and names it looks up.
"""

from . import exceptions
from . import res_company
from . import kehu_settings
from . import kehu_lookup_log
from . import ir_ui_menu
from . import res_partner
