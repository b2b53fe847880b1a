from . import kehu_contract_termination
