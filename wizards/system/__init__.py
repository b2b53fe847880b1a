from . import kehu_configuration_file
from . import kehu_word_merge
