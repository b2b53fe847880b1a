import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { isWithin, landing, neighbour, plant, rowsOf } from "./tree";

const MODEL = "kehu.organisation";
const FOLD_FROM = 200; // nodes: a larger tree opens folded
const FORMS = { company: "res.company", department: "hr.department", person: "hr.employee", login: "res.users" };

/** Asks below which department somebody or something shall stand: for keyboard and touch. */
export class MoveDialog extends Component {
    static components = { Dialog };
    static props = { node: Object, places: Array, onMove: Function, close: Function };
    static template = "kehu_crm.OrganisationMove";

    setup() {
        this.state = useState({ key: this.props.places[0]?.key || "" });
        this.title = _t("Move %s", this.props.node.name);
        useAutofocus({ refName: "place" });
    }

    apply() {
        this.props.close();
        this.props.onMove(this.props.places.find((place) => place.key === this.state.key).node);
    }
}

/** Companies, departments and people as one tree. What the host lets nobody change is shown, without the means to change it. */
export class Organisation extends Component {
    static components = { Dropdown, DropdownItem, Layout };
    static props = { ...standardActionServiceProps };
    static template = "kehu_crm.Organisation";

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.tree = useRef("tree");
        this.display = { controlPanel: {} };
        this.state = useState({ rows: [], rights: {}, more: false, active: "", words: "", editing: null, over: null, said: "", turn: 0 });
        this.folded = new Set();
        this.dragged = null;
        useAutofocus({ refName: "name", selectAll: true });
        onWillStart(async () => {
            await this.load();
            if (this.byKey.size > FOLD_FROM) {
                for (const node of this.byKey.values()) {
                    if (node.kind === "department") {
                        this.folded.add(node.key);
                    }
                }
                this.show();
            }
        });
        useEffect(
            (_turn, editing) => {
                if (this.state.turn && !editing) {
                    this.tree.el?.querySelector("[role=treeitem][tabindex='0']")?.focus();
                }
            },
            () => [this.state.turn, Boolean(this.state.editing)]
        );
    }

    // -- what is shown -----------------------------------------------------------------------------------------------------

    async load() {
        const { nodes, rights, more } = await this.orm.call(MODEL, "get_tree");
        Object.assign(this, plant(nodes));
        Object.assign(this.state, { rights, more });
        this.show();
    }

    show() {
        this.state.rows = rowsOf(this.roots, this.folded, this.state.words);
        if (!this.state.rows.some((row) => row.node.key === this.state.active)) {
            this.state.active = this.state.rows[0]?.node.key || "";
        }
    }

    search(ev) {
        this.state.words = ev.target.value;
        this.show();
    }

    /** Put the keyboard on this row as soon as it is drawn. */
    activate(key) {
        this.state.active = key;
        this.state.turn++;
    }

    toggle(node, open = this.folded.has(node.key)) {
        this.folded[open ? "delete" : "add"](node.key);
        this.show();
    }

    get readonly() {
        return !this.state.rights.department && !this.state.rights.person;
    }

    icon(node) {
        return { company: "fa-building-o", department: "fa-sitemap", login: "fa-key", person: "fa-user-o" }[node.kind];
    }

    mayMove(node) {
        return node.kind === "login" ? this.state.rights.person : Boolean(this.state.rights[node.kind]);
    }

    mayOrder(node) {
        return ["company", "department"].includes(node.kind) && this.mayMove(node);
    }

    mayRename(node) {
        return node.kind !== "login" && Boolean(this.state.rights[node.kind]);
    }

    mayLead(node) {
        return node.kind === "person" && !node.manager && node.up?.kind === "department" && this.state.rights.department;
    }

    lead(node) {
        return this.change(_t("%s manages the department.", node.name), "lead_node", [node.id]);
    }

    mayHold(node) {
        return ["company", "department"].includes(node.kind);
    }

    // -- names -------------------------------------------------------------------------------------------------------------

    rename(node) {
        if (this.mayRename(node)) {
            this.state.editing = { key: node.key, kind: node.kind, name: node.name, level: 0 };
        }
    }

    add(kind, parent) {
        this.toggle(parent, true);
        const row = this.state.rows.find((one) => one.node.key === parent.key);
        this.state.editing = { under: parent.key, kind, name: "", level: (row?.level || 0) + 1 };
    }

    async finish(save) {
        const editing = this.state.editing;
        if (!editing) {
            return;
        }
        this.state.editing = null;
        const name = editing.name.trim();
        const node = this.byKey.get(editing.key || editing.under);
        this.activate(node.key);
        if (!save || !name || (editing.key && name === node.name)) {
            return;
        }
        if (editing.key) {
            await this.change(_t("Renamed: %s", name), "rename_node", [node.kind, node.id, name]);
        } else {
            const id = await this.change(_t("Made: %s", name), "create_node", [editing.kind, name, node.kind, node.id]);
            this.activate(`${editing.kind}-${id}`);
        }
    }

    onNameKey(ev) {
        ev.stopPropagation();
        if (["Enter", "Escape"].includes(ev.key)) {
            ev.preventDefault();
            this.finish(ev.key === "Enter");
        }
    }

    /** Ask the server for a change, and show what is there afterwards, whether it was made or refused. */
    async change(said, method, args) {
        try {
            const result = await this.orm.call(MODEL, method, args);
            this.state.said = said;
            return result;
        } finally {
            await this.load();
            this.activate(this.state.active);
        }
    }

    // -- places ------------------------------------------------------------------------------------------------------------

    async place(node, to) {
        if (to) {
            this.activate(node.key);
            const { target, before } = to;
            if (target) {
                this.folded.delete(target.key);
            }
            await this.change(_t("%(name)s moved.", { name: node.name }), "move_node", [
                node.kind,
                node.id,
                target ? target.kind : false,
                target ? target.id : false,
                before ? before.id : false,
            ]);
        }
    }

    step(node, by) {
        return this.mayOrder(node) && this.place(node, neighbour(node, this.roots, by));
    }

    askPlace(node) {
        if (!this.mayMove(node) || node.kind === "company") {
            return;
        }
        const places = rowsOf(this.roots, new Set())
            .filter(({ node: place }) => this.mayHold(place) && place !== node.up && !isWithin(place, node) && landing(node, place, false))
            .map(({ node: place, level }) => ({ key: place.key, node: place, label: `${"\u2003".repeat(level - 1)}${place.name}` }));
        this.dialog.add(MoveDialog, { node, places, onMove: (target) => this.place(node, { target, before: null }) });
    }

    onDragStart(ev, node) {
        this.dragged = node;
        if (ev.dataTransfer) {
            ev.dataTransfer.effectAllowed = "move";
            ev.dataTransfer.setData("text/plain", node.name); // without data some browsers begin no drag
        }
    }

    where(ev, over) {
        const box = ev.currentTarget.getBoundingClientRect();
        return landing(this.dragged, over, ev.clientY - box.top < box.height * 0.35);
    }

    onDragOver(ev, over) {
        const to = this.where(ev, over);
        if (to) {
            ev.preventDefault();
            const mark = `${over.key} ${to.before ? "before" : "inside"}`;
            if (this.state.over !== mark) {
                this.state.over = mark;
            }
        } else if (this.state.over) {
            this.state.over = null;
        }
    }

    onDrop(ev, over) {
        const to = this.where(ev, over);
        const node = this.dragged;
        this.onDragEnd();
        if (to) {
            ev.preventDefault();
            this.place(node, to);
        }
    }

    onDragEnd() {
        this.dragged = null;
        this.state.over = null;
    }

    // -- keys --------------------------------------------------------------------------------------------------------------

    onKey(ev, row) {
        if (ev.target !== ev.currentTarget) {
            return;
        }
        const { node } = row;
        const place = this.state.rows.indexOf(row);
        const go = (index) => {
            const next = this.state.rows[Math.max(0, Math.min(index, this.state.rows.length - 1))];
            this.activate(next.node.key);
        };
        const upwards = () => node.up && go(this.state.rows.findIndex((one) => one.node === node.up || one.node.key === node.up.key));
        const acts = {
            ArrowDown: () => (ev.altKey ? this.step(node, 1) : go(place + 1)),
            ArrowUp: () => (ev.altKey ? this.step(node, -1) : go(place - 1)),
            ArrowRight: () => (row.leaf ? null : row.open ? go(place + 1) : this.toggle(node, true)),
            ArrowLeft: () => (row.open && !row.leaf ? this.toggle(node, false) : upwards()),
            Home: () => go(0),
            End: () => go(this.state.rows.length - 1),
            F2: () => this.rename(node),
            Enter: () => ev.currentTarget.querySelector(".o_kehu_node_menu")?.click(),
            m: () => this.askPlace(node),
        };
        if (acts[ev.key] && !ev.ctrlKey && !ev.metaKey) {
            ev.preventDefault();
            acts[ev.key]();
        }
    }

    // -- elsewhere -----------------------------------------------------------------------------------------------------------

    open(node) {
        const plain = node.kind === "person" && !this.state.rights.person;
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: plain ? "hr.employee.public" : FORMS[node.kind],
            res_id: node.id,
            views: [[false, "form"]],
        });
    }

    async go(method, args = []) {
        const action = await this.orm.call(MODEL, method, args);
        return this.action.doAction(action, { onClose: () => this.load() });
    }
}

registry.category("actions").add("kehu_organisation", Organisation);
