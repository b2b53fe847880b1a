def hidden_customers(partners):
    """Return those of these partners that belong to a customer whom the current user may not read.

    :rtype: res.partner
    """
    if partners.env.su or not partners:
        return partners.browse()
    # sudo: res.partner - whether they belong to the CRM at all
    customers = partners.sudo().exists().filtered("kehu_customer_id").with_env(partners.env)
    return customers - customers._filtered_access("read")


def sent_link(value):
    """Return the id that a form sends for a link to one record; it may come alone, with its name, or as what a list reads of it."""
    if isinstance(value, dict):
        return value.get("id")
    if isinstance(value, (list, tuple)):
        return value[0] if value else False
    return value
