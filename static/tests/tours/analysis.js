import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");
const SCREEN = ".o_kehu_analysis";
const rowOf = (text) => `${SCREEN} tbody tr:contains('${text}')`;

/** A manager looks at the trend, by quarter and against last year, keeps the conditions, checks the total and opens the lines behind it. */
tours.add("kehu_analysis_manager", {
    steps: () => [
        {
            content: "the analysis opens ready, with chart, figures and formula",
            trigger: `${SCREEN}:has(canvas):has(tbody tr):has(.o_kehu_analysis_formula) .o_kehu_analysis_total:contains('300.00')`,
        },
        {
            content: "against last year, without doing anything",
            trigger: `${SCREEN} thead th:nth-last-child(1)`,
        },
        {
            content: "by quarter",
            trigger: `${SCREEN} .o_kehu_analysis_dimension`,
            run: "select quarter",
        },
        {
            trigger: rowOf("Q1"),
        },
        {
            content: "profit instead of sales",
            trigger: `${SCREEN} .o_kehu_analysis_measure`,
            run: "select margin",
        },
        {
            trigger: `${SCREEN} .o_kehu_analysis_total:contains('200.00')`,
        },
        {
            trigger: `${SCREEN} .o_kehu_analysis_more`,
            run: "click",
        },
        {
            content: "one salesperson only",
            trigger: `${SCREEN} .o_kehu_analysis_field_user input`,
            run: "edit Seller2",
        },
        {
            trigger: ".o-autocomplete--dropdown-menu .o-autocomplete--dropdown-item:contains('Seller2')",
            run: "click",
        },
        {
            trigger: `${SCREEN} .o_kehu_analysis_total:contains('50.00'):not(:contains('200.00'))`,
        },
        {
            trigger: `${SCREEN} .o_kehu_analysis_kept`,
            run: "click",
        },
        {
            content: "keep it",
            trigger: ".o-dropdown--menu .o-dropdown-item:last-child",
            run: "click",
        },
        {
            trigger: `${SCREEN} .o_kehu_analysis_save input`,
            run: "edit 我的季度",
        },
        {
            trigger: `${SCREEN} .o_kehu_analysis_save button[type=submit]:enabled`,
            run: "click",
        },
        {
            trigger: `${SCREEN}:not(:has(.o_kehu_analysis_save)) .o_kehu_analysis_reset`,
            run: "click",
        },
        {
            trigger: `${SCREEN} .o_kehu_analysis_total:contains('200.00')`,
        },
        {
            content: "is the total right",
            trigger: ".o_control_panel .o_kehu_analysis_check:visible",
            run: "click",
        },
        {
            trigger: `${SCREEN} .o_kehu_analysis_checked.alert-success`,
        },
        {
            trigger: `${SCREEN} .o_kehu_analysis_kept`,
            run: "click",
        },
        {
            trigger: ".o-dropdown--menu .o-dropdown-item:contains('我的季度')",
            run: "click",
        },
        {
            trigger: `${SCREEN} .o_kehu_analysis_total:contains('50.00'):not(:contains('200.00'))`,
        },
        {
            content: "the table says what it is, its headings what they stand over",
            trigger: `${SCREEN} table:has(caption):has(thead th[scope=col]):has(tbody th[scope=row]):not(:has(th:not([scope])))`,
        },
        {
            content: "from bar to bar by keyboard",
            trigger: `${SCREEN} canvas[tabindex="0"][aria-label]`,
            run({ anchor }) {
                anchor.focus();
                anchor.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
            },
        },
        {
            content: "what is reached is said",
            trigger: `${SCREEN} [aria-live=polite]:contains('Q1'):contains('50.00')`,
        },
        {
            trigger: `${SCREEN} canvas`,
            run({ anchor }) {
                anchor.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
            },
        },
        {
            content: "Enter opens what a click opens",
            trigger: ".o_list_view .o_data_row:contains('Analysis Valve'):not(:contains('Analysis Pump'))",
        },
        {
            trigger: ".o_control_panel .breadcrumb-item a, .o_control_panel .o_back_button",
            run: "click",
        },
        {
            content: "the lines behind a row",
            trigger: `${SCREEN} tbody tr.o_kehu_analysis_row:contains('Q1') a`,
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('Analysis Valve'):not(:contains('Analysis Pump'))",
        },
        {
            content: "and back",
            trigger: ".o_control_panel .breadcrumb-item a, .o_control_panel .o_back_button",
            run: "click",
        },
        {
            content: "as it was left",
            trigger: `${SCREEN} .o_kehu_analysis_total:contains('50.00'):not(:contains('200.00'))`,
        },
    ],
});

/** Each of the newer analyses in Chinese: opens ready, another figure and another split, proves itself, and shows the records of a row. */
const LOOKS = {
    customers_contribution: ["客户贡献", "received", "abc"],
    customers_followup: ["跟进", "count", "level"],
    sales_funnel: ["销售漏斗", "days_mean", "user"],
    sales_conversion: ["销售机会转化", "cohort", "user"],
    pool_flow: ["客户池流量", "into", "reason"],
    pool_yield: ["客户池产出", "rounds", "user"],
    staff_performance: ["员工业绩", "contacts", "department"],
};

for (const [name, [title, measure, dimension]] of Object.entries(LOOKS)) {
    tours.add(`kehu_analysis_${name}`, {
        steps: () => [
            {
                content: "opens ready, in Chinese",
                trigger: `.o_control_panel:contains('${title}')`,
            },
            {
                trigger: `${SCREEN}:has(tbody tr):has(.o_kehu_analysis_formula) canvas[aria-label]`,
            },
            {
                content: "another figure",
                trigger: `${SCREEN} .o_kehu_analysis_measure`,
                run: `select ${measure}`,
            },
            {
                content: "told apart by something else",
                trigger: `${SCREEN} .o_kehu_analysis_dimension`,
                run: `select ${dimension}`,
            },
            {
                content: "the choice is the one of the figures",
                trigger: `${SCREEN}:not(:has(.opacity-50)):has(.o_kehu_analysis_dimension option[value=${dimension}]:selected) tbody tr`,
            },
            {
                content: "is the total right",
                trigger: ".o_control_panel .o_kehu_analysis_check:visible",
                run: "click",
            },
            {
                trigger: `${SCREEN} .o_kehu_analysis_checked.alert-success`,
            },
            {
                content: "the records behind a row",
                trigger: `${SCREEN} tbody tr.o_kehu_analysis_row a`,
                run: "click",
            },
            {
                trigger: ".o_list_renderer .o_data_row",
            },
        ],
    });
}

/** Provinces on the map, by keyboard: said, reached and opened; and as bars. */
tours.add("kehu_analysis_map", {
    steps: () => [
        {
            content: "a map with a tile for each province, each of which says its figure",
            trigger: `${SCREEN} .o_kehu_analysis_map svg [data-code][aria-label*=':']`,
        },
        {
            content: "bars instead",
            trigger: `${SCREEN} .o_kehu_analysis_kind button[aria-pressed=false]`,
            run: "click",
        },
        {
            trigger: `${SCREEN} canvas[aria-label]`,
        },
        {
            content: "and the map again",
            trigger: `${SCREEN} .o_kehu_analysis_kind button[aria-pressed=false]`,
            run: "click",
        },
        {
            content: "opened with Enter",
            trigger: `${SCREEN} .o_kehu_analysis_map svg [data-code='京']`,
            run({ anchor }) {
                anchor.focus();
                anchor.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true }));
            },
        },
        {
            trigger: ".o_list_renderer .o_data_row",
        },
    ],
});
