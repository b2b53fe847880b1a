import { Component, onError, onMounted, onWillStart, onWillUnmount, useExternalListener, useRef, useState, xml } from "@odoo/owl";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { ConnectionLostError } from "@web/core/network/rpc";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { useSortable } from "@web/core/utils/sortable_owl";
import { debounce } from "@web/core/utils/timing";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { addPanel, movePanel, removePanel, resizePanel, WIDEST } from "./layout";
import { panelRegistry } from "./panel_registry";
import { APPROVAL_PANELS } from "./panels/approval";

const MODEL = "kehu.workbench";
const STALE = 60000; // milliseconds after which a page that comes back to the front asks again

/** What a panel shows; when it cannot be drawn, that panel alone says so and the others stay. */
export class PanelBoundary extends Component {
    static props = { Panel: Function, data: Object, act: Function, onFailed: Function };
    static template = xml`<t t-component="props.Panel" data="props.data" act="props.act"/>`;

    setup() {
        onError((error) => this.props.onFailed(error));
    }
}

/** The workbench: panels that load in one call, follow what happens, and are arranged by the person. */
export class Workbench extends Component {
    static components = { Dropdown, DropdownItem, Layout, PanelBoundary };
    static props = { ...standardActionServiceProps };
    static template = "kehu_crm.Workbench";

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.bus = useService("bus_service");
        this.grid = useRef("grid");
        this.display = { controlPanel: {} };
        this.state = useState({
            layout: [],
            panels: {},
            locked: false,
            custom: false,
            editing: false,
            said: "",
            role: "",
            lockRole: false,
        });
        this.available = {};
        this.roles = [];
        this.asked = {};
        this.wanted = new Set();
        this.loadedAt = 0;
        this.drawn = new Promise((resolve) => onMounted(resolve));

        onWillStart(async () => {
            // the numbers are asked for together with the layout, and the page does not wait for them
            const panels = this.ask([]);
            this.applyLayout(await this.orm.silent.call(MODEL, "get_layout"));
            const names = this.state.layout.map((panel) => panel.name);
            this.fill(names, panels);
        });

        const loadWanted = debounce(() => {
            const names = [...this.wanted];
            this.wanted.clear();
            this.load(names);
        }, 300);
        const loadSoon = (names) => {
            names.forEach((name) => this.wanted.add(name));
            loadWanted();
        };
        const onWorkbench = ({ panels }) => loadSoon(panels);
        const onApproval = () => loadSoon(APPROVAL_PANELS);
        onMounted(() => {
            this.bus.subscribe("kehu_workbench", onWorkbench);
            this.bus.subscribe("kehu_approval", onApproval);
        });
        onWillUnmount(() => {
            loadWanted.cancel();
            this.bus.unsubscribe("kehu_workbench", onWorkbench);
            this.bus.unsubscribe("kehu_approval", onApproval);
        });
        useBus(this.bus, "BUS:RECONNECT", () => this.load());
        useExternalListener(document, "visibilitychange", () => {
            if (document.visibilityState === "visible" && Date.now() - this.loadedAt > STALE) {
                this.load();
            }
        });

        useSortable({
            enable: () => this.state.editing,
            ref: this.grid,
            elements: ".o_kehu_panel",
            handle: ".o_kehu_panel_handle",
            cursor: "grabbing",
            onDrop: ({ element, previous }) => {
                const name = element.dataset.panel;
                const others = this.state.layout.filter((panel) => panel.name !== name);
                const before = others.findIndex((panel) => panel.name === previous?.dataset.panel);
                this.move(name, before + 1);
            },
        });
    }

    // -- numbers ---------------------------------------------------------------------------------------------------------

    /** Ask for panels in one call; a failure of the whole call is the failure of each of them. */
    async ask(names) {
        try {
            return await this.orm.silent.call(MODEL, "get_panels", [names]);
        } catch (error) {
            const sentence =
                error instanceof ConnectionLostError
                    ? _t("The server cannot be reached. Try again when you are connected.")
                    : error.data?.message || _t("The numbers could not be loaded. Try again.");
            return { failed: sentence };
        }
    }

    /** Put the answer into the panels, unless they have been asked for again since. */
    async fill(names, answer) {
        const turns = {};
        for (const name of names) {
            turns[name] = this.asked[name] = (this.asked[name] || 0) + 1;
            this.state.panels[name] ||= { data: null, error: "" };
        }
        // drawn first without them: a panel that cannot be drawn must not keep the whole page from appearing
        const [found] = await Promise.all([answer, this.drawn]);
        this.loadedAt = Date.now();
        for (const name of names) {
            if (this.asked[name] === turns[name]) {
                const data = found[name] || { error: found.failed || _t("The numbers could not be loaded. Try again.") };
                // what was shown before a failure stays away: it might be wrong by now
                this.state.panels[name] = data.error ? { data: null, error: data.error } : { data, error: "" };
            }
        }
    }

    /** Load panels anew, all when none are named; those that are not on the workbench are left out. */
    load(names) {
        const shown = this.state.layout.map((panel) => panel.name);
        const wanted = names ? shown.filter((name) => names.includes(name)) : shown;
        return wanted.length ? this.fill(wanted, this.ask(wanted)) : undefined;
    }

    /** A panel that cannot be drawn is treated as one that could not be loaded. */
    onPanelFailed(name, error) {
        console.warn(`Panel ${name} of the workbench cannot be drawn:`, error.cause || error);
        this.asked[name] = (this.asked[name] || 0) + 1;
        this.state.panels[name] = { data: null, error: _t("This panel cannot be shown. Try again; the other panels work.") };
    }

    retry(name) {
        this.state.panels[name] = { data: null, error: "" };
        return this.load([name]);
    }

    async act(name, work, panels) {
        try {
            await work();
        } finally {
            this.load([name, ...(panels || [])]);
        }
    }

    // -- what is shown -----------------------------------------------------------------------------------------------------

    get panels() {
        return this.state.layout.map((panel, index) => {
            const { data, error } = this.state.panels[panel.name] || {};
            const Panel = panelRegistry.get(panel.name);
            const isEmpty = data && (Panel.isEmpty ? Panel.isEmpty(data) : !data.rows?.length);
            return {
                ...panel,
                index,
                Panel,
                title: this.available[panel.name].title,
                data,
                error,
                isEmpty,
                count: data?.count ? `${data.count}${data.more ? "+" : ""}` : "",
                act: (work, panels) => this.act(panel.name, work, panels),
            };
        });
    }

    openAll({ action, context }) {
        return this.action.doAction(action, { additionalContext: context || {} });
    }

    // -- arranging ---------------------------------------------------------------------------------------------------------

    applyLayout(answer) {
        this.available = Object.fromEntries(answer.available.map((panel) => [panel.name, panel]));
        this.roles = answer.roles;
        this.state.locked = answer.locked;
        this.state.custom = answer.custom;
        // a panel whose component is not loaded cannot be shown
        this.state.layout = answer.panels.filter((panel) => panelRegistry.contains(panel.name));
    }

    get absent() {
        const shown = this.state.layout.map((panel) => panel.name);
        return Object.values(this.available).filter((panel) => !shown.includes(panel.name) && panelRegistry.contains(panel.name));
    }

    edit() {
        this.before = this.state.layout;
        this.state.editing = true;
    }

    discard() {
        this.state.layout = this.before;
        this.state.editing = false;
        this.load();
    }

    move(name, place) {
        this.state.layout = movePanel(this.state.layout, name, place);
        const index = this.state.layout.findIndex((panel) => panel.name === name);
        this.state.said = _t("%(panel)s: place %(place)s of %(count)s", {
            panel: this.available[name].title,
            place: index + 1,
            count: this.state.layout.length,
        });
    }

    onHandleKeydown(event, panel) {
        const steps = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
        const place = { Home: 0, End: this.state.layout.length - 1 }[event.key] ?? panel.index + (steps[event.key] || NaN);
        if (Number.isNaN(place)) {
            return;
        }
        event.preventDefault();
        this.move(panel.name, place);
        const handle = event.currentTarget;
        // moved nodes lose the focus
        requestAnimationFrame(() => handle.focus());
    }

    resize(name) {
        this.state.layout = resizePanel(this.state.layout, name);
    }

    widthLabel(panel) {
        return _t("Width: %(size)s of %(widest)s columns. Press to change.", { size: panel.size, widest: WIDEST });
    }

    handleLabel(panel) {
        return _t("Move %s: drag, or use the arrow keys", panel.title);
    }

    removeLabel(panel) {
        return _t("Take %s off the workbench", panel.title);
    }

    remove(name) {
        this.state.layout = removePanel(this.state.layout, name);
    }

    add(panel) {
        this.state.layout = addPanel(this.state.layout, panel);
        if (!this.state.panels[panel.name]?.data) {
            this.load([panel.name]);
        }
    }

    async save() {
        this.applyLayout(await this.orm.call(MODEL, "save_layout", [this.state.layout]));
        this.state.editing = false;
    }

    async reset() {
        this.applyLayout(await this.orm.call(MODEL, "save_layout", [false]));
        this.state.editing = false;
        this.load();
    }

    async saveForRole() {
        const role = this.roles.find((role) => `${role.id}` === this.state.role);
        await this.orm.call(MODEL, "save_default", [role.id, this.state.layout, this.state.lockRole]);
        this.notification.add(_t("The workbench of the role “%s” is saved.", role.name), { type: "success" });
    }
}

registry.category("actions").add("kehu_workbench", Workbench);
