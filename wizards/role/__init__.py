from . import kehu_rights_answer
