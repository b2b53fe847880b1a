"""The demo company: people, customers and a year's worth of stories, made through the same methods that people use.

`kehu_demo.py` is the loader and tells of customers, deals and money, `kehu_demo_work.py` of contacts, calls, schedule and pool,
`kehu_demo_contract.py` of contracts, `kehu_demo_instalment.py` of payment plans, `kehu_demo_money.py` of advances, credit and dunning,
`kehu_demo_target.py` of targets, budgets and commissions, `kehu_demo_past.py` of the year before. The .csv files are their words:
`logins.csv` (read by `./kehu demo` too), `customers.csv`, `past_customers.csv`, `products.csv`.
"""

from . import kehu_demo
from . import kehu_demo_work
from . import kehu_demo_past
from . import kehu_demo_contract
from . import kehu_demo_instalment
from . import kehu_demo_money
from . import kehu_demo_target
