import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** The manager assigns a customer of the pool to a salesperson. Started on the pool. */
tours.add("kehu_story_assign", {
    steps: () => [
        {
            content: "tick the customer",
            trigger: ".o_list_view .o_data_row:contains('Story Pump House') .o_list_record_selector input",
            run: "click",
        },
        {
            trigger: "button[name=action_kehu_assign]:visible",
            run: "click",
        },
        {
            content: "to whom",
            trigger: ".modal .o_field_widget[name=user_id] input",
            run: "edit Seller",
        },
        {
            trigger: ".ui-autocomplete .dropdown-item:contains(/^Seller$/)",
            run: "click",
        },
        {
            content: "what will happen is shown before it happens",
            trigger: ".modal .alert-info:visible",
        },
        {
            trigger: ".modal button[name=action_apply]:visible",
            run: "click",
        },
        {
            content: "the customer has left the pool",
            trigger: "body:not(:has(.modal)) .o_list_view:not(:has(.o_data_row:contains('Story Pump House')))",
        },
    ],
});

/** A salesperson claims another one, by the button of its row. */
tours.add("kehu_story_claim", {
    steps: () => [
        {
            trigger: ".o_list_view .o_data_row:contains('Story Depot') button[name=action_kehu_claim]",
            run: "click",
        },
        {
            content: "told what it means",
            trigger: ".modal .modal-footer .btn-primary",
            run: "click",
        },
        {
            trigger: "body:not(:has(.modal)) .o_action_manager:not(:has(.o_data_row:contains('Story Depot')))",
        },
    ],
});

/** The owner notes a conversation from the list of customers; the level proposes the next contact. */
tours.add("kehu_story_contact", {
    steps: () => [
        {
            trigger: ".o_list_view .o_data_row:contains('Story Pump House') button[name=action_kehu_contact]",
            run: "click",
        },
        {
            content: "what was said",
            trigger: ".modal .o_field_widget[name=content] textarea",
            run: "edit Looked at the pump house",
        },
        {
            trigger: ".modal .o_field_widget[name=level_id] input",
            run: "edit Key",
        },
        {
            trigger: ".ui-autocomplete .dropdown-item:contains('Key Customer')",
            run: "click",
        },
        {
            content: "the next contact is proposed, so a plan makes sense",
            trigger: ".modal .o_field_widget[name=plan] input",
            run: "edit Bring the offer",
        },
        {
            trigger: ".modal .modal-footer .btn-primary:visible",
            run: "click",
        },
        {
            content: "back in the list",
            trigger: "body:not(:has(.modal)) .o_list_view .o_data_row:contains('Story Pump House'):contains('Key Customer')",
        },
    ],
});
