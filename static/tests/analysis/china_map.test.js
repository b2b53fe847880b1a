import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { press, queryAll, queryOne } from "@odoo/hoot-dom";
import { contains, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { KehuChinaMap, stepsOf } from "@kehu_crm/analysis/china_map";

describe.current.tags("desktop");
defineMailModels();

const CODES = [..."京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝蜀黔滇藏陕甘青宁新台港澳"];

/** Three provinces with sales, one place without a province. */
async function mountMap(rows) {
    const opened = [];
    onRpc("res.country.state", "search_read", () => CODES.map((code, index) => ({ id: index + 1, code, name: `Province ${code}` })));
    await mountWithCleanup(KehuChinaMap, {
        props: {
            rows,
            measure: { name: "untaxed", label: "Sales", kind: "money" },
            text: (figure) => `¥ ${figure}`,
            label: "Map of sales",
            open: (row) => opened.push(row.key),
        },
    });
    return opened;
}
const row = (key, untaxed) => ({ key, label: `Row ${key}`, values: { untaxed }, is_others: false });

test("each province-level region has a tile of its own", async () => {
    await mountMap([]);
    expect(".o_kehu_china_tile").toHaveCount(34);
    const places = new Set(queryAll(".o_kehu_china_tile rect").map((rect) => `${rect.getAttribute("x")} ${rect.getAttribute("y")}`));
    expect(places.size).toBe(34);
    expect(".o_kehu_china_tile.o_none").toHaveCount(34);
});

test("more is darker; figures are read out; a click opens the records", async () => {
    const opened = await mountMap([row(1, 900), row(9, 500), row(10, 20), row(false, 7), row(2, 0)]);
    const color = (code) => queryOne(`[data-code=${code}] rect`).getAttribute("fill");
    expect(new Set([color("京"), color("沪"), color("苏")]).size).toBe(3);
    expect(color("京")).toBe("#08519c");
    expect(color("津")).toBe("none");
    expect("[data-code=沪]").toHaveAttribute("aria-label", "Province 沪: ¥ 500");
    expect("[data-code=新]").toHaveAttribute("aria-disabled", "true");
    await contains("[data-code=苏]").click();
    await contains("[data-code=新]").click();
    await contains(".o_kehu_china_elsewhere").click();
    expect(opened).toEqual([10, false]);
});

test("by keyboard from province to province", async () => {
    const opened = await mountMap([row(10, 20)]);
    queryOne("[data-code=沪]").focus();
    await press("ArrowLeft");
    await animationFrame();
    expect("[data-code=苏]").toBeFocused();
    await press("Enter");
    expect(opened).toEqual([10]);
});

test("steps hold about as many provinces each", () => {
    expect(stepsOf([])).toEqual([]);
    expect(stepsOf([0, -3])).toEqual([]);
    expect(stepsOf([5, 5, 5])).toEqual([5]);
    expect(stepsOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 1000])).toEqual([1, 3, 5, 7, 9]);
});
