from . import kehu_import_export
