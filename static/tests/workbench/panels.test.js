import { describe, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame, mockDate } from "@odoo/hoot-mock";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { allowTranslations, contains, mountWithCleanup, mockService, onRpc } from "@web/../tests/web_test_helpers";
import { panelRegistry } from "@kehu_crm/workbench/panel_registry";

describe.current.tags("desktop");
defineMailModels();

/** Mount one panel alone; acts and actions are written down. */
async function mountPanel(name, data) {
    const actions = [];
    mockService("action", {
        doAction(action, options) {
            actions.push({ action, options });
            return Promise.resolve();
        },
    });
    const act = async (work, panels) => {
        await work();
        expect.step(`load ${(panels || []).join(" ")}`.trim());
    };
    const Panel = panelRegistry.get(name);
    await mountWithCleanup(Panel, { props: { data: { count: 0, more: false, ...data }, act } });
    return actions;
}

test("every panel says what to do when it is empty", () => {
    allowTranslations();
    for (const [name, Panel] of panelRegistry.getEntries()) {
        expect(`${Panel.empty || ""}`.length).toBeGreaterThan(10, { message: name });
    }
});

test("instalments: what is late, and the receipt in place", async () => {
    onRpc("kehu.instalment", "action_receive", ({ args }) => {
        expect.step(`receive ${args[0]}`);
        return { type: "ir.actions.act_window" };
    });
    const rows = [
        { id: 3, name: "Down payment", document: "S4", customer: "华强", date_due: "2026-02-01", amount_due: 400, currency_id: false, days_overdue: 3 },
    ];
    const actions = await mountPanel("instalments", { soon: 2, rows });
    expect(".o_kehu_row .text-danger").toHaveText("3 days overdue");
    expect(".o_kehu_row").toHaveText(/S4 · Down payment/);
    await contains(".o_kehu_receive").click();
    expect(actions).toHaveLength(1);
    actions[0].options.onClose();
    await animationFrame();
    expect.verifySteps(["receive 3", "load instalments receivables targets"]);
});

test("funnel: bars by stage, and the opportunities behind one", async () => {
    const rows = [
        { id: 1, name: "New", deals: 2, revenue: 400, share: 100 },
        { id: 2, name: "Proposal", deals: 1, revenue: 100, share: 25 },
    ];
    const actions = await mountPanel("funnel", { amount: 500, weighted: 120, currency_id: false, rows });
    expect(".progress-bar:eq(1)").toHaveStyle({ width: /./ });
    expect(".o_kehu_row").toHaveCount(2);
    expect("div > .small").toHaveText(/500 in all\s*120 by probability/);
    await contains(".o_kehu_row:eq(1) .o_kehu_row_name").click();
    expect(actions[0].action.res_model).toBe("crm.lead");
    expect(JSON.stringify(actions[0].action.domain)).toInclude('["stage_id","=",2]');
});

test("big deals: contact where there is a customer", async () => {
    onRpc("res.partner", "action_kehu_contact", ({ args }) => {
        expect.step(`contact ${args[0]}`);
        return { type: "ir.actions.act_window" };
    });
    const deal = { currency_id: false, stage: "New", salesperson: "王芳", probability: 40, closing: false };
    const actions = await mountPanel("deals", {
        rows: [
            { id: 1, name: "Pumps", customer_id: 8, customer: "华强", amount: 900, ...deal },
            { id: 2, name: "Valves", customer_id: false, customer: false, amount: 100, ...deal },
        ],
    });
    expect(".o_kehu_row:eq(0)").toHaveText(/New · 王芳 · 40 %/);
    expect(".o_kehu_contact").toHaveCount(1);
    await contains(".o_kehu_contact").click();
    expect(actions).toHaveLength(1);
    expect.verifySteps(["contact 8"]);
});

test("ranking and team: figures lead to what is behind them", async () => {
    const ranking = await mountPanel("ranking", {
        amount: 100,
        before: 80,
        currency_id: false,
        place: 3,
        people: 12,
        rows: [{ id: 5, name: "王芳", orders: 2, amount: 100, before: 80, share: 100 }],
    });
    expect(queryAllTexts("span").some((text) => text.includes("Place 3 of 12"))).toBe(true);
    await contains(".o_kehu_row_name").click();
    expect(ranking[0].action.res_model).toBe("sale.order");
});

test("team: who waits, what was logged, what is open", async () => {
    const actions = await mountPanel("team", { late: 3, contacts: 4, rows: [{ id: 5, name: "王芳", late: 3, contacts: 4, deals: 1 }] });
    expect(".o_kehu_team_late span").toHaveClass("text-danger");
    for (const button of [0, 1, 2]) {
        await contains(`td:eq(${button}) button`).click();
    }
    expect(actions.map(({ action }) => action.res_model)).toEqual(["res.partner", "kehu.contact.record", "crm.lead"]);
});

test("notices: opened in place, put away by a click", async () => {
    onRpc("kehu.notice", "kehu_mark_read", ({ args }) => {
        expect.step(`read ${args[0]}`);
        return true;
    });
    await mountPanel("notices", {
        rows: [
            { id: 1, name: "Fair", body: "Hall 3", date_from: "2026-03-01", is_read: false },
            { id: 2, name: "Old", body: false, date_from: "2026-02-01", is_read: true },
        ],
    });
    expect(".o_kehu_read").toHaveCount(1);
    await contains(".o_kehu_row:eq(0) .o_kehu_row_name").click();
    expect(".o_kehu_notice_body").toHaveText("Hall 3");
    await contains(".o_kehu_read").click();
    expect(".o_kehu_notice_body").toHaveCount(0);
    expect.verifySteps(["read 1", "load"]);
});

test("new customers: since when they are yours, and the contact in place", async () => {
    mockDate("2026-03-02 08:00:00", 0);
    onRpc("res.partner", "action_kehu_contact", ({ args }) => {
        expect.step(`contact ${args[0]}`);
        return { type: "ir.actions.act_window" };
    });
    const rows = [
        { id: 4, name: "华强", phone: "138", kehu_assigned_on: "2026-02-28 08:00:00" },
        { id: 5, name: "瑞祥", phone: false, kehu_assigned_on: false },
    ];
    const actions = await mountPanel("new_customers", { count: 2, rows });
    expect(".o_kehu_row:eq(0)").toHaveText(/yours since/);
    expect(".o_kehu_row:eq(1)").not.toHaveText(/yours since/);
    await contains(".o_kehu_row:eq(1) .o_kehu_contact").click();
    expect(actions).toHaveLength(1);
    actions[0].options.onClose();
    await animationFrame();
    expect.verifySteps(["contact 5", "load contacts new_customers falling schedule"]);
});

test("about to fall: how many within a week, the day, and what keeps a customer", async () => {
    mockDate("2026-03-02 08:00:00", 0);
    const rows = [{ id: 4, name: "华强", phone: "138", kehu_fall_on: "2026-03-05", hint: "A contact resets the clock." }];
    await mountPanel("falling", { count: 1, week: 1, rows });
    expect(queryAllTexts(".text-danger")).toEqual(["1 within a week", "back to the pool in 3 days"]);
    expect(".o_kehu_row").toHaveText(/A contact resets the clock/);
});

test("birthdays and last visited customers: contact for those who log contacts", async () => {
    await mountPanel("birthdays", { rows: [{ id: 1, name: "沈晓燕", phone: "138", customer: "华强", day: "2026-03-02", can_contact: true }] });
    expect(".o_kehu_contact").toHaveCount(1);
    expect("a").toHaveAttribute("href", "tel:138");
});

test("last visited customers: no contact for those who only look", async () => {
    await mountPanel("recent", { rows: [{ id: 1, name: "华强", phone: false, date: "2026-03-02 08:00:00", can_contact: false }] });
    expect(".o_kehu_row").toHaveCount(1);
    expect(".o_kehu_contact").toHaveCount(0);
});

test("claimed with one click", async () => {
    onRpc("res.partner", "kehu_claim", ({ args }) => {
        expect.step(`claim ${args[0]}`);
        return true;
    });
    await mountPanel("claim", { rows: [{ id: 7, name: "华强", pool: "Pool", place: "江苏省", last: false }] });
    expect(".o_kehu_row").toHaveText(/江苏省 · Pool · never contacted/);
    await contains(".o_kehu_claim").click();
    expect.verifySteps(["claim 7", "load contacts new_customers falling schedule"]);
});

test("applications: who has them now, and the document behind", async () => {
    onRpc("kehu.approval.request", "action_open_document", ({ args }) => ({ res_model: "sale.order", res_id: args[0][0] }));
    const actions = await mountPanel("applications", {
        rejected: 1,
        rows: [
            { id: 4, name: "S4", subject: "¥9", state: "pending", label: "审核中", since: "2026-03-03 08:00:00", waiting_for: "孙丽" },
            { id: 5, name: "S5", subject: "¥7", state: "rejected", label: "已驳回", since: "2026-03-03 08:00:00", waiting_for: "" },
        ],
    });
    expect(queryAllTexts(".o_kehu_row .text-muted")[0].startsWith("waiting for 孙丽")).toBe(true);
    expect(".badge:eq(1)").toHaveClass("text-bg-danger");
    expect(queryAllTexts(".text-danger").includes("1 rejected this week")).toBe(true);
    await contains(".o_kehu_row_name:eq(1)").click();
    expect([actions[0].action.res_model, actions[0].action.res_id]).toEqual(["sale.order", 5]);
});

test("receipts and other documents are approved as orders are", async () => {
    for (const name of ["receipts_to_approve", "others_to_approve"]) {
        expect(panelRegistry.get(name)).toBe(panelRegistry.get("orders_to_approve"));
    }
});
