from . import kehu_duplicate_check
from . import kehu_duplicate_merge
from . import crm_lead2opportunity_partner
from . import crm_lead2opportunity_partner_mass
