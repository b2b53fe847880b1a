from odoo import api, fields, models

from ..system.engine import as_engine, is_engine


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

        :param list rows: ``ImportRow`` of a kehu.import.batch; problems are added to them
        """
        states = self.env["res.country.state"].browse({row.values["state_id"] for row in rows if "state_id" in row.values})
        countries = {state.id: state.country_id.id for state in states}
        existing = self._kehu_import_existing(batch, {row.values["ref"] for row in rows if "ref" in row.values})
        found = self.browse(customer.id for customer in existing.values())
        readable = found._filtered_access("read")
        writable = readable._filtered_access("write")
        nameless = [row for row in rows if "ref" not in row.values]
        namesakes = self._kehu_import_namesakes(batch, {row.values["name"] for row in nameless if "name" in row.values})
        first_by_code = {}
        first_by_name = {}
        for row in rows:
            if "state_id" in row.values:
                row.values.setdefault("country_id", countries[row.values["state_id"]])
            code = row.values.get("ref")
            name = row.values.get("name")
            if code and first_by_code.setdefault(code, row.number) != row.number:
                row.refuse(
                    self.env._("Row %(row)s of this workbook has the same code. Keep one of the two rows.", row=first_by_code[code]),
                    value=code,
                )
            elif code in existing and existing[code].with_env(self.env) not in (readable if batch.mode == "create" else writable):
                row.refuse(
                    self.env._(
                        "The code %(code)s belongs to a customer whom you may not change. "
                        "Remove the row, or ask the owner of that customer or a manager.",
                        code=code,
                    ),
                    value=code,
                )
            elif code in existing and batch.mode == "create":
                row.refuse(
                    self.env._(
                        "A customer with the code %(code)s exists already: %(name)s. "
                        "Remove the row, or choose to update existing customers.",
                        code=code,
                        name=existing[code].name,
                    ),
                    value=code,
                )
            elif code in existing:
                row.record = existing[code].with_env(self.env)
            elif batch.mode == "update":
                row.refuse(
                    self.env._("There is no customer with this code to update. Correct the code, or choose to create new customers too."),
                    value=code or name or "",
                )
            elif not code and name in namesakes:
                row.refuse(
                    self.env._(
                        "A customer called %(name)s exists already. Remove the row, or give it the code of its own customer.",
                        name=name,
                    ),
                    value=name,
                )
            elif not code and name and first_by_name.setdefault(name, row.number) != row.number:
                row.refuse(
                    self.env._("Row %(row)s of this workbook has the same name. Keep one of the two rows.", row=first_by_name[name]),
                    value=name,
                )
            if row.contact and not row.contact.get("name"):
                row.refuse(self.env._("The contact person has no name. Fill it in, or empty the contact's other cells."))
        self._kehu_import_check_duplicates(batch, [row for row in rows if not row.record and not row.problems])

    def _kehu_import_check_duplicates(self, batch, rows):
        """Refuse new customers that are known already by the duplicate rules, or that come twice in the workbook."""
        known, repeated = self._kehu_import_duplicates([row.values for row in rows], batch.company_id)
        for number, sentence in known.items():
            rows[number].refuse(
                self.env._("%(sentence)s Remove the row, or give it the code of its own customer.", sentence=sentence),
                value=rows[number].values.get("name", ""),
            )
        for number, earlier in repeated.items():
            if number not in known:
                rows[number].refuse(
                    self.env._("Row %(row)s of this workbook is the same customer. Keep one of the two rows.", row=rows[earlier].number),
                    value=rows[number].values.get("name", ""),
                )

    def _kehu_import_existing(self, batch, codes):
        """Return {code: customer in superuser mode}, archived ones included."""
        # sudo: res.partner - a code is taken even when its customer is not visible to the person who imports
        customers = self.sudo().with_context(active_test=False)
        domain = [("kehu_is_customer", "=", True), ("ref", "in", list(codes)), ("company_id", "in", [batch.company_id.id, False])]
        return {customer.ref: customer for customer in customers.search_fetch(domain, ["ref", "name"])}

    def _kehu_import_namesakes(self, batch, names):
        # sudo: res.partner - as above, for rows without a code
        domain = [("kehu_is_customer", "=", True), ("name", "in", list(names)), ("company_id", "in", [batch.company_id.id, False])]
        return set(self.sudo().search_fetch(domain, ["name"]).mapped("name"))  # sudo: res.partner - see above

    def _kehu_import_save(self, batch, rows):
        """Create or update the customers of these rows with the rights of the person who imports.

        :raises UserError: when a rule of the CRM refuses one of them; nothing is kept then, as the caller holds a savepoint
        """
        partners = self.with_company(batch.company_id).with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
        values_list = []
        contacts = []
        updates = {}
        for row in rows:
            if row.record:
                updates[row.record.id] = row
                continue
            values = {"kehu_is_customer": True, "is_company": True, "kehu_import_batch_id": batch.id, **row.values}
            values_list.append(values)
            contacts.append(row.contact)
        customers = as_engine(partners, "import").create(values_list)
        new_contacts = [
            {"type": "contact", "parent_id": customer.id, **contact}
            for customer, contact in zip(customers, contacts, strict=True)
            if contact
        ]
        existing = partners.browse(updates)  # together, so that what the host reads around each write is read once for all
        known = {}
        for contact in existing.child_ids:
            known.setdefault((contact.parent_id.id, contact.name), contact)
        for customer in existing:
            customer._kehu_import_write(updates[customer.id].values)
        for customer_id, row in updates.items():
            contact = known.get((customer_id, row.contact.get("name")))
            if contact and row.contact:
                contact._kehu_import_write(row.contact)
            elif row.contact:
                new_contacts.append({"type": "contact", "parent_id": customer_id, **row.contact})
        partners.create(new_contacts)

    def _kehu_import_write(self, values):
        """Write what differs from this one record; a workbook that comes again mostly repeats itself."""
        self.ensure_one()
        values = {name: value for name, value in values.items() if self._fields[name].convert_to_write(self[name], self) != value}
        if values:
            self.write(values)
