import { formatDate, toLocaleDateString } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { choose, confirm, noMenuEntry, noRow, NO_DIALOG, openMenu, refused, row, search } from "./story_steps";

const { DateTime } = luxon;
const tours = registry.category("web_tour.tours");

const SECTION = "kehu_crm.kehu_customer_menu_root";
const ASSIGNED = "兴城维涛网络有限公司"; // KH00188 of customers_b.xlsx
const CLAIMED = "上海四通传媒有限公司"; // KH00001 of customers_a.xls
const DAY = "2025-08-31";
const THREE_DAYS_LATER = "2025-09-03";

const typed = (iso) => formatDate(DateTime.fromISO(iso));
const shown = (iso) => toLocaleDateString(DateTime.fromISO(iso));

/** What the address asks for is not for this person: refused, and nothing of it is shown. Started on that address. */
const notMine = (name) => [
    {
        content: "the sentence comes, or the host goes back to the list of what one may see",
        trigger: "body:has(.o_error_dialog, .o_list_view):not(:has(.o_form_sheet))",
    },
    {
        trigger: `body:not(:has(.o_form_sheet, .o_data_row:contains('${name}')))`,
    },
];
tours.add("kehu_story_not_mine", { steps: () => notMine(ASSIGNED) });
tours.add("kehu_story_claimed_not_mine", { steps: () => notMine(CLAIMED) });

/** The address of a screen that is for others. */
tours.add("kehu_story_no_entry", { steps: () => [...refused(), { trigger: "body:not(:has(.o_view_controller))" }] });

/** A salesperson finds no import. */
tours.add("kehu_story_no_import", {
    steps: () => [...noMenuEntry(SECTION, "kehu_crm.kehu_customer_menu", "kehu_crm.kehu_import_batch_menu")],
});

const chooseWorkbook = (name) => [
    {
        content: "start a new import",
        trigger: ".o_list_button_add",
        run: "click",
    },
    {
        content: "choose the workbook",
        trigger: ".o_form_view .o_field_widget[name=file] .o_select_file_button",
        async run() {
            const answer = await fetch(`/web/content/kehu_crm.story_${name.split(".")[0]}?download=true`);
            const file = new File([await answer.blob()], name);
            const transfer = new DataTransfer();
            transfer.items.add(file);
            const input = document.querySelector(".o_field_widget[name=file] input[type=file]");
            input.files = transfer.files;
            input.dispatchEvent(new Event("change"));
        },
    },
    {
        content: "check it: nothing is written yet",
        trigger: "button[name=action_check].btn-primary:enabled",
        run: "click",
    },
];

const importIt = (rows) => [
    {
        trigger: `.alert[name=alert_checked]:contains('${rows}')`,
        timeout: 30000,
    },
    {
        content: "import",
        trigger: "button[name=action_import]:enabled",
        run: "click",
    },
    {
        trigger: `.alert[name=alert_done]:contains('${rows}')`,
        timeout: 60000,
    },
];

const backToImports = [
    {
        content: "back to the imports",
        trigger: ".o_control_panel .o_back_button a, .o_control_panel a.o_back_button",
        run: "click",
    },
    {
        trigger: ".o_list_view",
    },
];

const REFUSED_ROW =
    ".o_field_widget[name=problem_ids] .o_data_row:has([name=row]:contains(/^3$/)):has([name=column]:contains('客户等级'))" +
    ":has([name=value]:contains('至尊客户')):has([name=reason]:contains('至尊客户'))";

/** The manager imports two workbooks, and one with a row that is refused. Started on the imports. */
tours.add("kehu_story_import", {
    steps: () => [
        ...chooseWorkbook("customers_a.xls"),
        ...importIt("180"),
        ...backToImports,
        ...chooseWorkbook("customers_b.xlsx"),
        ...importIt("180"),
        ...backToImports,
        ...chooseWorkbook("faulty.xlsx"),
        {
            content: "before anything is written the bad row is there: row, column, value and reason",
            trigger: `.o_form_view:has(.alert[name=alert_checked]) ${REFUSED_ROW}`,
        },
        {
            content: "the good row comes in",
            trigger: "button[name=action_import]:enabled",
            run: "click",
        },
        {
            content: "the bad one stays out, and its reason stays readable",
            trigger: `.o_form_view:has(.alert[name=alert_done_in_part]) ${REFUSED_ROW}`,
        },
        {
            content: "the customers are one click away",
            trigger: "button[name=action_open_partners]",
            run: "click",
        },
        {
            trigger: `.o_list_view:has(.o_data_row:contains('苏州合格客户有限公司')):not(:has(.o_data_row:contains('苏州错级客户有限公司')))`,
        },
    ],
});

/** A salesperson is offered to claim a customer of the pool, and not to assign it. Started on the pool. */
tours.add("kehu_story_assign_refused", {
    steps: () => [
        ...search("KH00188"),
        {
            content: "tick the customer",
            trigger: `${row(ASSIGNED)} .o_list_record_selector input`,
            run: "click",
        },
        {
            content: "a salesperson may claim it, and is not offered to assign it",
            trigger:
                ".o_control_panel:has(button[name=action_kehu_claim]:visible):not(:has(button[name=action_kehu_assign]))",
        },
    ],
});

/** The manager assigns a customer of the pool to a salesperson. Started on the pool. */
tours.add("kehu_story_assign", {
    steps: () => [
        ...search("KH00188"),
        {
            content: "tick the customer",
            trigger: `${row(ASSIGNED)} .o_list_record_selector input`,
            run: "click",
        },
        {
            trigger: "button[name=action_kehu_assign]:visible",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=user_id] input",
            run: "edit Seller",
        },
        {
            content: "not to somebody of another department",
            trigger: ".ui-autocomplete:has(.dropdown-item:contains('Seller2')):not(:has(.dropdown-item:contains('West Seller')))",
        },
        {
            trigger: ".ui-autocomplete .dropdown-item:contains(/^Seller$/)",
            run: "click",
        },
        {
            content: "what will happen is shown before it happens",
            trigger: ".modal:not(:has(.alert-warning)) .alert-info .o_field_widget[name=preview]:contains('Seller')",
        },
        {
            trigger: ".modal button[name=action_apply]:visible",
            run: "click",
        },
        {
            content: "the customer has left the pool",
            trigger: `${NO_DIALOG} ${noRow(ASSIGNED)}`,
        },
    ],
});

/** A salesperson claims another one, by the button of its row. Started on the pool. */
tours.add("kehu_story_claim", {
    steps: () => [
        ...search("KH00001"),
        {
            trigger: `${row(CLAIMED)} button[name=action_kehu_claim]`,
            run: "click",
        },
        ...confirm,
        {
            content: "it has left the pool",
            trigger: `${NO_DIALOG} ${noRow(CLAIMED)}`,
        },
        ...openMenu(SECTION, "kehu_crm.kehu_customer_menu"),
        {
            content: "it is mine, and a colleague's is not here",
            trigger: `.o_list_view:has(.o_data_row:contains('${CLAIMED}')):not(:has(.o_data_row:contains('${ASSIGNED}')))`,
        },
    ],
});

/** Another salesperson clicks on a card of the pool that was loaded before somebody else claimed the customer. */
tours.add("kehu_story_claim_too_late", {
    steps: () => [
        {
            trigger: ".o_form_view .o_statusbar_buttons button[name=action_kehu_claim]",
            run: "click",
        },
        ...confirm,
        ...refused(CLAIMED),
        ...openMenu(SECTION, "kehu_crm.kehu_customer_menu"),
        {
            trigger: `.o_list_view:has(.o_data_row:contains('${ASSIGNED}')):not(:has(.o_data_row:contains('${CLAIMED}')))`,
        },
    ],
});

/** The owner notes a conversation from the list of customers; the level moves the next contact by three days. */
tours.add("kehu_story_contact", {
    steps: () => [
        {
            trigger: `${row(ASSIGNED)} button[name=action_kehu_contact]`,
            run: "click",
        },
        {
            content: "what was said",
            trigger: ".modal .o_field_widget[name=content] textarea",
            run: "edit 看了泵房",
        },
        {
            content: "on which day",
            trigger: ".modal .o_field_widget[name=date] button",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=date] input",
            run: `edit ${typed(DAY)} && press Tab`,
        },
        {
            trigger: `.modal .o_field_widget[name=date]:contains('${shown(DAY)}')`,
        },
        ...choose("level_id", "重要客户", ".modal"),
        {
            content: "the next contact is three days later",
            trigger: `.modal .o_field_widget[name=next_contact]:contains('${shown(THREE_DAYS_LATER)}')`,
        },
        {
            trigger: ".modal .o_field_widget[name=plan] input",
            run: "edit 带去报价",
        },
        {
            trigger: ".modal .modal-footer .btn-primary:visible",
            run: "click",
        },
        {
            content: "back in the list, with the new level",
            trigger: `${NO_DIALOG} ${row(ASSIGNED)}:has([name=kehu_level_id]:contains('重要客户'))`,
        },
        {
            content: "the card shows both days",
            trigger: `${row(ASSIGNED)} .o_data_cell[name=name]`,
            run: "click",
        },
        {
            trigger:
                `.o_form_view:has(.o_field_widget[name=kehu_last_contact]:contains('${shown(DAY)}'))` +
                ` .o_field_widget[name=kehu_next_contact]:contains('${shown(THREE_DAYS_LATER)}')`,
        },
        {
            content: "the entry stands in the schedule",
            trigger: ".o-form-buttonbox .o_button_more",
            run: "click",
        },
        {
            trigger: "button[name=action_kehu_open_calendar]",
            run: "click",
        },
        {
            trigger: ".o_calendar_view",
        },
        {
            trigger: ".o_switch_view.o_list",
            run: "click",
        },
        {
            trigger: `${row("带去报价")}:has([name=start]:contains('${shown(THREE_DAYS_LATER)}'))`,
        },
        ...openMenu(SECTION, "kehu_crm.kehu_contact_plan_menu"),
        {
            content: "and in the plan of whom to contact",
            trigger: `${row(ASSIGNED)} [name=kehu_next_contact] [title='${typed(THREE_DAYS_LATER)}']`,
        },
    ],
});
