"""Room followup: when we spoke with a customer, and when we speak again.

For: contact records that move the last and next contact of a customer by its level's rhythm, and their entries in the calendar.
Owns: `kehu.contact.record`, `kehu_last_contact` and `kehu_next_contact` of `res.partner`, and the link on `calendar.event`.
May call: system, customer and the host.
"""

from . import exceptions
from . import kehu_contact_record
from . import calendar_event
from . import res_partner
