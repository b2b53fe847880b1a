"""Room customer: who our customers and their contacts are.

For: the customer card on `res.partner`: level, source, stage, code, owner's department; contacts that follow their customer.
Owns: `kehu.customer.level`, `kehu.folder` and the `kehu_` fields of a customer. Defines the hooks that later rooms fill.
May call: room system and the host.
"""

from . import exceptions
from . import kehu_customer_level
from . import kehu_settings
from . import kehu_folder
from . import res_partner
from . import res_partner_folder
from . import own_people
from . import discuss_channel
from . import mail_message
from . import mail_thread
