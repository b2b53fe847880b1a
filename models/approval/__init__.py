"""Room approval: one engine that lets people agree to documents.

For: submit, withdraw, approve and reject on any model that inherits `kehu.approval.mixin`; the recipe is in that mixin's docstring.
Owns: `kehu.approval.flow`, `.step`, `.deputy` (set-up), `.request`, `.request.step`, `.decision` (written by the engine ``approval`` only).
May call: rooms system and customer, and the host. It knows no document; documents fill its hooks.
"""

from . import exceptions
from . import guard
from . import kehu_approval_flow
from . import kehu_approval_document
from . import kehu_settings
from . import kehu_approval_request
from . import kehu_approval_request_waiting
from . import kehu_approval_request_desk
from . import kehu_approval_request_file
from . import kehu_approval_request_step
from . import kehu_approval_request_alarm
from . import kehu_approval_decision
from . import kehu_approval_deputy
from . import ir_attachment
from . import ir_http
from . import mail_activity
from . import mail_thread
from . import kehu_approval_mixin
from . import kehu_approval_mixin_guard
from . import kehu_approval_mixin_actions
from . import kehu_approval_mixin_steps
from . import kehu_approval_mixin_pictures
from . import kehu_approval_line_mixin
from . import kehu_approval_snapshot
from . import kehu_approval_mixin_bridge
from . import kehu_approval_bridge
from . import base
from . import res_users
from . import res_groups
from . import base_partner_merge
from . import kehu_approval_request_mail
from . import kehu_approval_request_orphan
