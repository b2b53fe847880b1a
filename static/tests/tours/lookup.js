import { registry } from "@web/core/registry";
import { openMenu } from "./story_steps";

const tours = registry.category("web_tour.tours");

const BOX = ".o_kehu_lookup_box input";
const rowOf = (name) => `.o_kehu_lookup_row:contains('${name}')`;
const search = (term) => [
    { content: `look for ${term}`, trigger: BOX, run: `edit ${term}` },
    { trigger: ".o_kehu_lookup_box button", run: "click" },
];

/** A salesperson learns who holds a customer, sees no more of it, and claims another one from the pool. */
tours.add("kehu_lookup_search_and_claim", {
    steps: () => [
        ...openMenu("kehu_crm.kehu_customer_menu_root", "kehu_crm.kehu_lookup_menu"),
        ...search("检索"),
        {
            content: "of a colleague's customer the phone is masked, and nothing opens",
            trigger: `${rowOf("苏州华强检索科技有限公司")}:contains('138****9876'):contains('West Seller'):not(:has(button, a))`,
        },
        {
            content: "the one in the pool is claimed",
            trigger: `${rowOf("上海检索贸易有限公司")} .o_kehu_lookup_act .btn-primary`,
            run: "click",
        },
        { trigger: `${rowOf("上海检索贸易有限公司")} .text-success` },
        ...search("13805129876"),
        { trigger: `.o_kehu_lookup_rows:has(${rowOf("苏州华强检索科技有限公司")}):not(:has(${rowOf("上海检索贸易有限公司")}))` },
        ...search("1380512"),
        { content: "a part of a phone finds nobody", trigger: ".o_kehu_lookup .o_view_nocontent button" },
        ...search("华"),
        { content: "too short: one line says why", trigger: ".o_kehu_lookup_refusal" },
    ],
});

/** The CRM administrator changes a rule on the settings page. */
tours.add("kehu_settings_save", {
    steps: () => [
        { trigger: ".o_setting_box [name=pool_warn_days] input", run: "edit 5" },
        { trigger: ".o_setting_box [name=kehu_lookup_max_hits] input", run: "edit 7" },
        { trigger: ".o_dirty_warning" },
        { trigger: "button[name=execute], .o_form_button_save", run: "click", expectUnloadPage: true },
        { content: "the page shows what holds", trigger: ".o_settings_container:has([name=pool_warn_days] input:value(5))" },
        { trigger: "body:not(:has(.o_dirty_warning))" },
    ],
});
