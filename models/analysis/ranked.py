"""Only the largest rows of a sum leave the database: a dimension may have a million keys."""

from odoo.tools import SQL


def largest(env, rows, names, ratio, most, extra=()):
    """Tell only the largest rows apart.

    :param SQL rows: a query of the columns key (an id), measures, extra columns
    :param names: of the measures, which are added up
    :param tuple ratio: the measure that decides, or two of which the first is divided by the second
    :param int most: how many
    :param extra: names of columns that are not added up
    :return: ({key: dict of names and extra}, dict of names of all, number of keys left out)
    """
    decides = SQL.identifier(ratio[0])
    if len(ratio) == 2:
        decides = SQL("ROUND(100 * %s / NULLIF(%s, 0), 1)", decides, SQL.identifier(ratio[1]))
    columns = [SQL.identifier(name) for name in (*names, *extra)]
    found = env.execute_query(
        SQL(
            """
            WITH row(key, %(columns)s) AS (%(rows)s),
                 ranked AS (SELECT *, ROW_NUMBER() OVER (ORDER BY COALESCE(%(decides)s, 0) DESC, COALESCE(key, 0)) AS place FROM row)
            SELECT NULL, key, %(columns)s FROM ranked WHERE place <= %(most)s
             UNION ALL
            SELECT COUNT(*), NULL, %(rest)s FROM ranked WHERE place > %(most)s
            """,
            columns=SQL(", ").join(columns),
            rows=rows,
            decides=decides,
            most=most,
            rest=SQL(", ").join([*(SQL("SUM(%s)", SQL.identifier(name)) for name in names), *(SQL("NULL") for _name in extra)]),
        )
    )
    figures, total, left = {}, dict.fromkeys(names, 0), 0
    for count, key, *values in found:
        row = {name: value or 0 for name, value in zip((*names, *extra), values, strict=True)}
        for name in names:
            total[name] += row[name]
        if count is None:
            figures[key] = row
        else:
            left = count
    return figures, total, left
