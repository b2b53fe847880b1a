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
        "security/followup/ir.model.access.csv",
        "security/pool/ir.model.access.csv",
        "security/approval/ir.model.access.csv",
        "security/importer/ir.model.access.csv",
        "security/receivable/ir.model.access.csv",
        "security/sales/ir.model.access.csv",
        # record rules
        "security/customer/kehu_customer_rules.xml",
        "security/followup/kehu_contact_record_rules.xml",
        "security/pool/kehu_pool_rules.xml",
        "security/approval/kehu_approval_rules.xml",
        "security/sales/kehu_sales_rules.xml",
        "security/importer/kehu_import_rules.xml",
        "security/receivable/kehu_receivable_rules.xml",
        # data
        "data/customer/kehu_customer_level_data.xml",
        "data/customer/kehu_dictionary_value_data.xml",
        "data/customer/kehu_customer_sequence_data.xml",
        "data/followup/kehu_calendar_alarm_data.xml",
        "data/pool/kehu_pool_data.xml",
        "data/approval/mail_activity_type_data.xml",
        "data/sales/kehu_approval_flow_data.xml",
        "data/importer/kehu_import_template_data.xml",
        "data/receivable/ir_sequence_data.xml",
        "data/receivable/kehu_approval_flow_data.xml",
        # wizards
        "wizards/approval/kehu_approval_submit_views.xml",
        "wizards/approval/kehu_approval_decide_views.xml",
        # reports
        # views
        "views/approval/kehu_approval_templates.xml",
        "views/approval/kehu_approval_flow_views.xml",
        "views/approval/kehu_approval_request_views.xml",
        "views/sales/sale_order_views.xml",
        "views/sales/crm_lead_views.xml",
        "views/importer/kehu_import_batch_views.xml",
        "views/importer/kehu_import_template_views.xml",
        "views/receivable/kehu_receipt_views.xml",
        "views/receivable/kehu_receivable_views.xml",
        "views/receivable/sale_order_views.xml",
        # menus
        "views/menus.xml",
    ],
    "demo": [
        "demo/kehu_demo.xml",
    ],
    "assets": {
        "web.assets_tests": [
            "kehu_crm/static/tests/tours/**/*",
        ],
    },
}
