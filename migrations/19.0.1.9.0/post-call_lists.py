"""Call lists saved before the hours between two attempts had an end get the longest that is allowed."""


def migrate(cr, version):
    cr.execute("UPDATE kehu_call_list SET retry_hours = 8784 WHERE retry_hours > 8784")
