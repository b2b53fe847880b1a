{
    "name": "Kehu CRM",
    "summary": "Customer pool, contact rhythm, approvals and receipts on top of Odoo CRM",
    "version": "19.0.1.0.0",
    "category": "Sales/CRM",
    "author": "Kehu CRM",
    "license": "LGPL-3",
    "application": True,
    "depends": [
        "crm",
        "sale_management",
        "sale_crm",
        "sale_margin",
        "account",
        "contacts",
        "calendar",
        "hr",
        "portal",
        "base_address_extended",
    ],
    "external_dependencies": {
        "python": ["openpyxl", "phonenumbers", "pypinyin", "xlrd"],
    },
    "data": [
        # groups before access rows, access before rules, data before views, menus last
        "security/groups.xml",
        # access rows
        "security/system/ir.model.access.csv",
        "security/customer/ir.model.access.csv",
        # record rules
        # data
        "data/customer/kehu_customer_level_data.xml",
        "data/customer/kehu_dictionary_value_data.xml",
        # wizards
        # reports
        # views
        # menus
        "views/menus.xml",
    ],
    "demo": [],
    "assets": {},
}
