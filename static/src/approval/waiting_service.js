import { reactive } from "@odoo/owl";
import { ConnectionLostError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { KeepLast } from "@web/core/utils/concurrency";
import { debounce } from "@web/core/utils/timing";
import { session } from "@web/session";

const MODEL = "kehu.approval.request";

/**
 * How many documents wait for the person at the screen. The page brings the first number along; after that the server is asked when it
 * says that something has changed, and when the connection comes back. Nothing is polled.
 */
export const waitingService = {
    dependencies: ["bus_service", "orm"],
    start(env, { bus_service: bus, orm }) {
        const state = reactive({ count: 0, shown: false, ...session.kehu_waiting });
        const keepLast = new KeepLast();
        const ask = async () => {
            try {
                Object.assign(state, await keepLast.add(orm.silent.call(MODEL, "kehu_waiting_count")));
            } catch (error) {
                // asked again when the connection is back
                if (!(error instanceof ConnectionLostError)) {
                    throw error;
                }
            }
        };
        // somebody who submits fifty documents one by one causes one question
        const askSoon = debounce(ask, 250);
        bus.subscribe("kehu_approval", askSoon);
        bus.addEventListener("BUS:RECONNECT", askSoon);
        return { state, latest: () => orm.silent.call(MODEL, "kehu_waiting_latest") };
    },
};

registry.category("services").add("kehu_crm.waiting", waitingService);
