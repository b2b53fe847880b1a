"""Room customer: who our customers and their contacts are.

For: the customer card on `res.partner`: level, source, stage, code, owner's department; contacts that follow their customer.
Owns: `kehu.customer.level`, `kehu.folder`, the `kehu_` fields of a customer with the histories of level, revenue and headcount, product
interests, and of its people `kehu.customer.department`, `kehu.contact.phone` and `kehu.employment` (where a contact worked before).
Defines the hooks that later rooms fill.
May call: room system and the host.
"""

from . import exceptions
from . import kehu_customer_level
from . import kehu_settings
from . import kehu_seen_links_mixin
from . import kehu_folder
from . import kehu_dictionary_value
from . import kehu_customer_department
from . import kehu_contact_phone
from . import kehu_employment
from . import base
from . import ir_rule
from . import res_partner
from . import res_partner_parent
from . import calendar_filters
from . import mail_compose_message
from . import res_partner_counts
from . import res_partner_birth
from . import res_partner_offers
from . import res_partner_words
from . import res_partner_contact
from . import res_partner_employment
from . import res_country_state
from . import res_city
from . import res_partner_place
from . import res_partner_folder
from . import res_country
from . import base_partner_merge
from . import kehu_level_change
from . import kehu_customer_change
from . import res_partner_history
from . import base_partner_merge_history
from . import kehu_product_interest
from . import res_partner_search
from . import ir_attachment
from . import own_people
from . import discuss_channel
from . import account_analytic_account
from . import calendar_attendee
from . import calendar_event
from . import mail_activity
from . import mail_message
from . import mail_notification
from . import mail_thread
from . import own_company
