"""Colors of choices that the palette does not have: none. A check refuses them now."""


def migrate(cr, version):
    cr.execute("UPDATE kehu_dictionary_value SET color = 0 WHERE color IS NOT NULL AND color NOT BETWEEN 0 AND 11")
