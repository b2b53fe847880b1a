import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import { contains, getService, mountWebClient, mountWithCleanup, onRpc } from "@web/../tests/web_test_helpers";
import { KehuReportFigures, chartSeries, chartSlices } from "@kehu_crm/analysis/report/report_figures";

describe.current.tags("desktop");
defineMailModels();

const COUNT = { name: "__count", label: "Count", kind: "number" };
const SUM = { name: "amount:sum", label: "Amount", kind: "number" };
const row = (key, values, cells = []) => ({ key, label: `Row ${key}`, values, cells, is_others: key === null });
const figures = (values) => ({
    title: "Report",
    chart: "bar",
    row: { label: "Person", time: false },
    column: null,
    measures: [COUNT, SUM],
    columns: [],
    rows: [row(7, [3, 30.5]), row(false, [1, 4]), row(null, [5, 6])],
    total: { values: [9, 40.5], cells: [] },
    facts: [["About", "Orders"]],
    notes: [],
    currency_id: 1,
    ...values,
});

test("the chart leaves out what is put together as others, the table does not", async () => {
    const { rows, series } = chartSeries(figures(), 1);
    expect(rows.map((one) => one.key)).toEqual([7, false]);
    expect(series).toEqual([{ label: "Amount", column: null, values: [30.5, 4] }]);
    const crossed = figures({
        columns: [{ key: 1, label: "A" }, { key: null, label: "Others", is_others: true }],
        rows: [row(7, [3, 30.5], [[1, 10], [2, 20.5]])],
    });
    expect(chartSeries(crossed, 0).series.map((one) => one.values)).toEqual([[1], [2]]);
});

test("a circle has at most ten slices; what is zero or below has none", async () => {
    const rows = [...Array(15).keys()].map((number) => row(number, [number - 1, 0]));
    const slices = chartSlices(figures({ rows }), 0);
    expect(slices.length).toBe(10);
    expect(slices[0].value).toBe(13);
    expect(slices.at(-1).value).toBe(1 + 2 + 3 + 4);
    expect(slices.at(-1).row).toBe(null);
    expect(chartSlices(figures({ rows: rows.slice(0, 3) }), 0).map((slice) => slice.value)).toEqual([1]);
});

test("rows and the total open their records, others do not; a heading changes the chart", async () => {
    const opened = [];
    await mountWithCleanup(KehuReportFigures, { props: { figures: figures(), open: (...keys) => opened.push(keys) } });
    expect(".o_kehu_report_facts").toHaveText("About: Orders");
    expect("tbody tr").toHaveCount(3);
    await contains("tbody tr:eq(0) th a").click();
    await contains("tbody tr:eq(1) td:eq(1)").click();
    await contains("tbody tr:eq(2) td:eq(0)").click();
    await contains(".o_kehu_report_total").click();
    expect(opened).toEqual([
        [[7], null],
        [[false], null],
        [null, null],
    ]);
    await contains(".o_kehu_report_measure:eq(1)").click();
    expect(".o_kehu_report_measure:eq(1)").toHaveClass("fw-bold");
    expect("canvas").toHaveAttribute("aria-label", "Chart: Amount by Person; the table has the figures.");
});

test("nothing to show says so", async () => {
    await mountWithCleanup(KehuReportFigures, { props: { figures: figures({ rows: [] }) } });
    expect(".o_kehu_report_empty").toHaveCount(1);
    expect("canvas").toHaveCount(0);
});

test("on a page each report fails alone, with a sentence and a way to try again", async () => {
    let isWell = false;
    onRpc("kehu.report.page", "get_screen", () => ({
        title: "Page",
        owner: "",
        can_edit: false,
        can_export: false,
        company: "Company",
        preset: "this_month",
        persons: [],
        items: [
            { report_id: 1, title: "Good", width: "half", can_edit: false },
            { report_id: 2, title: "Bad", width: "full", can_edit: false },
            { report_id: 3, title: "Down", width: "half", can_edit: false },
        ],
    }));
    onRpc("kehu.report", "get_figures", ({ args }) => {
        expect.step(`${args[0]} ${JSON.stringify(args[1])}`);
        if (args[0] === 2 && !isWell) {
            return { title: "Bad", error: "The field “x” is not there any more." };
        }
        if (args[0] === 3 && !isWell) {
            throw new Error("down");
        }
        return figures();
    });
    await mountWebClient();
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "kehu_crm.report",
        params: { model: "kehu.report.page" },
        context: { active_id: 5 },
    });
    await animationFrame();
    expect.verifySteps(['1 {"preset":"this_month"}', '2 {"preset":"this_month"}', '3 {"preset":"this_month"}']);
    expect(".o_kehu_report_figures").toHaveCount(1);
    expect(".o_kehu_report_error").toHaveCount(2);
    expect(".o_kehu_report_card:eq(1) .o_kehu_report_error span").toHaveText("The field “x” is not there any more.");
    expect(".o_kehu_report_excel").toHaveCount(0);
    isWell = true;
    await contains(".o_kehu_report_card:eq(2) .o_kehu_report_error button").click();
    expect.verifySteps(['3 {"preset":"this_month"}']);
    expect(".o_kehu_report_error").toHaveCount(1);
    await contains(".o_kehu_report_preset").select("");
    expect.verifySteps(["1 {}", "2 {}", "3 {}"]);
    await animationFrame();
    expect(".o_kehu_report_figures").toHaveCount(3);
});
