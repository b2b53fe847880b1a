import { registry } from "@web/core/registry";
import { NO_DIALOG } from "./story_steps";

const tours = registry.category("web_tour.tours");
const FORM = ".o_kehu_report_editor";
const SHOWN = ".o_kehu_report_previewed";
const SCREEN = ".o_kehu_report_screen";
const card = (number) => `${SCREEN} .o_kehu_report_card:nth-child(${number})`;

/** A manager puts a report together, sees it while doing so, opens it and the orders behind a bar. */
tours.add("kehu_report_made", {
    steps: () => [
        {
            content: "examples are there; begin one's own",
            trigger: ".o_list_view:has(.o_data_row) .o_list_button_add",
            run: "click",
        },
        {
            content: "something is shown at once",
            trigger: `${SHOWN} table`,
        },
        {
            trigger: `${FORM} .o_field_widget[name=name] input`,
            run: "edit 我的订单",
        },
        {
            trigger: `${FORM} .o_field_widget[name=source] input`,
            run: "click",
        },
        {
            content: "about confirmed orders",
            trigger: ".o_select_menu_menu .o_select_menu_item:eq(5)",
            run: "click",
        },
        {
            content: "what is offered and shown follows",
            trigger: `${SHOWN} tfoot:contains('350.00')`,
        },
        {
            trigger: `${FORM} .o_field_widget[name=row] .o_kehu_report_group`,
            run: "select user_id",
        },
        {
            trigger: `${SHOWN} tbody tr:contains('Seller2'):contains('50.00')`,
        },
        {
            trigger: `${FORM} .o_field_widget[name=column] .o_kehu_report_group`,
            run: "select date_order",
        },
        {
            trigger: `${FORM} .o_field_widget[name=column] .o_kehu_report_unit`,
            run: "select quarter",
        },
        {
            trigger: `${SHOWN} thead:contains('Q1')`,
        },
        {
            trigger: `${FORM} .o_field_widget[name=measures] .o_kehu_report_measure_add`,
            run: "select __count",
        },
        {
            content: "two figures for each quarter",
            trigger: `${SHOWN} thead th[colspan='2']:contains('Q1')`,
        },
        {
            content: "the other figure in the chart",
            trigger: `${FORM} .o_field_widget[name=measures] .badge:nth-child(2) .btn-link`,
            run: "click",
        },
        {
            trigger: `${FORM} .o_field_widget[name=measures] .badge:nth-child(2) .o_kehu_report_measure_remove`,
            run: "click",
        },
        {
            trigger: `${SHOWN}:not(:has(th[colspan='2'])) tfoot tr:not(:contains('350.00'))`,
        },
        {
            content: "back to amounts, without columns",
            trigger: `${FORM} .o_field_widget[name=measures] .o_kehu_report_measure_add`,
            run: "select amount_untaxed:sum",
        },
        {
            trigger: `${FORM} .o_field_widget[name=measures] .badge:nth-child(2) .btn-link`,
            run: "click",
        },
        {
            trigger: `${FORM} .o_field_widget[name=column] .o_kehu_report_group`,
            run({ anchor }) {
                anchor.value = "";
                anchor.dispatchEvent(new Event("change", { bubbles: true }));
            },
        },
        {
            trigger: `${SHOWN}:not(:has(thead:contains('Q1'))) tfoot:contains('350.00')`,
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: `${FORM} button[name=action_open]`,
            run: "click",
        },
        {
            content: "a click on the longest bar",
            trigger: `${SCREEN} .o_kehu_report_figures:has(tbody tr:contains('Seller2')) canvas`,
            async run({ anchor }) {
                await new Promise((resolve) => setTimeout(resolve, 500));
                const chart = window.Chart.getChart(anchor);
                const { x, y } = chart.getDatasetMeta(0).data[0].getCenterPoint();
                const box = anchor.getBoundingClientRect();
                const place = { clientX: box.left + x, clientY: box.top + y, bubbles: true };
                anchor.dispatchEvent(new MouseEvent("mousemove", place));
                anchor.dispatchEvent(new MouseEvent("click", place));
            },
        },
        {
            content: "opens the two orders that it stands for",
            trigger: ".o_list_view:has(.o_data_row:nth-child(2)):not(:has(.o_data_row:nth-child(3)))",
        },
        {
            trigger: ".o_control_panel .breadcrumb-item:last-of-type a, .o_control_panel .o_back_button",
            run: "click",
        },
        {
            trigger: `${SCREEN} tfoot:contains('350.00')`,
        },
    ],
});

/** Two reports on one page, for one department, as a workbook. */
tours.add("kehu_report_page_made", {
    steps: () => [
        {
            trigger: ".o_form_view .o_field_widget[name=name] input",
            run: "edit 周一例会",
        },
        ...["我的订单", "我的客户"].flatMap((name) => [
            {
                trigger: ".o_field_widget[name=line_ids] .o_field_x2many_list_row_add a",
                run: "click",
            },
            {
                trigger: ".o_field_widget[name=line_ids] .o_selected_row .o_field_widget[name=report_id] input",
                run: `edit ${name}`,
            },
            {
                trigger: `.o-autocomplete--dropdown-menu .o-autocomplete--dropdown-item:contains('${name}')`,
                run: "click",
            },
        ]),
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: `${NO_DIALOG} .o_form_view button[name=action_open]`,
            run: "click",
        },
        {
            content: "both stand there",
            trigger: `${card(1)} tfoot:contains('350.00')`,
        },
        {
            trigger: `${card(2)} tfoot tr`,
        },
        {
            content: "one person only",
            trigger: `${SCREEN} .o_kehu_report_user input`,
            run: "edit Seller2",
        },
        {
            trigger: ".o-autocomplete--dropdown-menu .o-autocomplete--dropdown-item:contains('Seller2')",
            run: "click",
        },
        {
            trigger: `${card(1)} tfoot:contains('50.00'):not(:contains('350.00'))`,
        },
        {
            trigger: `${card(2)} .o_kehu_report_facts:contains('Seller2')`,
        },
        {
            trigger: ".o_control_panel .o_kehu_report_excel:visible",
            run({ anchor }) {
                const make = URL.createObjectURL.bind(URL);
                URL.createObjectURL = (blob) => {
                    document.body.dataset.kehuDownloaded = blob.type;
                    URL.createObjectURL = make;
                    return make(blob);
                };
                anchor.click();
            },
        },
        {
            content: "the workbook came",
            trigger: "body[data-kehu-downloaded*=spreadsheet]",
        },
        {
            content: "the host's own pivot with the same question",
            trigger: `${card(1)} .o_kehu_report_pivot`,
            run: "click",
        },
        {
            trigger: ".o_pivot_view .o_pivot:contains('50.00')",
        },
        {
            trigger: ".o_control_panel .breadcrumb-item:last-of-type a, .o_control_panel .o_back_button",
            run: "click",
        },
        {
            content: "as it was left",
            trigger: `${card(1)} tfoot:contains('50.00'):not(:contains('350.00'))`,
        },
    ],
});

/** A salesperson opens an example, copies it and changes the copy. */
tours.add("kehu_report_copied", {
    steps: () => [
        {
            trigger: ".o_list_view .o_data_row:first-child td[name=name]",
            run: "click",
        },
        {
            content: "figures, but no workbook for this role",
            trigger: `${SCREEN} .o_kehu_report_card`,
        },
        {
            trigger: ".o_control_panel:not(:has(.o_kehu_report_excel)):not(:has(.o_kehu_report_edit)) .o_kehu_report_copy",
            run: "click",
        },
        {
            trigger: `${FORM} .o_field_widget[name=name] input`,
            run: "edit 我的副本",
        },
        {
            trigger: `${SHOWN} .o_kehu_report_figures`,
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_saved",
        },
    ],
});
