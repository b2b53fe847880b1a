import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { queryAll, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, getService, makeServerError, mountWebClient, onRpc } from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

defineMailModels();

const SETUP = { allowed: true, columns: ["owner", "pool", "phone"], max_hits: 2, left: 2, creates: true };
const OWNED = { id: false, name: "苏州华强", held: "owned", owner: "王芳", phone: "138****9876", claimable: false, claim_refusal: false };
const POOL = { id: 7, name: "上海华强", held: "pool", pool: "Public Pool", claimable: true, claim_refusal: false };

async function open(setup, rows) {
    onRpc("res.partner", "kehu_public_search_setup", () => setup);
    onRpc("res.partner", "kehu_public_search", ({ args }) => {
        expect.step(args[0].term);
        return rows;
    });
    await mountWebClient();
    await getService("action").doAction({ type: "ir.actions.client", tag: "kehu_crm.lookup" });
}

async function search(term) {
    await contains(".o_kehu_lookup_box input").edit(term, { confirm: false });
    await contains(".o_kehu_lookup_box button").click();
    await animationFrame();
}

test("tells who holds a customer, and claims one that waits", async () => {
    onRpc("res.partner", "kehu_claim", ({ args }) => {
        expect.step(`claim ${args[0]}`);
        return true;
    });
    await open(SETUP, [OWNED, POOL]);
    expect(".o_nocontent_help").toHaveCount(1);
    await search(" 华强 ");
    expect.verifySteps(["华强"]);
    expect(queryAllTexts(".o_kehu_lookup_held")).toEqual(["Held by 王芳", "In the pool “Public Pool”"]);
    expect(".o_kehu_lookup_row:first").toHaveText(/138\*\*\*\*9876/);
    expect(".o_kehu_lookup_row:first a").toHaveCount(0, { message: "nothing to open of somebody else's customer" });
    expect(".o_kehu_lookup_row:first button").toHaveCount(0, { message: "nothing to open of somebody else's customer" });
    expect(".o_kehu_lookup_rows > p").toHaveCount(1, { message: "the list is full" });
    await contains(".o_kehu_lookup_act button:contains(Claim)").click();
    expect.verifySteps(["claim 7"]);
    expect(queryAll(".o_kehu_lookup_row")[1]).toHaveText(/Yours now/);
    expect(".o_kehu_lookup_act button:contains(Claim)").toHaveCount(0);
});

test("nobody found: offers to enter the customer, and the day's searches run out", async () => {
    await open({ ...SETUP, left: 1 }, []);
    await search("没有");
    expect.verifySteps(["没有"]);
    expect(".o_nocontent_help button").toHaveText("New Customer");
    expect(".o_kehu_lookup_box input").not.toBeEnabled();
});

test("a refusal is one line under the box", async () => {
    await open(SETUP, []);
    onRpc("res.partner", "kehu_public_search", () => {
        throw makeServerError({ type: "ValidationError", message: "Type more of the name.", context: { kehu_refusal: "entry" } });
    });
    await search("华");
    expect(".o_kehu_lookup_refusal").toHaveText("Type more of the name.");
    expect(".modal").toHaveCount(0);
});

test("not open to everybody", async () => {
    await open({ allowed: false }, []);
    expect(".o_kehu_lookup_box").toHaveCount(0);
    expect(".o_nocontent_help").toHaveText(/not open to your role/);
});
