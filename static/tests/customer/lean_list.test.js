import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { contains, defineModels, fields, models, mountView, onRpc } from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class Customer extends models.Model {
    _name = "kehu.test.customer";

    name = fields.Char();
    phone = fields.Char();
    code = fields.Char();
    stage = fields.Char();

    _records = [{ id: 1, name: "Suzhou Science Park", phone: "0512 6288 7777", code: "C1", stage: "won" }];
}

defineMailModels();
defineModels([Customer]);

const ARCH = `
    <list js_class="kehu_lean_list">
        <field name="name" decoration-success="stage == 'won'"/>
        <field name="phone" optional="show"/>
        <field name="code" optional="hide"/>
        <field name="stage" optional="hide"/>
    </list>`;

test("a column that is switched off is not read, unless the view needs it", async () => {
    onRpc("web_search_read", ({ kwargs }) => expect.step(Object.keys(kwargs.specification).sort().join(" ")));
    await mountView({ type: "list", resModel: "kehu.test.customer", arch: ARCH });
    expect.verifySteps(["name phone stage"]);
    expect(".o_data_cell").toHaveCount(2);
});

test("a column that is switched on is read then, and at once the next time", async () => {
    onRpc("web_search_read", ({ kwargs }) => expect.step(Object.keys(kwargs.specification).sort().join(" ")));
    await mountView({ type: "list", resModel: "kehu.test.customer", arch: ARCH });
    expect.verifySteps(["name phone stage"]);
    await contains(".o_optional_columns_dropdown_toggle").click();
    await contains(".o-dropdown-item:contains(Code) input").click();
    expect.verifySteps(["code name phone stage"]);
    expect(".o_data_cell:contains(C1)").toHaveCount(1);
    // off and on again: it has been read
    await contains(".o-dropdown-item:contains(Code) input").click();
    expect(".o_data_cell:contains(C1)").toHaveCount(0);
    await contains(".o-dropdown-item:contains(Code) input").click();
    expect(".o_data_cell:contains(C1)").toHaveCount(1);
    expect.verifySteps([]);
    await mountView({ type: "list", resModel: "kehu.test.customer", arch: ARCH });
    expect.verifySteps(["code name phone stage"]);
});
