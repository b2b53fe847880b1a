"""The index on the days of contact records makes room for one that knows their authors too; the host keeps indexes it no longer wants."""


def migrate(cr, version):
    cr.execute("DROP INDEX IF EXISTS kehu_contact_record__date_index")
