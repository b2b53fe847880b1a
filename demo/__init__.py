"""The demo company: people, customers and a year's worth of stories, made through the same methods that people use.

`kehu_demo.py` is the loader, the .csv files are its words: `logins.csv` (read by `./kehu demo` too), `customers.csv`, `products.csv`.
"""

from . import kehu_demo
