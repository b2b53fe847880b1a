"""What a record is to name when it is saved: customers, contacts and documents that its writer may read.

For all dialogs, and for tables of the host that have no such guard of their own. A dialog names its customer to whoever made it, and the
host fills it with the rights of the system; a number sent by RPC would be answered with a name, an address, a link.
"""

from ast import literal_eval

from odoo.exceptions import MissingError

from ..system.engine import is_record_id
from .form_links import is_kept, linked_numbers, reference
from .hidden import hidden_customers, sent_link

# tables of the host that everybody inside writes to, and that show the name of whom they link to; some are there when installed only
GUARDED = frozenset(
    {
        "account.analytic.account",
        "calendar.filters",
        "hr.employee",
        "hr.version",
        "mail.scheduled.message",
        "rating.rating",
        "res.partner.bank",
        "res.users.settings.volumes",
        "snailmail.letter",
    }
)
# pairs of fields that name documents by model and number
PAIRS = (("res_model", "res_id"), ("res_model", "res_ids"), ("model", "res_id"), ("model", "res_ids"))


def is_guarded(model):
    """Tell whether what a record of this model is to name is looked at before it is saved.

    :rtype: bool
    """
    return model._transient or model._name in GUARDED


def check_sent(records, vals_list):
    """Refuse what no table of any model may be sent: a guest of the portal whom the writer may not read, and a number in disguise.

    A login is shown with the name of its person wherever somebody is responsible for something. The database takes a text for a number,
    which no guard of a model looks for.

    :param records: of the model, empty or not
    :param list vals_list: what is to be saved
    :raises KehuHiddenLinkError: in a sentence that names nobody
    """
    users = set()
    for vals in vals_list:
        for name, value in vals.items():
            field = records._fields.get(name)
            if not value or field is None or field.type != "many2one" or not is_kept(field.comodel_name):
                continue
            if isinstance(value, (str, float)):
                records._kehu_refuse_hidden_link()
            if field.comodel_name == "res.users" and is_record_id(value) and value != records.env.uid:
                users.add(value)
    if hidden_users(records.env, users):
        records._kehu_refuse_hidden_link()


def hidden_users(env, user_ids):
    """Return those of these logins that are not of a colleague and that the current user may not read.

    :param set user_ids: ids
    :rtype: res.users
    """
    users = env["res.users"].browse(user_ids)
    # sudo: res.users - whether they are colleagues, mostly read before; nothing is asked about those
    known = users.sudo()
    try:
        guests = known.filtered("share")
    except MissingError:
        guests = known.exists().filtered("share")
    return guests.with_env(env) - guests.with_env(env)._filtered_access("read")


def link_names(model):
    """Return the names of the stored fields that name customers, contacts or documents.

    :rtype: list[str]
    """
    names = [
        name
        for name, field in model._fields.items()
        if field.store
        and (field.type == "reference" or (field.type in ("many2one", "many2many") and is_kept(field.comodel_name)))
        and name not in ("create_uid", "write_uid")
    ]
    return [*names, *sorted({name for pair in PAIRS if all(part in model._fields for part in pair) for name in pair})]


def check_named(records, vals_list):
    """Refuse to save what its writer may not read, unless it is saved already or something they read names it.

    A few queries for each model that is linked to, however many records.

    :param records: those that are about to be changed with the one element of ``vals_list``; none where new ones are about to be made
    :param list vals_list: what is to be saved; for new ones the defaults count
    :raises KehuHiddenLinkError: in a sentence that names nobody
    """
    names = link_names(records)
    if records and all(vals.keys().isdisjoint(names) for vals in vals_list):
        return
    rows = []
    if records:
        for record in records:
            saved = saved_links(record, names)
            values = {**saved, **vals_list[0]}
            rows.append((record, values, _named(record, names, values) - _named(record, names, saved)))
    else:
        missing = [name for name in names if any(name not in vals for vals in vals_list)]
        defaults = records.default_get(missing) if missing else {}
        for vals in vals_list:
            values = {**defaults, **vals}
            rows.append((records, values, _named(records, names, values)))
    wanted = {}
    for _record, _values, named in rows:
        for model_name, number in named:
            wanted.setdefault(model_name, set()).add(number)
    hidden = {model_name: _hidden(records.env[model_name], numbers) for model_name, numbers in wanted.items()}
    for record, values, named in rows:
        for model_name, number in named:
            if number in hidden[model_name] and number not in record._kehu_form_may_name(model_name, values):
                records._kehu_refuse_hidden_link()


def saved_links(record, names):
    """Return what a saved record names, as a form would send it.

    :rtype: dict
    """
    saved = {}
    # sudo: the record itself - what it names already, to compare only
    known = record.sudo().with_context(active_test=False)
    for name in names:
        value, field = known[name], record._fields[name]
        if field.type == "many2many":
            value = [(6, 0, value.ids)]
        elif field.type == "many2one":
            value = value.id
        elif field.type == "reference":
            value = value and f"{value._name},{value.id}"
        saved[name] = value
    return saved


def named_by_documents(record, values, model_name):
    """Return which records of a model those documents name that these values point to, and that the current user may read.

    :param record: whose values they are; none for a new one
    :param dict values: as they are to be saved
    :param str model_name: of what is named
    :rtype: set
    """
    found, documents = set(), {}
    for name, number in _named(record, link_names(record), values):
        if is_record_id(number):
            documents.setdefault(name, set()).add(number)
    for name, numbers in documents.items():
        readable = record.env[name].browse(sorted(numbers)).exists()._filtered_access("read")
        for link, field in readable._fields.items() if readable else ():
            if field.type == "many2one" and field.store and field.comodel_name == model_name and readable._has_field_access(field, "read"):
                found.update(readable.sudo()[link]._ids)  # sudo: the documents - whom they show to their reader
    return found


def _named(record, names, values):
    """Return the pairs of a model and a number that these values name, of models whose records are kept from some."""
    found = set()
    for name in names:
        field, value = record._fields[name], values.get(name)
        if not value:
            continue
        if field.type == "many2one":
            found.add((field.comodel_name, _number(sent_link(value))))
        elif field.type == "many2many":
            for command in value if isinstance(value, (list, tuple)) else ():
                found.update((field.comodel_name, _number(number)) for number in linked_numbers(command))
        elif field.type == "reference":
            found.add(reference(value))
    for model_field, number_field in PAIRS:
        if model_field in names and number_field in names:
            found.update((values.get(model_field), number) for number in _numbers(values.get(number_field)))
    return {
        (model_name, number)
        for model_name, number in found
        if number and isinstance(model_name, str) and is_kept(model_name) and model_name in record.env
    }


def _number(value):
    """Return an id as it is; of anything else that the database may take for one a number that is nobody's."""
    if is_record_id(value):
        return value
    return -1 if value and isinstance(value, (str, float, list, tuple, dict)) else None


def _numbers(value):
    """Return the ids in a field of a number, or of numbers written as a list."""
    if isinstance(value, str):
        try:
            value = literal_eval(value)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return []
    values = value if isinstance(value, (list, tuple, set)) else [value]
    return [number for number in values if is_record_id(number)]


def _hidden(model, numbers):
    """Return which of these the current user may not be told of: of partners those of the CRM alone."""
    records = model.browse(sorted(filter(is_record_id, numbers)))
    unreadable = records - records._filtered_access("read")
    hidden = set((hidden_customers(unreadable) if model._name == "res.partner" else unreadable.exists())._ids)
    return hidden | {number for number in numbers if not is_record_id(number)}
