"""Room target: what people, departments and the company are to achieve, and what they have.

For: targets with actual, pace and ranking; splitting a year; budgets against actual; commissions computed, explained and approved.
Owns: `kehu.target`, `kehu.budget`, `kehu.commission` with its rules and lines, and the question who is credited with what
(`kehu.achievement`).
May call: rooms system, customer, followup, pool (the ownership ledger), approval, sales and receivable, and the host. None of them knows
targets.
"""

from . import exceptions
from . import kehu_achievement
from . import working_days
from . import kehu_target
from . import kehu_target_figures
from . import kehu_target_split
from . import kehu_commission_rule
from . import kehu_commission
from . import kehu_commission_compute
from . import kehu_budget
