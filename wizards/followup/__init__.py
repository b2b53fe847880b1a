from . import kehu_next_contact_change
from . import kehu_schedule_completion
