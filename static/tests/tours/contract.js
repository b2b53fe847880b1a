import { registry } from "@web/core/registry";
import { choose, decide, noButton, save, submit } from "./story_steps";

const tours = registry.category("web_tour.tours");
const CUSTOMER = "兴城维涛网络有限公司";
const PAGE = (name) => ({ content: `the page ${name}`, trigger: `.o_form_view .nav-link[name=${name}]`, run: "click" });

/** The owner makes a contract of an order on its form, and submits it. Started on the order. */
tours.add("kehu_contract_make", {
    steps: () => [
        {
            content: "a contract with this order",
            trigger: ".o_form_view button[name=action_kehu_contract]",
            run: "click",
        },
        {
            content: "it is the customer's, and its amount that of the order",
            trigger: `.o_form_view:has([name=partner_id] input:value('${CUSTOMER}')) .o_field_widget[name=amount] input:value('1,000.00')`,
        },
        {
            trigger: ".o_field_widget[name=title] input, .o_field_widget[name=title] textarea",
            run: "edit 泵房设备采购合同",
        },
        ...choose("type_id", "Sales"),
        PAGE("parties"),
        ...choose("their_signatory_id", "张三"),
        PAGE("orders"),
        {
            content: "the order is in it",
            trigger: ".o_field_widget[name=order_ids] .o_data_row",
        },
        ...save,
        {
            content: "it has a number",
            trigger: ".o_form_view .o_field_widget[name=name] input:value(/^HT/)",
        },
        ...submit("Order Approver", "Receipt Approver"),
        {
            content: "nothing can be changed while it waits",
            trigger: ".o_form_view .o_field_widget[name=title].o_readonly_modifier",
        },
    ],
});

/** The approver approves it. Started on the list of what waits. */
tours.add("kehu_contract_approve", {
    steps: () => [...decide(CUSTOMER, "action_kehu_approve", "同意")],
});

/** In force, it is renewed; the new one is a draft that follows on. Started on the contract. */
tours.add("kehu_contract_renew", {
    steps: () => [
        {
            content: "what is possible now",
            trigger: ".o_form_view:has(button[name=action_reopen]):has(button[name=action_kehu_terminate]) button[name=action_renew]",
            run: "click",
        },
        {
            content: "a draft that renews it",
            trigger: `${noButton("action_renew", "action_reopen")} .o_field_widget[name=previous_id]:contains('泵房设备采购合同')`,
        },
        PAGE("chain"),
        {
            content: "the chain has both",
            trigger: ".o_field_widget[name=chain_ids] .o_data_row:nth-child(2)",
        },
    ],
});

/** It is terminated with a reason. Started on the contract. */
tours.add("kehu_contract_terminate", {
    steps: () => [
        {
            trigger: ".o_form_view button[name=action_kehu_terminate]",
            run: "click",
        },
        {
            trigger: ".modal .o_field_widget[name=reason] textarea",
            run: "edit 项目取消",
        },
        {
            trigger: ".modal button[name=action_terminate]",
            run: "click",
        },
        {
            content: "why is said on top",
            trigger: ".o_form_view:has(.o_field_widget[name=termination_reason]:contains('项目取消')):not(:has(button[name=action_kehu_terminate]))",
        },
    ],
});
