"""What keeps a record from being deleted, told in a sentence before the database refuses."""

from odoo.fields import Domain
from odoo.tools import format_list


def restricting_fields(env, model_name):
    """Return the stored relations that keep records of this model from being deleted: those declared ``ondelete="restrict"``.

    :param str model_name: of the records that are to be deleted
    :rtype: list[odoo.fields.Field]
    """
    return [
        field
        for model in env.registry.values()
        if model._auto and not model._abstract
        for field in model._fields.values()
        if field.comodel_name == model_name
        and field.store
        and field.type in ("many2one", "many2many")
        and field.ondelete == "restrict"
        and field.model_name == model._name
    ]


def uses_in_words(records):
    """Tell what refers to these records and would keep them from being deleted; one query per relation, however many records.

    Rows of all owners and companies count, archived ones too.

    :param records: of any model, existing
    :return: {record: “Sales Order (3), Contact Record (1)”}, without those that nothing refers to
    :rtype: dict
    """
    env = records.env
    ids = {}
    for field in restricting_fields(env, records._name):
        # sudo: any model - rows of all owners and companies keep the record
        model = env[field.model_name].sudo().with_context(active_test=False)
        domain = Domain(field.name, "in", records.ids)
        if model._name == records._name:
            domain &= Domain("id", "not in", records.ids)
        for record, row_ids in model._read_group(domain, [field.name], ["id:array_agg"]):
            if record.id in records._ids:
                ids.setdefault(record.id, {}).setdefault(model._name, set()).update(row_ids)
    words = {}
    for record in records:
        if used := ids.get(record.id):
            words[record] = format_list(
                env,
                [
                    # sudo: ir.model - the name of a model only
                    env._("%(model)s (%(count)s)", model=env["ir.model"].sudo()._get(name).name, count=len(row_ids))
                    for name, row_ids in sorted(used.items())
                ],
            )
    return words
