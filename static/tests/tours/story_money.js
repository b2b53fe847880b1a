import { registry } from "@web/core/registry";
import { decide, noMenuEntry, refused, row, save, submit } from "./story_steps";

const tours = registry.category("web_tour.tours");

const SECTION = "kehu_crm.kehu_money_menu_root";
const CUSTOMER = "兴城维涛网络有限公司";
const ALLOCATIONS = ".o_field_widget[name=allocation_ids]";

const openReceipt = [
    {
        content: "receive money on the receivable",
        trigger: `${row(CUSTOMER)} button[name=action_receive]`,
        run: "click",
    },
    {
        trigger: `.o_form_view .o_field_widget[name=partner_id] input:value('${CUSTOMER}')`,
    },
];

const enterAmount = (amount) => [
    {
        content: `${amount} came in`,
        trigger: ".o_form_view .o_field_widget[name=amount] input",
        run: `edit ${amount}`,
    },
    {
        trigger: `${ALLOCATIONS} .o_data_row .o_data_cell[name=amount]`,
        run: "click",
    },
    {
        trigger: `${ALLOCATIONS} .o_selected_row .o_field_widget[name=amount] input`,
        run: `edit ${amount}`,
    },
];

/** The salesperson enters a part of the money from the receivable, and submits it. Started on the receivables. */
tours.add("kehu_story_receive_part", {
    steps: () => [
        ...noMenuEntry(SECTION, "kehu_crm.kehu_receipt_menu", "kehu_crm.kehu_receipt_menu_to_approve"),
        ...openReceipt,
        ...enterAmount("14800"),
        ...save,
        ...submit("Receipt Approver", "Order Approver"),
        {
            content: "nothing can be changed while it waits",
            trigger: `.o_form_view .o_field_widget[name=amount].o_readonly_modifier:contains('14,800.00')`,
        },
    ],
});

/** The rest: never more than the order owes. Started on the receivables. */
tours.add("kehu_story_receive_rest", {
    steps: () => [
        {
            content: "a part has come in",
            trigger: `${row(CUSTOMER)}:has([name=amount_received]:contains('14,800.00')) [name=amount_due]:contains('20,000.00')`,
        },
        ...openReceipt,
        ...enterAmount("20000.01"),
        {
            content: "a cent too much",
            trigger: ".o_form_view .o_form_button_save:enabled",
            run: "click",
        },
        ...refused("20,000.00"),
        ...enterAmount("20000"),
        ...save,
        ...submit("Receipt Approver", "Order Approver"),
    ],
});

/** The receipt approver approves what waits; it is posted. Started on the receipts that wait for them. */
tours.add("kehu_story_receipt_approve", {
    steps: () => [
        ...decide(CUSTOMER, "action_kehu_approve", "与银行流水一致"),
        {
            trigger: ".o_form_view .o_field_widget[name=state] .o_arrow_button_current[data-value=approved]",
        },
    ],
});

const allReceivables = [
    {
        content: "the open ones: nothing is due here any more",
        trigger: `.o_list_view .o_searchview_facet`,
    },
    {
        trigger: `.o_list_view:not(:has(.o_data_row:not(.o_sample_data_disabled *):contains('${CUSTOMER}'))) .o_list_renderer`,
    },
    {
        content: "settled ones too",
        trigger: ".o_searchview .o_facet_remove",
        run: "click",
    },
    {
        trigger: ".o_searchview:not(:has(.o_searchview_facet))",
    },
];

/** The receivable is settled. Started on the receivables. */
tours.add("kehu_story_settled", {
    steps: () => [
        ...allReceivables,
        {
            content: "received in full, nothing due, nothing more to receive",
            trigger:
                `${row(CUSTOMER)}.text-muted:has([name=amount_received]:contains('34,800.00')):not(:has(button[name=action_receive]))` +
                " [name=amount_due]:contains(/^\\D*0\\.00\\D*$/)",
        },
    ],
});

/** A colleague sees nothing of it. Started on the receivables. */
tours.add("kehu_story_settled_not_mine", {
    steps: () => [
        ...allReceivables,
        {
            trigger: `.o_action_manager:has(.o_list_view):not(:has(.o_data_row:contains('${CUSTOMER}')))`,
        },
    ],
});
