import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, getService, makeServerError, mountWebClient, onRpc } from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");
defineMailModels();

const TRAIL = {
    name: "Pumps",
    customer: "华强",
    salesperson: "王芳",
    amount: 900,
    currency_id: false,
    days: 12.5,
    is_over: false,
    holder: "孙丽",
    holding: "Approval",
    steps: [
        {
            name: "quote",
            title: "Quotes",
            state: "done",
            since: "2026-03-01 08:00:00",
            until: "2026-03-03 08:00:00",
            days: 2,
            holder: "王芳",
            documents: [{ model: "sale.order", id: 4, name: "S4", date: "2026-03-01 08:00:00", note: "Quotation" }],
        },
        { name: "approval", title: "Approval", state: "now", since: "2026-03-03 08:00:00", until: false, days: 10.5, holder: "孙丽", documents: [] },
        { name: "order", title: "Order", state: "none", since: false, until: false, days: 0, holder: false, documents: [] },
    ],
};

async function open() {
    await mountWebClient();
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "kehu_sale_trail",
        params: { res_model: "crm.lead", res_id: 7 },
    });
    await animationFrame();
}

test("the steps of a sale, their days, and who has it now", async () => {
    onRpc("kehu.sale.trail", "get_trail", ({ args }) => {
        expect.step(args.join(" "));
        return TRAIL;
    });
    await open();
    expect(".o_kehu_trail_holder").toHaveText("Approval: in the hands of 孙丽");
    expect(".o_kehu_trail_step").toHaveCount(3);
    expect("[data-step=approval] .o_kehu_trail_days").toHaveText("10.5 days");
    expect("[data-step=order] .o_kehu_trail_days").toHaveCount(0);
    expect("[data-step=quote] button").toHaveText("S4");
    expect.verifySteps(["crm.lead 7"]);
});

test("loaded again in place; the page stays when that fails", async () => {
    let calls = 0;
    onRpc("kehu.sale.trail", "get_trail", () => {
        calls += 1;
        if (calls === 3) {
            throw makeServerError({ message: "The line is down." });
        }
        return { ...TRAIL, holder: calls === 1 ? "孙丽" : "周敏", steps: TRAIL.steps };
    });
    await open();
    await contains(".o_kehu_trail_reload").click();
    expect(".o_kehu_trail_holder").toHaveText("Approval: in the hands of 周敏");
    await contains(".o_kehu_trail_reload").click();
    expect(".o_kehu_trail [role=alert]").toHaveText("The line is down.");
    expect(".o_kehu_trail_step").toHaveCount(3);
});

test("what one may not see is a sentence", async () => {
    onRpc("kehu.sale.trail", "get_trail", () => {
        throw makeServerError({ message: "This sale is not one of those you may see." });
    });
    await open();
    expect(".o_kehu_trail [role=alert]").toHaveText("This sale is not one of those you may see.");
});
