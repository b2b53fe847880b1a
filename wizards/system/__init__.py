from . import kehu_configuration_file
