import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class Goal extends models.Model {
    _name = "kehu.test.goal";

    value = fields.Monetary({ currency_field: "currency_id" });
    currency_id = fields.Many2one({ relation: "res.currency" });

    _records = [
        { id: 1, value: 1200.5, currency_id: 1 },
        { id: 2, value: 1200, currency_id: false },
    ];
}

defineMailModels();
defineModels([Goal]);

test("money has its currency and cents, a count neither", async () => {
    await mountView({
        type: "list",
        resModel: "kehu.test.goal",
        arch: `<list><field name="value" widget="kehu_figure"/><field name="currency_id" column_invisible="1"/></list>`,
    });
    expect(".o_data_row:eq(0) .o_data_cell").toHaveText("$ 1,200.50");
    expect(".o_data_row:eq(1) .o_data_cell").toHaveText("1,200");
});

test("a count is entered without cents", async () => {
    await mountView({
        type: "form",
        resModel: "kehu.test.goal",
        resId: 2,
        arch: `<form><field name="value" widget="kehu_figure"/><field name="currency_id" invisible="1"/></form>`,
    });
    expect(".o_field_widget[name=value] input").toHaveValue("1,200");
});
