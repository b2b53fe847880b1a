import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";
import saleTour from "@sale/js/tours/tour_utils";

const tours = registry.category("web_tour.tours");

/** Submit the document in the open form to the only or the named approver. */
const submit = (approver) => [
    {
        content: "submit",
        trigger: ".o_form_view button[name=action_kehu_submit]:enabled",
        run: "click",
    },
    {
        content: "choose who decides",
        trigger: ".modal .o_field_widget[name=approver_id] input",
        run: `edit ${approver}`,
    },
    {
        trigger: `.ui-autocomplete .dropdown-item:contains('${approver}')`,
        run: "click",
    },
    {
        trigger: ".modal button[name=action_submit]",
        run: "click",
    },
    {
        trigger: "body:not(:has(.modal))",
    },
    {
        content: "it waits now",
        trigger: `.o_form_view [name=kehu_approval_hint]:contains('${approver}')`,
    },
];

/** Open the first document that waits for me, decide with an opinion, and see that it is decided. */
const decide = (action, opinion) => [
    {
        content: "decide",
        trigger: `.o_form_view button[name=${action}]:enabled`,
        run: "click",
    },
    {
        content: "say why",
        trigger: ".modal .o_field_widget[name=comment] textarea",
        run: `edit ${opinion}`,
    },
    {
        trigger: ".modal button[name=action_decide]:visible",
        run: "click",
    },
    {
        trigger: "body:not(:has(.modal))",
    },
    {
        content: "nothing is left to decide",
        trigger: `.o_form_view:not(:has(button[name=${action}]))`,
    },
];

/** An opportunity with two products quoted. Started on the opportunity. */
tours.add("kehu_story_quote", {
    steps: () => [
        {
            content: "a new quote from the opportunity",
            trigger: ".o_form_view button[name=action_sale_quotations_new]:visible",
            run: "click",
        },
        {
            trigger: ".o_form_view .o_field_widget[name=order_line]",
        },
        ...saleTour.addProduct("Pump KP-200"),
        {
            trigger: ".o_field_widget[name=order_line] .o_selected_row .o_field_widget[name=product_uom_qty] input",
            run: "edit 2",
        },
        ...saleTour.clickSomewhereElse(),
        ...saleTour.addProduct("Flow Meter UF-80", 2),
        {
            content: "its price is there",
            trigger: ".o_field_widget[name=order_line] .o_selected_row .o_field_widget[name=price_unit] input:value('4,600.00')",
        },
        ...stepUtils.saveForm(),
    ],
});

/** The quote becomes an order and is submitted. Started on the quote. */
tours.add("kehu_story_order_submit", {
    steps: () => [
        {
            content: "the quote is accepted",
            trigger: ".o_form_view button[name=kehu_to_order]:enabled",
            run: "click",
        },
        ...submit("Order Approver"),
    ],
});

/** The approver rejects. Started on the list of what waits for them. */
tours.add("kehu_story_order_reject", {
    steps: () => [
        {
            content: "open what waits",
            trigger: ".o_list_view .o_data_row:contains('Story') .o_data_cell[name=name]",
            run: "click",
        },
        ...decide("action_kehu_reject", "The second flow meter is missing"),
    ],
});

/** The salesperson reads why, corrects the quantity and submits again. Started on the order. */
tours.add("kehu_story_order_correct", {
    steps: () => [
        {
            content: "the opinion is there",
            trigger: ".o_form_view [name=kehu_approval_hint_rejected]:contains('second flow meter')",
        },
        {
            content: "one more flow meter",
            trigger: ".o_field_widget[name=order_line] .o_data_row:contains('Flow Meter') .o_data_cell[name=product_uom_qty]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=order_line] .o_selected_row .o_field_widget[name=product_uom_qty] input",
            run: "edit 2",
        },
        ...stepUtils.saveForm(),
        ...submit("Order Approver"),
    ],
});

/** The approver approves, which confirms the order. */
tours.add("kehu_story_order_approve", {
    steps: () => [
        {
            trigger: ".o_list_view .o_data_row:contains('Story') .o_data_cell[name=name]",
            run: "click",
        },
        ...decide("action_kehu_approve", "Fine"),
    ],
});

/** The salesperson enters what came in, from the receivable. `amount` null: all that is due. */
const receive = (amount) => [
    {
        content: "receive money on the receivable",
        trigger: ".o_list_view .o_data_row:contains('Story') button[name=action_receive]",
        run: "click",
    },
    {
        trigger: ".o_form_view .o_field_widget[name=partner_id]",
    },
    ...(amount
        ? [
              {
                  content: "only a part came in",
                  trigger: ".o_form_view .o_field_widget[name=amount] input",
                  run: `edit ${amount}`,
              },
              {
                  trigger: ".o_field_widget[name=allocation_ids] .o_data_row .o_data_cell[name=amount]",
                  run: "click",
              },
              {
                  trigger: ".o_field_widget[name=allocation_ids] .o_selected_row .o_field_widget[name=amount] input",
                  run: `edit ${amount}`,
              },
          ]
        : []),
    ...stepUtils.saveForm(),
    ...submit("Receipt Approver"),
];

tours.add("kehu_story_receive_part", { steps: () => receive("14800") });
tours.add("kehu_story_receive_rest", { steps: () => receive(null) });

/** The receipt approver approves what waits. */
tours.add("kehu_story_receipt_approve", {
    steps: () => [
        {
            trigger: ".o_list_view .o_data_row:contains('Story') .o_data_cell[name=name]",
            run: "click",
        },
        ...decide("action_kehu_approve", "Seen on the bank statement"),
    ],
});
