import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { press, queryAllTexts, waitFor } from "@odoo/hoot-dom";
import { animationFrame, mockDate } from "@odoo/hoot-mock";
import { Component, xml } from "@odoo/owl";
import { contains, getService, mountWebClient, MockServer, onRpc, patchWithCleanup, serverState } from "@web/../tests/web_test_helpers";
import { addPanel, movePanel, removePanel, resizePanel } from "@kehu_crm/workbench/layout";
import { panelRegistry } from "@kehu_crm/workbench/panel_registry";

describe.current.tags("desktop");

defineMailModels();

const NAMES = ["a", "b", "c"];
const LAYOUT = NAMES.map((name) => ({ name, size: 1 }));
const names = (layout) => layout.map((panel) => panel.name).join("");

test("a panel moves, is added, taken away and made wider; the old layout stays as it is", () => {
    expect(names(movePanel(LAYOUT, "c", 0))).toBe("cab");
    expect(names(movePanel(LAYOUT, "a", 1))).toBe("bac");
    expect(names(movePanel(LAYOUT, "a", 99))).toBe("bca");
    expect(names(movePanel(LAYOUT, "b", -3))).toBe("bac");
    expect(names(movePanel(LAYOUT, "unknown", 0))).toBe("abc");
    expect(names(addPanel(LAYOUT, { name: "d" }))).toBe("abcd");
    expect(names(addPanel(LAYOUT, { name: "a" }))).toBe("abc");
    expect(names(removePanel(LAYOUT, "b"))).toBe("ac");
    let layout = LAYOUT;
    const sizes = [];
    for (let press = 0; press < 4; press++) {
        layout = resizePanel(layout, "b");
        sizes.push(layout[1].size);
    }
    expect(sizes).toEqual([2, 3, 1, 2]);
    expect(names(LAYOUT)).toBe("abc");
    expect(LAYOUT.map((panel) => panel.size)).toEqual([1, 1, 1]);
});

const TITLES = {
    schedule: "Today's Schedule",
    contacts: "Customers to Contact",
    orders_to_approve: "Orders to Approve",
    targets: "My Targets",
    receivables: "Receivables Overdue",
};
const CUSTOMER = { id: 5, name: "苏州科技园", phone: "138", kehu_next_contact: "2026-02-27", kehu_last_contact: false };
const DATA = {
    schedule: { count: 0, overdue: 0, rows: [] },
    contacts: { count: 1, more: false, overdue: 1, today: 0, week: 0, rows: [CUSTOMER] },
    orders_to_approve: {
        count: 1000,
        more: true,
        late: 0,
        rows: [{ id: 9, name: "S00012", subject: "华强 ¥ 9,800", requester: "王芳", since: "2026-03-02 07:00:00", is_late: false }],
    },
};

async function open({ panels = ["schedule", "contacts"], roles = [], locked = false, answers = {} } = {}) {
    mockDate("2026-03-02 08:00:00", 0);
    const layout = {
        panels: panels.map((name) => ({ name, size: 1 })),
        available: Object.entries(TITLES).map(([name, title]) => ({ name, title, size: 1 })),
        locked,
        custom: false,
        roles,
    };
    const found = { ...DATA, ...answers };
    onRpc("kehu.workbench", "get_layout", () => layout);
    onRpc("kehu.workbench", "get_panels", ({ args }) => {
        const wanted = args[0].length ? args[0] : panels;
        expect.step(`get ${args[0].join(" ") || "all"}`);
        return Object.fromEntries(wanted.map((name) => [name, found[name]]));
    });
    onRpc("kehu.workbench", "save_layout", ({ args }) => {
        expect.step(`save ${JSON.stringify(args[0])}`);
        return { ...layout, panels: args[0] || layout.panels, custom: Boolean(args[0]) };
    });
    await mountWebClient();
    await getService("action").doAction("kehu_workbench");
    await animationFrame();
    await animationFrame();
    return found;
}

test("one call for all panels; counts, rows and what to do when there are none", async () => {
    await open({ panels: ["schedule", "contacts", "orders_to_approve"] });
    expect.verifySteps(["get all"]);
    expect(queryAllTexts(".o_kehu_panel h2")).toEqual(["Today's Schedule", "Customers to Contact", "Orders to Approve"]);
    expect("[data-panel=schedule] .o_kehu_panel_empty").toHaveText(/Nothing is planned for today/);
    expect("[data-panel=contacts] .o_kehu_panel_count").toHaveText("1");
    expect("[data-panel=orders_to_approve] .o_kehu_panel_count").toHaveText("1000+");
    expect("[data-panel=contacts] .o_kehu_row .text-danger").toHaveText("3 days ago");
    expect("[data-panel=contacts] a").toHaveAttribute("href", "tel:138");
});

test("a panel that failed says so and is asked for alone; the others are there", async () => {
    const found = await open({ answers: { schedule: { error: "This panel could not be loaded." } } });
    expect("[data-panel=schedule] [role=alert]").toHaveText(/could not be loaded/);
    expect("[data-panel=contacts] .o_kehu_row").toHaveCount(1);
    found.schedule = DATA.schedule;
    await contains(".o_kehu_retry").click();
    await animationFrame();
    expect("[data-panel=schedule] .o_kehu_panel_empty").toHaveCount(1);
    expect.verifySteps(["get all", "get schedule"]);
});

test("a message loads the panels it names, once, and only those on the workbench", async () => {
    const found = await open();
    expect.verifySteps(["get all"]);
    await getService("bus_service").start();
    found.contacts = { ...DATA.contacts, count: 2, rows: [CUSTOMER, { ...CUSTOMER, id: 6, name: "New" }] };
    for (const panel of ["contacts", "contacts", "falling"]) {
        MockServer.env["bus.bus"]._sendone(serverState.partnerId, "kehu_workbench", { panels: [panel] });
    }
    await waitFor("[data-panel=contacts] .o_kehu_row:nth-child(2)", { timeout: 3000 });
    expect.verifySteps(["get contacts"]);
});

test("an entry is completed with a word, and with none it is not", async () => {
    const entry = { id: 3, name: "Samples", start: "2026-03-02 09:00:00", is_today: true, is_late: false, planned: false };
    const found = await open({ answers: { schedule: { count: 1, overdue: 0, rows: [entry] } } });
    onRpc("calendar.event", "kehu_complete", ({ args }) => {
        expect.step(`complete ${JSON.stringify(args)}`);
        found.schedule = DATA.schedule;
        return true;
    });
    await contains(".o_kehu_complete").click();
    expect(".o_kehu_row_text textarea").toBeFocused();
    expect(".o_kehu_row_confirm").not.toBeEnabled();
    await contains(".o_kehu_row_text textarea").edit("Delivered", { confirm: false });
    await contains(".o_kehu_row_confirm").click();
    await animationFrame();
    expect("[data-panel=schedule] .o_kehu_panel_empty").toHaveCount(1);
    expect.verifySteps(["get all", 'complete [[3],"Delivered"]', "get schedule"]);
});

test("a rejection needs an opinion, an approval does not; a refusal is told", async () => {
    await open({ panels: ["orders_to_approve"] });
    const outcomes = [{ done: [], refused: [{ id: 9, name: "S00012", reason: "It was changed." }] }, { done: [9], refused: [] }];
    onRpc("kehu.approval.request", "kehu_decide", ({ args }) => {
        expect.step(`decide ${JSON.stringify(args)}`);
        return outcomes.shift();
    });
    await contains(".o_kehu_reject").click();
    expect(".o_kehu_row_confirm").not.toBeEnabled();
    await contains(".o_kehu_row_text textarea").edit("Too low", { confirm: false });
    await contains(".o_kehu_row_confirm").click();
    await waitFor(".o_notification:contains(It was changed.)");
    await contains(".o_kehu_approve").click();
    await contains(".o_kehu_row_confirm").click();
    await animationFrame();
    expect.verifySteps([
        "get all",
        'decide [[9],"rejected","Too low"]',
        "get orders_to_approve",
        'decide [[9],"approved",false]',
        "get orders_to_approve",
    ]);
});

test("targets show how far, how fast, and money in its currency", async () => {
    const target = { id: 1, metric: "Received", when: "March 2026", value: 1000, actual: 250, completion: 25, expected: 50 };
    await open({
        panels: ["targets", "receivables"],
        answers: {
            targets: { count: 1, behind: 1, rows: [{ ...target, pace_needed: 75, days_left: 10, status: "behind", label: "Behind", currency_id: false }] },
            receivables: {
                count: 1,
                soon: 2,
                amount: 1234,
                currency_id: false,
                rows: [{ id: 4, order: "S4", customer: "华强", salesperson: "王芳", date_due: "2026-02-28", amount_due: 1234, currency_id: false, days_overdue: 2 }],
            },
        },
    });
    expect("[data-panel=targets] [role=progressbar]").toHaveAttribute("aria-valuenow", "25");
    expect("[data-panel=targets] .o_kehu_row").toHaveText(/75 needed on each of 10 working days/);
    expect("[data-panel=receivables] .o_kehu_panel_body").toHaveText(/1,234 overdue\s*2 more due within a week/);
    expect("[data-panel=receivables] .o_kehu_row .text-danger").toHaveText("2 days overdue");
    expect.verifySteps(["get all"]);
});

test("arranged with the keyboard alone, saved, taken back", async () => {
    await open();
    await contains(".o_kehu_arrange").click();
    await contains("[data-panel=contacts] .o_kehu_panel_handle").focus();
    await press("ArrowLeft");
    await animationFrame();
    expect(queryAllTexts(".o_kehu_panel h2")).toEqual(["Customers to Contact", "Today's Schedule"]);
    expect("[data-panel=contacts] .o_kehu_panel_handle").toBeFocused();
    expect("[aria-live=polite]").toHaveText("Customers to Contact: place 1 of 2");
    await contains("[data-panel=contacts] .o_kehu_panel_size").click();
    await contains("[data-panel=schedule] .o_kehu_panel_remove").click();
    await contains(".o_kehu_add").click();
    expect(queryAllTexts(".o-dropdown-item")).toEqual(["Today's Schedule", "Orders to Approve", "My Targets", "Receivables Overdue"]);
    await contains(".o-dropdown-item:contains(Orders)").click();
    await contains(".o_kehu_save").click();
    const saved = '[{"name":"contacts","size":2},{"name":"orders_to_approve","size":1}]';
    expect.verifySteps(["get all", "get orders_to_approve", `save ${saved}`]);
    expect(".o_kehu_size_2").toHaveCount(1);
    await contains(".o_kehu_arrange").click();
    await contains("[data-panel=contacts] .o_kehu_panel_remove").click();
    await contains(".o_kehu_discard").click();
    expect(".o_kehu_panel").toHaveCount(2);
    await contains(".o_kehu_arrange").click();
    await contains(".o_kehu_reset").click();
    expect(queryAllTexts(".o_kehu_panel h2")).toEqual(["Today's Schedule", "Customers to Contact"]);
    expect.verifySteps(["get contacts orders_to_approve", "save false", "get schedule contacts"]);
});

test("locked: nothing to arrange", async () => {
    await open({ locked: true });
    expect(".o_kehu_panel").toHaveCount(2);
    expect(".o_kehu_arrange").toHaveCount(0);
    expect.verifySteps(["get all"]);
});

test("an administrator saves it for a role, and locks it", async () => {
    await open({ roles: [{ id: 7, name: "Salesperson" }] });
    onRpc("kehu.workbench", "save_default", ({ args }) => {
        expect.step(`default ${args[0]} ${args[2]}`);
        return true;
    });
    await contains(".o_kehu_arrange").click();
    expect(".o_kehu_save_role").not.toBeEnabled();
    await contains(".o_kehu_roles select").select("7");
    await contains(".o_kehu_roles input").click();
    await contains(".o_kehu_save_role").click();
    expect.verifySteps(["get all", "default 7 true"]);
});

test("a panel of another add-on: a component under the name of its provider", async () => {
    class Tags extends Component {
        static template = xml`<ul><li t-foreach="props.data.rows" t-as="row" t-key="row.id" t-esc="row.name"/></ul>`;
        static props = { data: Object, act: Function };
        static empty = "No tags yet.";
    }
    patchWithCleanup(TITLES, { stranger_tags: "Tags", no_component: "Lost" });
    panelRegistry.add("stranger_tags", Tags);
    await open({ panels: ["stranger_tags", "no_component"], answers: { stranger_tags: { count: 1, rows: [{ id: 1, name: "Fair" }] } } });
    panelRegistry.remove("stranger_tags");
    expect(queryAllTexts("[data-panel=stranger_tags] li")).toEqual(["Fair"]);
    expect(".o_kehu_panel").toHaveCount(1);
    expect.verifySteps(["get all"]);
});

test("a panel that cannot be drawn says so and is tried again alone; the others stay and go on working", async () => {
    class Fragile extends Component {
        static template = xml`<p class="o_fragile" t-esc="this.props.data.rows[0].name.first"/>`;
        static props = { data: Object, act: Function };
    }
    patchWithCleanup(TITLES, { fragile: "Fragile" });
    patchWithCleanup(console, { warn: () => expect.step("noted") });
    panelRegistry.add("fragile", Fragile);
    const found = await open({ panels: ["fragile", "contacts"], answers: { fragile: { count: 1, rows: [{ id: 1 }] } } });
    await animationFrame();
    expect("[data-panel=fragile] [role=alert]").toHaveText(/cannot be shown/);
    expect("[data-panel=contacts] .o_kehu_row").toHaveCount(1);
    found.fragile = { count: 1, rows: [{ id: 1, name: { first: "Mended" } }] };
    await contains("[data-panel=fragile] .o_kehu_retry").click();
    await animationFrame();
    expect(".o_fragile").toHaveText("Mended");
    // drawn at first, and no more with the next numbers
    found.fragile = { count: 1, rows: [{ id: 2 }] };
    await getService("bus_service").start();
    MockServer.env["bus.bus"]._sendone(serverState.partnerId, "kehu_workbench", { panels: ["fragile"] });
    await waitFor("[data-panel=fragile] [role=alert]", { timeout: 3000 });
    expect("[data-panel=contacts] .o_kehu_row").toHaveCount(1);
    panelRegistry.remove("fragile");
    expect.verifySteps(["get all", "noted", "get fragile", "get fragile", "noted"]);
});
