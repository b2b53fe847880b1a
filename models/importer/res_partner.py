from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import html2plaintext

from ..system.engine import as_engine, is_engine
from .base import AUTHOR_FIELDS


class ResPartner(models.Model):
    _inherit = "res.partner"

    kehu_import_batch_id = fields.Many2one(
        "kehu.import.batch",
        string="Import",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The import that created this customer.",
    )

    @api.model
    def _kehu_system_fields(self):
        names = super()._kehu_system_fields()
        return names if is_engine(self.env, "import") else names | {"kehu_import_batch_id"}

    def _kehu_import_check(self, batch, rows):
        """Find existing customers by code, refuse what the mode of the import does not allow, complete the country.

        :param ImportRows rows: of a kehu.import.batch; problems are added to them
        """
        states = self.env["res.country.state"].browse({row.values["state_id"] for row in rows if "state_id" in row.values})
        countries = {state.id: state.country_id.id for state in states}
        keys = self._kehu_import_keys(batch)
        existing = self._kehu_import_existing(batch, keys, rows)
        found = self.browse(customer.id for customers in existing.values() for customer in customers)
        readable = found._filtered_access("read")
        self._kehu_import_keep_hits(batch, len(rows), len(found - readable))
        changes = batch.mode != "create" or batch.template_id.duplicate_mode == "update"
        changeable = set((readable._filtered_access("write") if changes else readable).ids)
        nameless = [row for row in rows if "ref" not in row.values]
        namesakes = self._kehu_import_namesakes(batch, {row.values["name"] for row in nameless if "name" in row.values})
        first_by_key = rows.seen.setdefault("key", {})
        first_by_name = rows.seen.setdefault("name", {})
        for row in rows:
            if "state_id" in row.values:
                row.values.setdefault("country_id", countries[row.values["state_id"]])
            row.record = None
            key = tuple(row.values.get(name) for name in keys)
            key = key if all(key) else None
            shown = ", ".join(map(str, key or ()))
            name = row.values.get("name")
            if key and first_by_key.setdefault(key, row.number) != row.number:
                row.refuse(
                    self.env._("Row %(row)s of this workbook has the same code. Keep one of the two rows.", row=first_by_key[key]),
                    value=shown,
                    field=keys[0],
                    kind="repeated",
                )
            elif len(existing.get(key, ())) > 1:
                row.refuse(
                    self.env._(
                        "%(count)s customers have “%(key)s”. Merge them first, or choose another key.", count=len(existing[key]), key=shown
                    ),
                    value=shown,
                    field=keys[0],
                    kind="known",
                )
            elif key in existing and existing[key].id not in changeable:
                row.refuse(
                    self.env._(
                        "The code %(code)s belongs to a customer whom you may not change. "
                        "Remove the row, or ask the owner of that customer or a manager.",
                        code=shown,
                    ),
                    value=shown,
                    field=keys[0],
                    kind="right",
                )
            elif key in existing and batch.mode == "create":
                self._kehu_import_known(
                    batch,
                    row,
                    existing[key],
                    self.env._(
                        "A customer with the code %(code)s exists already: %(name)s. "
                        "Remove the row, or choose to update existing customers.",
                        code=shown,
                        name=existing[key].name,
                    ),
                    shown,
                    keys[0],
                )
            elif key in existing:
                row.record = existing[key].with_env(self.env)
            elif batch.mode == "update":
                row.refuse(
                    self.env._("There is no customer with this code to update. Correct the code, or choose to create new customers too."),
                    value=shown or name or "",
                    field=keys[0] if key else "",
                    kind="unknown",
                )
            elif "ref" not in row.values and name in namesakes and batch.template_id.duplicate_mode != "create":
                row.refuse(
                    self.env._(
                        "A customer called %(name)s exists already. Remove the row, or give it the code of its own customer.",
                        name=name,
                    ),
                    value=name,
                    field="name",
                    kind="known",
                )
            elif "ref" not in row.values and name and first_by_name.setdefault(name, row.number) != row.number:
                row.refuse(
                    self.env._("Row %(row)s of this workbook has the same name. Keep one of the two rows.", row=first_by_name[name]),
                    value=name,
                    field="name",
                    kind="repeated",
                )
            if row.contact and not row.contact.get("name"):
                row.refuse(
                    self.env._("The contact person has no name. Fill it in, or empty the contact's other cells."), field="child_ids/name"
                )
        self._kehu_import_check_author(rows)
        new = [row for row in rows if not row.record and not row.problems and not row.skipped]
        for row in new:
            if not row.values.get("name") and row.values.get("type", "contact") == "contact":
                row.refuse(
                    self.env._(
                        "“%(field)s” is missing. Add a column for it to the template, or fill it in.",
                        field=self._fields["name"]._description_string(self.env),
                    ),
                    field="name",
                    kind="required",
                )
        new = [row for row in new if not row.problems]
        self._kehu_import_check_duplicates(batch, new, rows.seen)

    @api.model
    def _kehu_import_keys(self, batch):
        """Return the names of the fields by which an import finds existing customers: the keys of its template, else the code."""
        lines = batch.template_id._kehu_keys().filtered(lambda line: "/" not in line.field_name)
        return tuple(lines.mapped("field_name")) or ("ref",)

    def _kehu_import_known(self, batch, row, customer, sentence, value, field):
        """A row whose customer exists already: what its template says about these.

        :param customer: in superuser mode, one that the person may change
        """
        mode = batch.template_id.duplicate_mode
        if mode == "update":
            row.record = customer.with_env(self.env)
        elif mode == "skip":
            row.skipped = sentence
        else:
            row.refuse(sentence, value=value, field=field, kind="known")

    def _kehu_import_check_duplicates(self, batch, rows, seen):
        """Refuse new customers that are known already by the duplicate rules, or that come twice in the workbook.

        :param dict seen: of :class:`ImportRows`
        """
        mode = batch.template_id.duplicate_mode
        if mode == "create":
            return
        candidates = {}
        known, repeated = self._kehu_import_duplicates(
            [row.values for row in rows],
            batch.company_id,
            seen=seen.setdefault("keys", {}),
            marks=[row.number for row in rows],
            candidates=candidates,
        )
        self._kehu_import_keep_hits(batch, len(rows), sum(not candidates[number]["readable"] for number in known))
        customers = self.browse(candidates[number]["id"] for number in known if candidates[number]["readable"])
        changeable = set(customers._filtered_access("write").ids) if mode == "update" else set(customers.ids)
        for number, sentence in known.items():
            row = rows[number]
            advice = self.env._("%(sentence)s Remove the row, or give it the code of its own customer.", sentence=sentence)
            if mode == "skip" or (mode == "update" and candidates[number]["id"] in changeable):
                self._kehu_import_known(batch, row, self.browse(candidates[number]["id"]), advice, "", "name")
            else:
                row.refuse(advice, value=row.values.get("name", ""), field="name", kind="known")
        for number, earlier in repeated.items():
            if number not in known:
                rows[number].refuse(
                    self.env._("Row %(row)s of this workbook is the same customer. Keep one of the two rows.", row=earlier),
                    value=rows[number].values.get("name", ""),
                    field="name",
                    kind="repeated",
                )

    @api.model
    def _kehu_import_keep_hits(self, batch, compared, hits):
        """Keep in the log of searches who was told by an import that customers out of sight have a phone, a name or a code of its rows.

        The import can be deleted by whoever made it, the log by nobody. Nothing of the customers found is kept.

        :param int compared: rows looked at
        :param int hits: of them, those known already by a customer whom the person may not read
        """
        if not hits or self.env.su:
            return
        # sudo: kehu.lookup.log - written by the engine, for people who may not read it
        as_engine(self.env["kehu.lookup.log"].sudo(), "lookup").create(
            {
                "user_id": self.env.uid,
                "day": batch.company_id._kehu_today(),
                "company_id": batch.company_id.id,
                "kind": "rows",
                "way": "import",
                "criteria": self.env._("“%(file)s”: %(count)s rows compared", file=batch.name, count=compared),
                "hit_count": hits,
            }
        )

    def _kehu_import_existing(self, batch, keys, rows):
        """Return {values of the keys: customers in superuser mode}, archived ones included.

        :param tuple keys: names of fields
        """
        wanted = {name: {row.values[name] for row in rows if row.values.get(name)} for name in keys}
        if not all(wanted.values()):
            return {}
        # sudo: res.partner - a code is taken even when its customer is not visible to the person who imports
        customers = self.sudo().with_context(active_test=False)
        domain = Domain("kehu_is_customer", "=", True) & Domain("company_id", "in", [batch.company_id.id, False])
        domain &= Domain.AND([Domain(name, "in", list(values)) for name, values in wanted.items()])
        existing = {}
        for customer in customers.search_fetch(domain, [*keys, "name"]):
            key = tuple(customer._fields[name].convert_to_write(customer[name], customer) for name in keys)
            existing[key] = existing.get(key, customers) | customer
        return existing

    def _kehu_import_namesakes(self, batch, names):
        # sudo: res.partner - as above, for rows without a code
        domain = [("kehu_is_customer", "=", True), ("name", "in", list(names)), ("company_id", "in", [batch.company_id.id, False])]
        return set(self.sudo().search_fetch(domain, ["name"]).mapped("name"))  # sudo: res.partner - see above

    def _kehu_import_owner_values(self, batch, number):
        """Return owner and pool of a new customer by the rule of the template; the ownership gateway judges them as those typed by hand.

        :param int number: how many customers this import made before it
        """
        template = batch.template_id
        pool = template.target_pool_id
        if template.owner_rule == "me":
            return {"user_id": self.env.uid}
        if template.owner_rule == "turn":
            members = pool.member_ids.filtered("active").sorted("id")
            return {"user_id": members[number % len(members)].id} if members else {"kehu_pool_id": pool.id}
        if template.owner_rule == "pool":
            return {"user_id": False, "kehu_pool_id": pool.id}
        return {"kehu_pool_id": pool.id} if pool else {}

    def _kehu_import_save(self, batch, rows):
        """Create or update the customers of these rows with the rights of the person who imports.

        :raises UserError: when a rule of the CRM refuses one of them; nothing is kept then, as the caller holds a savepoint
        """
        partners = self._kehu_import_env(batch)
        new = [row for row in rows if not row.record]
        updates = [row for row in rows if row.record]
        # as the host's own import, new records without a history of changes
        context = {"tracking_disable": True, "_partners_skip_fields_sync": not any(row.values.get("parent_id") for row in new)}
        makers = as_engine(partners.with_context(**context), "import")
        values_list = []
        for row in new:
            values = {name: value for name, value in row.values.items() if name not in AUTHOR_FIELDS}
            owner = self._kehu_import_owner_values(batch, row.turn)
            if values.get("user_id") and not owner.keys() & {"user_id"}:
                owner = {}
            values_list.append({"kehu_is_customer": True, "is_company": True, **values, **owner, "kehu_import_batch_id": batch.id})
        # sudo: res.users - read at once what the rules of ownership ask of one owner after the other
        self.env["res.users"].sudo().browse({values["user_id"] for values in values_list if values.get("user_id")}).mapped("active")
        customers = makers.create(values_list)
        for row, customer in zip(new, customers, strict=True):
            row.record = self.browse(customer.id)
        self._kehu_import_keep_author(new)
        partners._kehu_followers_add({customer.id: customer.user_id for customer in customers if customer.user_id})
        customers.invalidate_recordset(["message_follower_ids", "message_partner_ids"], flush=False)
        # together, so that what the host reads around each write is read once for all
        existing = partners.browse(row.record.id for row in updates)
        for row, customer in zip(updates, existing, strict=True):
            customer._kehu_import_write(row, {name: value for name, value in row.values.items() if name not in AUTHOR_FIELDS})
        self._kehu_import_save_contacts(batch, [row for row in rows if row.contact])

    def _kehu_import_save_contacts(self, batch, rows):
        """Create or update the contact person of each of these rows below its ``record``; one of the same name is found again."""
        partners = self._kehu_import_env(batch)
        again = batch.mode == "create" and batch.template_id.duplicate_mode == "create"
        known = {} if again else self._kehu_import_contacts_of(partners, rows)
        new, values, repeated = {}, {}, []
        for row in rows:
            key = (row.record.id, row.id if again else row.contact.get("name"))
            contact = known.get(key)
            if contact:
                row.contact_record = contact
                row.before.setdefault("contact", {})  # it was there before
                contact._kehu_import_write(row, row.contact, contact=True)
            elif key in new:
                values[key].update(row.contact)
                repeated.append((row, new[key]))
            else:
                new[key], values[key] = row, dict(row.contact)
        new, values = list(new.values()), {row.id: values[key] for key, row in new.items()}
        makers = partners.with_context(tracking_disable=True)
        # the host writes the language of its customer to each new contact that comes without one
        language = partners.default_get(["lang"]).get("lang") or self.env.lang
        followed = self._kehu_import_followed(batch, new)
        for quick in (True, False):
            part = [row for row in new if (row.record.id in followed) is quick]
            contacts = makers.with_context(_partners_skip_fields_sync=quick).create(
                [
                    {"type": "contact", "parent_id": row.record.id, "lang": row.record.lang or language}
                    | followed.get(row.record.id, {})
                    | values[row.id]
                    for row in part
                ]
            )
            for row, contact in zip(part, contacts, strict=True):
                row.contact_record = contact
        for row, first in repeated:
            row.contact_record = first.contact_record
            row.before.setdefault("contact", {})  # it goes with the row that made it

    @api.model
    def _kehu_import_contacts_of(self, partners, rows):
        """Return {(id of the customer, name): contact person} of the customers of these rows, in the environment of ``partners``."""
        known = {}
        for contact in partners.browse(dict.fromkeys(row.record.id for row in rows)).child_ids:
            if contact.type == "contact" and not contact.is_company:
                known.setdefault((contact.parent_id.id, contact.name), contact)
        return known

    def _kehu_import_check_contacts(self, batch, rows):
        """An import that only creates changes no contact person who was there before it."""
        mode = batch.template_id.duplicate_mode
        if batch.mode != "create" or mode in ("update", "create"):
            return
        rows = [row for row in rows if row.record.kehu_import_batch_id != batch]
        known = self._kehu_import_contacts_of(self, rows) if rows else {}
        found = [row for row in rows if (row.record.id, row.contact.get("name")) in known]
        if not found:
            return
        # sudo: kehu.import.row - which contact persons an earlier row of this import made
        staged = self.env["kehu.import.row"].sudo()
        own = set(
            staged.search([("batch_id", "=", batch.id), ("contact_id", "in", [contact.id for contact in known.values()])]).mapped(
                "contact_id"
            )
        )
        for row in found:
            name = row.contact["name"]
            if known[row.record.id, name].id in own:
                continue
            sentence = self.env._(
                "%(customer)s has a contact person %(name)s already. Remove the row, or choose to update existing customers.",
                customer=row.record.display_name,
                name=name,
            )
            if mode == "skip":
                row.skipped = sentence
            else:
                row.refuse(sentence, value=name, field="child_ids/name", kind="known")

    def _kehu_import_followed(self, batch, rows):
        """Return what new contact persons take over from customers that this import made, so that the host need not write it afterwards.

        The host creates a contact and then writes the address and the commercial values of its customer to it, one after the other. Given
        at once the result is the same. Customers that were there before may have values for each company: these are left to the host.

        :param list rows: with a contact person and its customer as ``record``
        :return: {id of the customer: values}
        :rtype: dict[int, dict]
        """
        kept = {*self._address_fields(), *self._commercial_fields()}
        # sudo: res.partner - as the host does, what a contact takes over from its customer
        customers = self.sudo().browse(dict.fromkeys(row.record.id for row in rows if not kept & row.contact.keys()))
        return {
            customer.id: {**customer._get_commercial_values(), **customer._get_address_values()}
            for customer in customers.with_company(batch.company_id)
            if customer.kehu_import_batch_id == batch and customer.commercial_partner_id == customer
        }

    def _kehu_import_env(self, batch):
        partners = self.with_company(batch.company_id).with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
        return as_engine(partners, "typed")  # the file is kept, so its numbers are not counted one by one

    def _kehu_import_write(self, row, values, contact=False):
        """Write what differs from this one record; a workbook that comes again mostly repeats itself."""
        self.ensure_one()
        values = {name: self._kehu_import_with_hidden(name, value) for name, value in values.items()}
        values = {name: value for name, value in values.items() if not self._kehu_import_same(name, value)}
        if values:
            row.remember(self, values, contact=contact)
            as_engine(self, "telling").write(values)  # a new owner is told when the import ends, see _kehu_tell_owners

    def _kehu_import_same(self, name, value):
        """Tell whether this record has that value already; dates come as text."""
        field = self._fields[name]
        if field.type == "many2many":
            return super()._kehu_import_same(name, value)
        kept = field.convert_to_write(self[name], self)
        if field.type == "html" and kept and isinstance(value, str):  # a cell holds the words; bold and lists stay while these are the same
            return kept == value or html2plaintext(kept) == html2plaintext(value)
        return kept == value or (field.type in ("date", "datetime") and field.to_string(kept) == value)
