from . import kehu_ownership_change
from . import kehu_pool_leaving
from . import kehu_pool_move
from . import kehu_pool_simulation
from . import kehu_pool_spread
