import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { describe, expect, test } from "@odoo/hoot";
import { waitFor } from "@odoo/hoot-dom";
import {
    contains,
    defineModels,
    fields,
    getService,
    makeServerError,
    models,
    mountView,
    mountWebClient,
    onRpc,
} from "@web/../tests/web_test_helpers";

describe.current.tags("desktop");

class Customer extends models.Model {
    _name = "kehu.test.customer";

    name = fields.Char();

    _records = [{ id: 1, name: "Suzhou Science Park" }];
    _views = {
        list: `<list><field name="name"/></list>`,
        search: `<search/>`,
    };
}

defineMailModels();
defineModels([Customer]);

const ROOMS = "odoo.addons.kehu_crm.models";
const STEP = { exception_class: "odoo.exceptions.UserError", kehu_refusal: "step" };
const RIGHT = { exception_class: "odoo.exceptions.AccessError", kehu_refusal: "right" };
const ENTRY = { exception_class: "odoo.exceptions.ValidationError", kehu_refusal: "entry" };

/** The answer of the server when a method of ours raises, as `serialize_exception` of the host builds it. */
function refusal(errorName, context, sentence) {
    return makeServerError({ errorName, context, description: sentence, args: [sentence] });
}

function mountCustomer() {
    return mountView({
        resModel: "kehu.test.customer",
        type: "form",
        resId: 1,
        arch: `
            <form>
                <header><button name="kehu_act" type="object" string="Act"/></header>
                <sheet><field name="name"/></sheet>
            </form>`,
    });
}

/** One plain dialog: the title, the sentence, a button to close; nothing of a crash. */
async function expectRefusal(title, sentence) {
    await waitFor(".o_error_dialog");
    expect(".o_error_dialog").toHaveCount(1);
    expect(".modal-title").toHaveText(title);
    expect(".modal-body").toHaveText(sentence);
    expect(".modal-footer button").toHaveCount(1);
    await contains(".modal-footer button").click();
    expect(".o_error_dialog").toHaveCount(0);
}

const REFUSED_STEPS = [
    [`${ROOMS}.pool.exceptions.KehuOwnershipStateError`, "Suzhou Science Park is not in the pool any more."],
    [`${ROOMS}.approval.exceptions.KehuApprovalTransitionError`, "S00001 was decided already."],
    [`${ROOMS}.importer.exceptions.KehuImportFileError`, "The file cannot be read."],
    ["odoo.addons.another_add_on.exceptions.KehuReceiptLaterError", "A class of another add-on that stands on ours."],
];
for (const [errorName, sentence] of REFUSED_STEPS) {
    test(`a button is refused by ${errorName.split(".").at(-1)}`, async () => {
        expect.errors(1);
        onRpc("kehu.test.customer", "kehu_act", () => {
            throw refusal(errorName, STEP, sentence);
        });
        await mountCustomer();
        await contains("button[name=kehu_act]").click();
        await expectRefusal("This is not possible", sentence);
        expect.verifyErrors([/RPC_ERROR/]);
    });
}

test("refusals for want of a right: KehuSystemFieldError, KehuEngineOnlyError", async () => {
    expect.errors(2);
    const sentence = "“Last Contact” is kept by the system and cannot be written.";
    const names = ["customer.exceptions.KehuSystemFieldError", "system.exceptions.KehuEngineOnlyError"];
    onRpc("kehu.test.customer", "kehu_act", () => {
        throw refusal(`${ROOMS}.${names.shift()}`, RIGHT, sentence);
    });
    await mountCustomer();
    await contains("button[name=kehu_act]").click();
    await expectRefusal("You are not allowed to do this", sentence);
    await contains("button[name=kehu_act]").click();
    await expectRefusal("You are not allowed to do this", sentence);
    expect.verifyErrors([/RPC_ERROR/, /RPC_ERROR/]);
});

test("saving is refused: the sentence is read, and what was typed stays in the form", async () => {
    expect.errors(1);
    const sentence = "The next contact cannot be before the contact record itself. Choose a later day.";
    onRpc("kehu.test.customer", "web_save", () => {
        throw refusal(`${ROOMS}.followup.exceptions.KehuContactRecordError`, ENTRY, sentence);
    });
    await mountCustomer();
    await contains(".o_field_widget[name=name] input").edit("Suzhou Park");
    await contains(".o_form_button_save").click();
    await expectRefusal("Please check what you entered", sentence);
    expect(".o_field_widget[name=name] input").toHaveValue("Suzhou Park");
    expect.verifyErrors([/RPC_ERROR/]);
});

test("a screen that cannot be opened says why", async () => {
    expect.errors(1);
    const sentence = "You may not see this customer. Ask its owner.";
    onRpc("kehu.test.customer", "web_search_read", () => {
        throw refusal(`${ROOMS}.sales.exceptions.KehuCustomerAccessError`, RIGHT, sentence);
    });
    await mountWebClient();
    getService("action").doAction({
        type: "ir.actions.act_window",
        res_model: "kehu.test.customer",
        views: [[false, "list"]],
    });
    await expectRefusal("You are not allowed to do this", sentence);
    expect.verifyErrors([/RPC_ERROR/]);
});

test("the host's own refusals keep their title", async () => {
    expect.errors(1);
    onRpc("kehu.test.customer", "kehu_act", () => {
        throw makeServerError({ type: "UserError", description: "A sentence of the host.", args: ["A sentence of the host."] });
    });
    await mountCustomer();
    await contains("button[name=kehu_act]").click();
    await expectRefusal("Invalid Operation", "A sentence of the host.");
    expect.verifyErrors([/RPC_ERROR/]);
});

test("a mistake in the program is no refusal and still shows as one", async () => {
    expect.errors(1);
    onRpc("kehu.test.customer", "kehu_act", () => {
        throw refusal("builtins.KeyError", {}, "'partner'");
    });
    await mountCustomer();
    await contains("button[name=kehu_act]").click();
    await waitFor(".o_error_dialog");
    expect(".modal-title").toHaveText("Oops!");
    expect.verifyErrors([/RPC_ERROR/]);
});
