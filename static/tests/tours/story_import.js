import { registry } from "@web/core/registry";

/** The manager picks a workbook, checks it, and imports the good rows. The workbook is served by the test as an attachment. */
registry.category("web_tour.tours").add("kehu_story_import", {
    steps: () => [
        {
            content: "start a new import",
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            content: "choose the workbook",
            trigger: ".o_form_view .o_field_widget[name=file] .o_select_file_button",
            async run() {
                const answer = await fetch("/web/content/kehu_crm.story_workbook?download=true");
                const file = new File([await answer.blob()], "customers_a.xls", { type: "application/vnd.ms-excel" });
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
        {
            trigger: ".alert[name=alert_checked]:contains('180')",
        },
        {
            content: "import",
            trigger: "button[name=action_import]:enabled",
            run: "click",
        },
        {
            trigger: ".alert[name=alert_done]:contains('180')",
        },
    ],
});
