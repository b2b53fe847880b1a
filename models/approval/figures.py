"""Figures in the words of people."""

from odoo.tools import float_round, format_amount, get_lang


def amount_text(env, amount, currency):
    """An amount as the host's ``format_amount`` writes it, with what the registry keeps of currencies: no query.

    :param res.currency currency: may be empty
    :rtype: str
    """
    known = env["res.currency"].get_all_currencies().get(currency.id)
    if not known:
        return format_amount(env, amount, currency)
    digits = known["digits"][1]
    lang = env["res.lang"].browse(get_lang(env).id)
    text = lang.format(f"%.{digits}f", float_round(amount, precision_digits=digits), grouping=True)
    text = text.replace(" ", "\N{NO-BREAK SPACE}").replace("-", "-\N{ZERO WIDTH NO-BREAK SPACE}")
    parts = (known["symbol"] or "", text) if known["position"] == "before" else (text, known["symbol"] or "")
    return "\N{NO-BREAK SPACE}".join(parts)
