"""Room followup: when we spoke with a customer, and when we speak again.

For: contact records that move the last and next contact of a customer by its level's rhythm, and their entries in the schedule.
Owns: `kehu.contact.record`, `kehu_last_contact` and `kehu_next_contact` of `res.partner`, the link on `calendar.event`, what its
completion writes there, and the e-mail that reminds of a planned contact.
May call: system, customer and the host.
"""

from . import exceptions
from . import kehu_contact_record
from . import calendar_event
from . import calendar_attendee
from . import calendar_alarm
from . import calendar_alarm_manager
from . import res_partner
from . import kehu_product_interest
