import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { queryAllTexts, waitFor } from "@odoo/hoot-dom";
import { advanceTime, animationFrame, mockDate } from "@odoo/hoot-mock";
import { contains, getService, mountWebClient, MockServer, onRpc, patchWithCleanup, serverState } from "@web/../tests/web_test_helpers";
import { session } from "@web/session";

describe.current.tags("desktop");

defineMailModels();

const ROW = { id: 7, name: "S00012", subject: "苏州华强 ¥ 9,800.00", kind: "Order", requester: "王芳", requester_id: 5, due: false };
const ROWS = [
    { ...ROW, since: "2026-03-02 07:00:00", due: "2026-03-02 07:30:00" },
    { ...ROW, id: 6, name: "S00011", since: "2026-02-27 07:00:00" },
];

function tell() {
    MockServer.env["bus.bus"]._sendone(serverState.partnerId, "kehu_approval", {});
}

async function open(waiting, rows = ROWS) {
    mockDate("2026-03-02 08:00:00", 0);
    patchWithCleanup(session, { kehu_waiting: waiting });
    const answer = { ...waiting };
    onRpc("kehu.approval.request", "kehu_waiting_count", () => {
        expect.step("count");
        return { ...answer };
    });
    onRpc("kehu.approval.request", "kehu_waiting_latest", () => {
        expect.step("latest");
        return rows;
    });
    await mountWebClient();
    return answer;
}

test("people who never approve see nothing", async () => {
    await open({ count: 0, shown: false });
    expect(".o_main_navbar").toHaveCount(1);
    expect(".o_kehu_waiting").toHaveCount(0);
    expect.verifySteps([]);
});

test("the page brings the number along, a click shows the latest", async () => {
    await open({ count: 2, shown: true });
    expect(".o_kehu_waiting_count").toHaveText("2");
    expect.verifySteps([]);
    await contains(".o_kehu_waiting").click();
    expect.verifySteps(["latest"]);
    expect(queryAllTexts(".o_kehu_waiting_row .fw-bold.text-truncate")).toEqual(["S00012", "S00011"]);
    expect(queryAllTexts(".o_kehu_waiting_row .text-danger")).toEqual(["due 30 minutes ago"]);
    expect(".o_kehu_waiting_row:last").toHaveText(/3 days ago/);
    expect(".o_kehu_waiting_row:first").toHaveText(/苏州华强 ¥ 9,800.00/);
});

test("nothing waits: a sentence instead of rows, and no number", async () => {
    await open({ count: 0, shown: true }, []);
    expect(".o_kehu_waiting").toHaveCount(1);
    expect(".o_kehu_waiting_count").toHaveCount(0);
    await contains(".o_kehu_waiting").click();
    expect(".o_kehu_waiting_empty").toHaveCount(1);
    expect.verifySteps(["latest"]);
});

test("more than a hundred are not counted out", async () => {
    await open({ count: 1234, shown: true });
    expect(".o_kehu_waiting_count").toHaveText("99+");
});

test("one question after many messages, and the number follows", async () => {
    const answer = await open({ count: 2, shown: true });
    answer.count = 1;
    await getService("bus_service").start();
    tell();
    tell();
    await waitFor(".o_kehu_waiting_count:contains(1)", { timeout: 3000 });
    expect.verifySteps(["count"]);
});

test("asks again when the connection is back, and never by itself", async () => {
    const answer = await open({ count: 0, shown: false });
    await advanceTime(3_600_000);
    expect.verifySteps([]);
    Object.assign(answer, { count: 3, shown: true });
    getService("bus_service").trigger("BUS:RECONNECT");
    await advanceTime(1000);
    await animationFrame();
    expect.verifySteps(["count"]);
    expect(".o_kehu_waiting_count").toHaveText("3");
});

test("a click opens the document", async () => {
    onRpc("kehu.approval.request", "action_open_document", ({ args }) => {
        expect.step(`open ${args[0]}`);
        return { type: "ir.actions.act_window_close" };
    });
    await open({ count: 2, shown: true });
    await contains(".o_kehu_waiting").click();
    await contains(".o_kehu_waiting_row:last").click();
    expect.verifySteps(["latest", "open 6"]);
    expect(".o_kehu_waiting_menu").toHaveCount(0);
});
