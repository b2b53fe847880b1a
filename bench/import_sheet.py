"""The workbook that the import measurements read, and the ways to import it.

Ten columns, three of them names of related records (province, industry, owner), two of the contact person. An eleventh column marks
the rows as customers for the host's own import, which ours leaves out.
"""
import base64
import io
import random

SEED = 2026
TITLES = ["客户名称", "电话", "电子邮箱", "地址", "税号", "省份", "行业", "负责人", "联系人", "联系人手机"]
FIELDS = ["name", "phone", "email", "street", "vat", "state_id", "industry_id", "user_id", "child_ids/name", "child_ids/kehu_mobile"]
MARKS = ["is_company", "kehu_is_customer"]
BATCH = 1000


def rows(env, count):
    """:return: the cells of that many customers who are not known yet"""
    from odoo.addons.kehu_crm.tools.folding_places import CITIES

    from . import data, names

    rnd = random.Random(SEED)
    company_names = names.companies(rnd, CITIES)
    states = env["res.country.state"].search([("country_id.code", "=", "CN")]).mapped("name")
    industries = env["res.partner.industry"].search([]).mapped("name")
    owners = env["res.users"].search([("login", "like", "bench_seller_")]).mapped("name")
    assert data.SEED != SEED and owners
    return [
        [f"{next(company_names)}{index}号", f"0571-8{index:07d}", f"boss@imported{index}.example.com", f"人民路{index}号",
         f"91330{index:012d}X", rnd.choice(states), rnd.choice(industries), rnd.choice(owners), f"王{index}", f"139{index:08d}"]
        for index in range(count)
    ]


def workbook(cells):
    """:return: the .xlsx file with these rows"""
    import xlsxwriter

    content = io.BytesIO()
    book = xlsxwriter.Workbook(content, {"constant_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate([TITLES + MARKS] + [[*row, "True", "True"] for row in cells]):
        sheet.write_row(number, 0, row)
    book.close()
    return content.getvalue()


def batch(env, content):
    """:return: a new import of that file, of the user of the environment"""
    template = env["kehu.import.template"].sudo().create({
        "name": "bench",
        "field_ids": [(0, 0, {"title": title, "field_name": name, "required": name == "name"})
                      for title, name in zip(TITLES, FIELDS, strict=True)]})
    return env["kehu.import.batch"].create({
        "template_id": template.id, "file": base64.b64encode(content), "filename": "customers.xlsx", "company_id": env.company.id})


def checked(env, content):
    """Check the file.

    :return: the import
    """
    importing = batch(env, content)
    importing.action_check()
    while importing.state == "running":
        importing._kehu_run_slice()
    assert not importing.problem_count, importing.problem_ids[0].reason
    return importing


def ours(env, content):
    """Check the file and import it, slice by slice as the job does, without its commits.

    :return: number of customers
    """
    importing = checked(env, content)
    importing.action_import()
    while importing.state == "running":
        importing._kehu_run_slice()
        importing._kehu_forget()
    return importing.created_count


def host(env, content):
    """Import the file as the web client has the host do it, in its batches.

    :return: number of customers
    """
    wizard = env["base_import.import"].create({
        "res_model": "res.partner", "file": content, "file_name": "a.xlsx",
        "file_type": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"})
    options = {"has_headers": True, "quoting": '"', "separator": ",", "encoding": "", "float_thousand_separator": ",",
               "float_decimal_separator": ".", "date_format": "", "datetime_format": "", "advanced": True, "sheet": "", "sheets": [],
               "skip": 0, "limit": 2000}
    done = 0
    while True:
        result = wizard.with_context(tracking_disable=True).execute_import(FIELDS + MARKS, TITLES + MARKS, dict(options))
        errors = [message for message in result["messages"] if message["type"] == "error"]
        assert not errors, errors[:2]
        done += len(result["ids"])
        if not result.get("nextrow"):
            return done
        options["skip"] = result["nextrow"]


def values(env, cells):
    """:return: values of the customers, values of their contacts"""
    states = {state.name: state for state in env["res.country.state"].search([("country_id.code", "=", "CN")])}
    industries = {industry.name: industry.id for industry in env["res.partner.industry"].search([])}
    owners = {user.name: user.id for user in env["res.users"].search([("login", "like", "bench_seller_")])}
    customers, contacts = [], []
    for name, phone, email, street, vat, state, industry, owner, contact, mobile in cells:
        customers.append({
            "name": name, "phone": phone, "email": email, "street": street, "vat": vat, "state_id": states[state].id,
            "country_id": states[state].country_id.id, "industry_id": industries[industry], "user_id": owners[owner],
            "is_company": True, "kehu_is_customer": True})
        contacts.append({"name": contact, "kehu_mobile": mobile, "type": "contact"})
    return customers, contacts


def bare(env, cells):
    """Create the same customers and contacts in batches, without reading a file and without any check.

    :return: number of customers
    """
    customers, contacts = values(env, cells)
    partners = env["res.partner"].with_context(tracking_disable=True, mail_create_nosubscribe=True, mail_create_nolog=True)
    for start in range(0, len(customers), BATCH):
        made = partners.create(customers[start:start + BATCH])
        partners.create([{**contact, "parent_id": customer.id}
                         for customer, contact in zip(made, contacts[start:start + BATCH], strict=True)])
        env.flush_all()
        env.invalidate_all()
    return len(customers)


class Memory:
    """Peak of the memory of this process above its start, in MB; of Linux only, elsewhere 0."""

    def __enter__(self):
        self.start = self._status("VmRSS")
        try:
            with open("/proc/self/clear_refs", "w") as refs:
                refs.write("5")  # begin the peak anew
        except OSError:
            self.start = None
        return self

    def __exit__(self, *_error):
        self.megabytes = (self._status("VmHWM") - self.start) / 1024 if self.start else 0.0

    @staticmethod
    def _status(name):
        try:
            with open("/proc/self/status") as status:
                return next(int(line.split()[1]) for line in status if line.startswith(name + ":"))
        except OSError:
            return None
