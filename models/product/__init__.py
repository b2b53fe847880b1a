"""Room product: what is sold, and how it is found.

For: categories as a tree with codes; products with specification; search by any part of name, code, specification, barcode and pinyin, in
lists and wherever a product is chosen; pictures from a zip file by code.
Owns: `kehu_specification` and `kehu_search_key` of `product.template` and `product.product`, `kehu_code` of `product.category`. The
products are the host's; floor prices and discount limits of them stand in the room sales.
May call: room system and the host.
"""

from . import exceptions
from . import product_template
from . import product_product
from . import product_category
