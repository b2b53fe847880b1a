from . import kehu_purchased_product
