from odoo.exceptions import MissingError


def hidden_customers(partners):
    """Return those of these partners that belong to a customer whom the current user may not read.

    :rtype: res.partner
    """
    if partners.env.su or not partners:
        return partners.browse()
    # sudo: res.partner - whether they belong to the CRM at all
    people = partners.sudo()
    try:
        customers = people.filtered("kehu_customer_id").with_env(partners.env)
    except MissingError:
        customers = people.exists().filtered("kehu_customer_id").with_env(partners.env)
    return customers - customers._filtered_access("read")


def sent_link(value):
    """Return the id that a form sends for a link to one record; it may come alone, with its name, or as what a list reads of it.

    The host takes a list for the id in the latter, too.
    """
    if isinstance(value, dict):
        value = value.get("id")
    if isinstance(value, (list, tuple)):
        return value[0] if value else False
    return value


def is_hidden_document(env, model_name, res_id):
    """Tell whether there is a document of that number which the user may not read, in superuser mode too.

    :rtype: bool
    """
    if not res_id or model_name not in env:
        return False
    document = env[model_name].sudo(False).browse(res_id)
    return not document.env.su and bool(document.exists()) and not document.has_access("read")


def names_by_number(record, model_name, res_id):
    """Tell whether a record that is not saved yet points by number to a document that the user may not read.

    The host computes the name of the document with the rights of the system, also for what a form merely asks about. What the record was
    saved with was checked then.

    :param record: one record with a model name and a number, such as an activity
    :param str model_name: of the document
    :param int res_id: of the document
    :rtype: bool
    """
    return not record.id and is_hidden_document(record.env, model_name, res_id)
