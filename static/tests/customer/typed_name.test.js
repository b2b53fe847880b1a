import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { queryOne } from "@odoo/hoot-dom";
import { advanceTime, animationFrame } from "@odoo/hoot-mock";
import { contains, defineModels, fields, models, mountView } from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class Customer extends models.Model {
    _name = "kehu.test.customer";

    name = fields.Char({
        trim: true,
        onChange: (record) => {
            if (record.name) {
                expect.step(record.name);
                record.notice = `Known: ${record.name}`;
            }
        },
    });
    notice = fields.Char();

    _views = {
        form: `<form>
            <field name="name" widget="kehu_typed_name" options="{'line_breaks': False}"/>
            <field name="notice" readonly="1"/>
        </form>`,
    };
}

defineMailModels();
defineModels([Customer]);

const NAME = ".o_field_widget[name=name] textarea";

async function rest() {
    await advanceTime(700);
    await animationFrame();
}

test("what is typed is told when the typing rests", async () => {
    await mountView({ type: "form", resModel: "kehu.test.customer" });
    await contains(NAME).edit("Huaqiang", { confirm: false });
    expect.verifySteps([]);
    await rest();
    expect.verifySteps(["Huaqiang"]);
    expect(".o_field_widget[name=notice]").toHaveText("Known: Huaqiang");
    expect(NAME).toHaveValue("Huaqiang");
    expect(NAME).toBeFocused();
});

test("a space and letters that are being composed wait", async () => {
    await mountView({ type: "form", resModel: "kehu.test.customer" });
    await contains(NAME).edit("Hua ", { confirm: false });
    await rest();
    expect.verifySteps([]);
    expect(NAME).toHaveValue("Hua ");
    queryOne(NAME).dispatchEvent(new CompositionEvent("compositionstart"));
    await contains(NAME).edit("hua qiang", { confirm: false });
    await rest();
    expect.verifySteps([]);
    queryOne(NAME).dispatchEvent(new CompositionEvent("compositionend"));
    await rest();
    expect.verifySteps(["hua qiang"]);
});
