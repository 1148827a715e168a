/** A list beside what is chosen in it: pages of rows, moving by keys, one address for every choice. */

import { element } from "../dom.js";
import { t } from "../i18n.js";
import { addressOf, go } from "./address.js";
import { problemBox } from "./problems.js";

/**
 * @typedef {object} Spec
 * @property {string} page name of the page in the address
 * @property {string} chosen name of the parameter that holds the choice
 * @property {string} label text key of what the list is
 * @property {string} empty text key of what an empty list says
 * @property {(params: object, after: string|null) => Promise<{items: object[], after: string|null}>} read
 * @property {(item: object) => string} keyOf
 * @property {(item: object) => Node[]} row what a row shows
 * @property {(item: object) => string|null} [group] heading that rows stand below
 * @property {(answer: object) => Node[]} [summary] what stands above the rows
 * @property {(host: Element, key: string, params: object) => Promise<void>} detail draws what was chosen
 */
export class Browse {
  #spec;
  #params = {};
  #items = [];
  #answer = null;
  #asked = 0;
  #drawn = null;

  /** @param {Spec} spec */
  constructor(spec) {
    this.#spec = spec;
    this.summary = element("div", { class: "list-summary" });
    this.list = element("ol", { class: "list", "aria-label": t(spec.label) });
    this.more = element("button", { type: "button", class: "quiet more", text: t("list.more"), hidden: true });
    this.more.addEventListener("click", () => this.#readOn());
    this.state = element("div", { class: "list-state", "aria-live": "polite" });
    this.pane = element("section", { class: "list-pane" }, this.summary, this.list, this.state, this.more);
    this.detail = element("section", { class: "detail-pane", tabindex: "-1", "aria-label": t("detail.pane") });
    this.root = element("div", { class: "browse" }, this.pane, this.detail);
  }

  /** The rows that are shown. */
  get items() {
    return this.#items;
  }

  /** The key of what is chosen, or null. */
  get chosen() {
    return this.#params[this.#spec.chosen] ?? null;
  }

  #filtersOf(params) {
    const { [this.#spec.chosen]: _, ...filters } = params;
    return JSON.stringify(filters);
  }

  /** Show the list that `params` ask for and what they choose; what is shown already stays as it is. */
  async show(params) {
    const same = this.#answer && this.#filtersOf(params) === this.#filtersOf(this.#params);
    this.#params = params;
    this.root.toggleAttribute("data-open", Boolean(this.chosen));
    await Promise.all([same ? this.#mark() : this.reload(), this.#showDetail()]);
  }

  /** Read the list again. */
  async reload() {
    const asked = ++this.#asked;
    this.root.setAttribute("aria-busy", "true");
    this.state.replaceChildren(element("p", { class: "loading", text: t("list.loading") }));
    try {
      const answer = await this.#spec.read(this.#params, null);
      if (asked !== this.#asked) return;
      this.#answer = answer;
      this.#items = answer.items;
      this.#draw();
    } catch (problem) {
      if (problem.status === 401) {
        this.#answer = null;
        throw problem;
      }
      if (asked !== this.#asked) return;
      this.#items = [];
      this.list.replaceChildren();
      this.summary.replaceChildren();
      this.state.replaceChildren(problemBox(problem, () => this.reload()));
    } finally {
      if (asked === this.#asked) this.root.setAttribute("aria-busy", "false");
    }
  }

  async #readOn() {
    const asked = ++this.#asked;
    this.more.disabled = true;
    const first = this.#items.length;
    try {
      const answer = await this.#spec.read(this.#params, this.#answer.after);
      if (asked !== this.#asked) return;
      this.#answer = { ...this.#answer, after: answer.after };
      this.#items = [...this.#items, ...answer.items];
      this.#draw();
      this.list.querySelectorAll("a")[first]?.focus();
    } catch (problem) {
      this.state.replaceChildren(problemBox(problem, () => this.#readOn()));
    } finally {
      this.more.disabled = false;
    }
  }

  #draw() {
    const rows = [];
    let under = null;
    for (const item of this.#items) {
      const group = this.#spec.group?.(item) ?? null;
      if (group !== null && group !== under) rows.push(element("li", { class: "list-group" }, element("h3", { text: group })));
      under = group;
      const href = addressOf(this.#spec.page, { ...this.#params, [this.#spec.chosen]: this.#spec.keyOf(item) });
      rows.push(element("li", { "data-key": this.#spec.keyOf(item) }, element("a", { href }, ...this.#spec.row(item))));
    }
    const focused = this.list.contains(document.activeElement);
    this.list.replaceChildren(...rows);
    this.summary.replaceChildren(...(this.#spec.summary?.(this.#answer) ?? []));
    this.more.hidden = !this.#answer.after;
    this.state.replaceChildren(...(rows.length ? [] : [element("p", { class: "empty", text: t(this.#spec.empty) })]));
    this.#mark();
    if (focused) this.#link()?.focus();
  }

  #link(key = this.chosen) {
    return key ? this.list.querySelector(`[data-key="${CSS.escape(key)}"] a`) : null;
  }

  #mark() {
    for (const link of this.list.querySelectorAll("[aria-current]")) link.removeAttribute("aria-current");
    const link = this.#link();
    link?.setAttribute("aria-current", "true");
    link?.scrollIntoView({ block: "nearest" });
  }

  /** Draw what is chosen again, from the server. */
  async redraw() {
    this.#drawn = null;
    await this.#showDetail();
  }

  async #showDetail() {
    const key = this.chosen;
    if (this.#drawn === key && key !== null) return;
    this.#drawn = key;
    if (key === null) {
      this.detail.replaceChildren(element("p", { class: "empty", text: t("detail.none") }));
      return;
    }
    const body = element("div", { class: "detail-body" }, element("p", { class: "loading", text: t("list.loading") }));
    const back = element("a", {
      class: "back",
      href: addressOf(this.#spec.page, { ...this.#params, [this.#spec.chosen]: null }),
      text: t("detail.back"),
    });
    this.detail.replaceChildren(back, body);
    this.detail.scrollTop = 0;
    try {
      await this.#spec.detail(body, key, this.#params);
    } catch (problem) {
      if (problem.status === 401) throw problem;
      if (this.#drawn === key) body.replaceChildren(problemBox(problem, () => this.redraw()));
    }
  }

  /** Choose the row so many steps on; the first one where nothing is chosen. */
  move(step) {
    const at = this.#items.findIndex((item) => this.#spec.keyOf(item) === this.chosen);
    const next = this.#items[at < 0 ? 0 : Math.min(this.#items.length - 1, Math.max(0, at + step))];
    if (next) go(this.#spec.page, { ...this.#params, [this.#spec.chosen]: this.#spec.keyOf(next) }, { replace: true });
  }

  /** Take a row out that is dealt with, and choose the next one; `change` alters the answer's counts. */
  async settle(key, change = () => {}) {
    const at = this.#items.findIndex((item) => this.#spec.keyOf(item) === key);
    if (at < 0) {
      await this.redraw();
      return;
    }
    const [gone] = this.#items.splice(at, 1);
    change(this.#answer, gone);
    this.#draw();
    if (!this.#items.length && this.#answer.after) await this.reload();
    if (this.chosen !== key) return;
    const next = this.#items[Math.min(at, this.#items.length - 1)];
    const params = { ...this.#params, [this.#spec.chosen]: next ? this.#spec.keyOf(next) : null };
    this.#drawn = null;
    go(this.#spec.page, params, { replace: true });
    if (!next) this.list.closest("main")?.focus();
  }
}
