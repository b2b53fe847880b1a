"""What a form sends names records by number, and the host answers with their names and with whatever is computed from them.

The host computes an unsaved record with the rights of the system: a number is enough to be told the name, the phone and the address of
anybody. So what a form may not name is taken out of what it sends before the host sees it: links to one record and to many, the lines
nested in the form at any depth, and defaults. What a saved record names already stays, for whoever may read that record.
"""

from ..system.engine import is_record_id
from .hidden import hidden_customers, sent_link

# with an object of this class in the context a record is part of a form; no message can carry one
FORM = "kehu_form_links"

# whose name, or what they tell with it, says something about a customer; and every model of ours
DOCUMENTS = frozenset(
    {
        "account.analytic.account",
        "account.analytic.line",
        "account.move",
        "account.move.line",
        "account.payment",
        "calendar.attendee",
        "calendar.event",
        "crm.lead",
        "discuss.channel",
        "mail.activity",
        "mail.message",
        "res.partner",
        "res.partner.bank",
        "res.users",
        "sale.order",
        "sale.order.line",
    }
)
LINE_COMMANDS = (0, 1)  # create, update
LINK_COMMAND = 4
SET_COMMAND = 6


def form_links(env):
    """Return the links of the form that this environment computes, None outside a form.

    :rtype: FormLinks or None
    """
    links = env.context.get(FORM)
    return links if isinstance(links, FormLinks) else None


def is_kept(model_name):
    """Tell whether the name of a record of this model says something about a customer.

    :rtype: bool
    """
    return model_name in DOCUMENTS or model_name.startswith("kehu.")


class FormLinks:
    """The numbers that one form sends, checked together: a few queries for each model that is linked to, however many numbers."""

    def __init__(self):
        self._seen = {}  # model name: numbers that one may read
        self._hidden = {}  # model name: numbers that may not be named
        self._known = {}  # model name: numbers that were looked up; a partner outside the CRM may be in neither of the others

    def __copy__(self):
        return self

    def __deepcopy__(self, memo):
        return self

    def seen(self, model_name):
        """Return the numbers of this model that were looked up and that one may read.

        :rtype: set
        """
        return self._seen.get(model_name, frozenset())

    def shown(self, record, values):
        """Return the values that a form sends for a record without the links that may not be named.

        :param record: the saved record, or none for a new one
        :param dict values: as a form sends them; left as they are
        :rtype: dict
        :raises UserError: where the model of a nested line refuses such a link itself
        """
        self._look_up(record, values)
        return self._cleaned(record, values)

    # what is named ----------------------------------------------------------------------------------------------------

    def _look_up(self, record, values):
        """Sort all numbers in these values into those that may be named and those that may not."""
        named = {}
        self._collect(record, values, named)
        for model_name, numbers in named.items():
            known = self._known.setdefault(model_name, set())
            unknown = numbers - known
            if unknown:
                records = record.env[model_name].browse(sorted(unknown))
                readable = records._filtered_access("read")
                self._seen.setdefault(model_name, set()).update(readable._ids)
                self._hidden.setdefault(model_name, set()).update(_hidden_numbers(records - readable))
                known |= unknown

    def _collect(self, record, values, named):
        for name, value in values.items():
            field = record._fields.get(name)
            if field is None or not value:
                continue
            if field.type == "many2one":
                _add(named, field.comodel_name, sent_link(value))
                if isinstance(value, dict):
                    self._collect(record.env[field.comodel_name], value, named)
            elif field.type == "reference":
                _add(named, *reference(value))
            elif field.type in ("one2many", "many2many") and isinstance(value, (list, tuple)):
                lines = record.env[field.comodel_name]
                for command in value:
                    for number in linked_numbers(command):
                        _add(named, field.comodel_name, number)
                    nested = _nested(command)
                    if nested:
                        self._collect(lines, nested, named)

    # what is left -----------------------------------------------------------------------------------------------------

    def _cleaned(self, record, values):
        """See :meth:`shown`; the numbers are looked up already."""
        shown, saved = {}, _Saved(record, values)
        for name, value in values.items():
            field = record._fields.get(name)
            if field is not None and value:
                if field.type == "many2one":
                    value = self._cleaned_link(field, value, saved)
                elif field.type == "reference":
                    model_name, number = reference(value)
                    if self._is_hidden(model_name, number) and not saved.names(name, number, model_name):
                        value = False
                elif field.type in ("one2many", "many2many") and isinstance(value, (list, tuple)):
                    value = self._cleaned_lines(record, field, value, saved)
            shown[name] = value
        return shown

    def _cleaned_link(self, field, value, saved):
        """A form sends a record as its number, or with values of its own: the document that a line hangs on."""
        number = sent_link(value)
        model_name = field.comodel_name
        if isinstance(number, (str, float, list, tuple, dict)):
            return False  # no number of a record, whatever the host would make of it
        if self._is_hidden(model_name, number) and not saved.names(field.name, number, model_name):
            return False
        if isinstance(value, dict):
            linked = saved.record.env[model_name].browse(number if is_record_id(number) else [])
            return self._cleaned_nested(linked, value)
        return value

    def _cleaned_lines(self, record, field, commands, saved):
        """Take the hidden numbers out of commands, and what may not be named out of the lines in them."""
        lines = record.env[field.comodel_name]
        hidden = {
            number
            for command in commands
            for number in linked_numbers(command)
            if self._is_hidden(field.comodel_name, number) and not saved.names(field.name, number, field.comodel_name)
        }
        batch = lines.browse(command[1] for command in commands if _is_update(command) and command[1] not in hidden)
        cleaned = []
        for command in commands:
            nested = _nested(command)
            if isinstance(command, dict):
                cleaned.append(self._cleaned_nested(lines, command))
            elif nested is not None and command[1] not in hidden:
                line = lines.browse(command[1]).with_prefetch(batch._ids) if _is_update(command) else lines
                cleaned.append([command[0], command[1], self._cleaned_nested(line, nested)])
            elif isinstance(command, (list, tuple)) and len(command) > 2 and command[0] == SET_COMMAND:
                cleaned.append([*command[:2], [number for number in command[2] or () if number not in hidden]])
            elif hidden.isdisjoint(linked_numbers(command)):
                cleaned.append(command)
        return cleaned

    def _cleaned_nested(self, record, values):
        """The same for a line, whose model may refuse in a sentence of its own what it would otherwise just not show.

        It is asked about each such link alone: a record with the other values would be one more line of the documents in memory, and told
        with them.
        """
        shown = self._cleaned(record, values)
        for name, value in values.items():
            if value and shown[name] is False and record._fields[name].type == "many2one":
                record.browse().new({name: sent_link(value)})
        return shown

    def _is_hidden(self, model_name, number):
        return is_record_id(number) and number in self._hidden.get(model_name, ())


class _Saved:
    """What a saved record names already, read only when a link of a form is hidden."""

    def __init__(self, record, values):
        self.record = record
        self._values = values
        self._is_readable = None

    def names(self, name, number, model_name):
        """Tell whether the form may name this record: it was named before, or the document allows it for reasons of its own."""
        record = self.record
        if self._is_readable is None:
            self._is_readable = bool(record) and bool(record.exists()) and record.has_access("read")
        # sudo: the record itself - what it names already, to compare only
        if self._is_readable and number in record.sudo().with_context(active_test=False)[name].ids:
            return True
        return number in record._kehu_form_may_name(model_name, self._values)


def _hidden_numbers(unreadable):
    """Return which of the records that one may not read may not be named either: of partners those of the CRM."""
    return set((hidden_customers(unreadable) if unreadable._name == "res.partner" else unreadable.exists())._ids)


def _add(named, model_name, number):
    if model_name and is_kept(model_name) and is_record_id(number):
        named.setdefault(model_name, set()).add(number)


def reference(value):
    """Return the model and the number in ``model,number``; nothing for anything else.

    :rtype: tuple[str, int]
    """
    model_name, _comma, number = value.partition(",") if isinstance(value, str) else ("", "", "")
    return model_name, int(number) if number.isascii() and number.isdigit() else 0


def _is_update(command):
    return isinstance(command, (list, tuple)) and len(command) > 2 and command[0] == 1 and is_record_id(command[1])


def linked_numbers(command):
    """Return the numbers of saved records that an element of a list of lines names.

    :rtype: tuple
    """
    if is_record_id(command):
        return (command,)
    if not isinstance(command, (list, tuple)) or len(command) < 2:
        return ()
    if command[0] == LINK_COMMAND or _is_update(command):
        return (command[1],)
    if command[0] == SET_COMMAND and len(command) > 2 and isinstance(command[2], (list, tuple)):
        return tuple(command[2])
    return ()


def _nested(command):
    """Return the values that an element of a list of lines brings for its line; None without any."""
    if isinstance(command, dict):
        return command
    if isinstance(command, (list, tuple)) and len(command) > 2 and command[0] in LINE_COMMANDS and isinstance(command[2], dict):
        return command[2]
    return None
