from . import kehu_product_pictures
