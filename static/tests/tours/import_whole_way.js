import { registry } from "@web/core/registry";
import { confirm } from "./story_steps";

const PROBLEM = ".o_field_widget[name=problem_ids] .o_data_row:contains('至尊客户')";

/** From the empty workbook to the undone import. Started on the imports; the test keeps the filled workbook ready as a person has it. */
registry.category("web_tour.tours").add("kehu_import_whole_way", {
    steps: () => [
        {
            content: "start a new import",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "the empty workbook of the template is offered; a download would end the tour, so the test fetches it",
            trigger: ".alert[name=alert_titles]:contains('客户名称') button[name=action_download_template]",
        },
        {
            content: "choose the filled one",
            trigger: ".o_form_view .o_field_widget[name=file] .o_select_file_button",
            async run() {
                const answer = await fetch("/web/content/kehu_crm.import_tour_filled?download=true");
                const transfer = new DataTransfer();
                transfer.items.add(new File([await answer.blob()], "客户.xlsx"));
                const input = document.querySelector(".o_field_widget[name=file] input[type=file]");
                input.files = transfer.files;
                input.dispatchEvent(new Event("change"));
            },
        },
        {
            content: "check it",
            trigger: "button[name=action_check].btn-primary:enabled",
            run: "click",
        },
        {
            content: "one of three rows has a problem, and it is in sight at once",
            trigger: `.o_form_view:has(.alert[name=alert_checked]:contains('3')) ${PROBLEM}`,
        },
        {
            content: "look at the columns, which the form remembers",
            trigger: ".o_notebook_headers a[name=columns]",
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=mapping_ids] .o_data_row:contains('客户名称')",
        },
        {
            content: "correct the cell",
            trigger: `${PROBLEM} td[name=new_value]`,
            run: "click",
        },
        {
            trigger: ".o_field_widget[name=problem_ids] .o_selected_row [name=new_value] input",
            run: "edit 一般客户",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            content: "nothing is wrong any more",
            trigger: ".o_form_view:has(.alert[name=alert_checked]:contains('3')):not(:has(.o_field_widget[name=problem_ids]))",
        },
        {
            content: "import",
            trigger: "button[name=action_import].btn-primary:enabled",
            run: "click",
        },
        {
            trigger: ".alert[name=alert_done]:contains('3')",
        },
        {
            content: "see the customers",
            trigger: "button[name=action_open_partners]",
            run: "click",
        },
        {
            trigger: ".o_list_view:has(.o_data_row:contains('苏州全程一号有限公司')):has(.o_data_row:contains('苏州全程三号有限公司'))",
        },
        {
            content: "back to the import",
            trigger: ".o_control_panel .o_back_button a, .o_control_panel a.o_back_button",
            run: "click",
        },
        {
            content: "undo it",
            trigger: ".o_form_view button[name=action_undo]:enabled",
            run: "click",
        },
        ...confirm,
        {
            content: "everything is as it was before",
            trigger: ".alert[name=alert_undone]",
        },
    ],
});
