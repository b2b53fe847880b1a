# Run in an Odoo shell when all modules are in: see that the Chinese chart is there, with a bank and a cash journal.
company = env.ref("base.main_company")
if company.chart_template != "cn":
    env["account.chart.template"].try_loading("cn", company=company, install_demo=False)
journals = env["account.journal"].search([("company_id", "=", company.id)])
missing = {"bank", "cash", "sale"} - set(journals.mapped("type"))
assert not missing, f"AssertionError: no journal of type {missing}"
assert company.currency_id.name == "CNY", f"AssertionError: currency {company.currency_id.name}"
env.cr.commit()
print("kehu:done")
