def hidden_customers(partners):
    """Return those of these partners that belong to a customer whom the current user may not read.

    :rtype: res.partner
    """
    if partners.env.su or not partners:
        return partners.browse()
    # sudo: res.partner - whether they belong to the CRM at all
    customers = partners.sudo().exists().filtered("kehu_customer_id").with_env(partners.env)
    return customers - customers._filtered_access("read")
