import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class Bill extends models.Model {
    _name = "kehu.test.bill";

    name = fields.Char();
    amount = fields.Float();
    late = fields.Boolean();

    _records = [1, 2, 3, 4, 5].map((id) => ({ id, name: `Bill ${id}`, amount: id * 100, late: id > 2 }));
    _views = {
        search: `<search><filter name="late" string="Late" domain="[('late', '=', True)]"/></search>`,
    };
}

defineMailModels();
defineModels([Bill]);

const list = (limit) => `
    <list js_class="kehu_money_list" limit="${limit}">
        <field name="name"/>
        <field name="amount" sum="Total"/>
    </list>`;
const mount = (limit, params) => mountView({ type: "list", resModel: "kehu.test.bill", arch: list(limit), ...params });
const countQuestions = () => onRpc("formatted_read_group", () => expect.step("totals"));

test("the foot adds up all that was searched for, not the page", async () => {
    countQuestions();
    await mount(2);
    await animationFrame();
    expect(".o_list_footer").toHaveText("1,500.00");
    await contains(".o_pager_next").click();
    expect(".o_data_row:first").toHaveText("Bill 3 300.00");
    expect(".o_list_footer").toHaveText("1,500.00");
    expect.verifySteps(["totals"]);
});

test("with a filter, all that the filter leaves", async () => {
    await mount(2, { searchViewId: false, context: { search_default_late: 1 } });
    await animationFrame();
    expect(".o_list_footer").toHaveText("1,200.00");
});

test("what is selected, when something is", async () => {
    await mount(2);
    await animationFrame();
    await contains(".o_data_row:first .o_list_record_selector input").click();
    expect(".o_list_footer").toHaveText("100.00");
    await contains(".o_list_view thead .o_list_record_selector input").click();
    await contains(".o_select_domain").click();
    expect(".o_list_footer").toHaveText("1,500.00");
});

test("one page is added up by the host, without a question to the server", async () => {
    countQuestions();
    await mount(80);
    expect(".o_list_footer").toHaveText("1,500.00");
    expect.verifySteps([]);
});
