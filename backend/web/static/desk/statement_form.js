/** The county's statement to fill in: what follows from the accepted reports stands in it already. */

import { element } from "../dom.js";
import { pick, t } from "../i18n.js";
import { inputOf } from "./answer_table.js";
import { rowsOf, valueOf } from "./forms.js";
import { Attempts } from "./identifiers.js";
import { unitName } from "./packs.js";
import { pushChange } from "./pushing.js";
import { writing } from "./widgets.js";

const attempts = new Attempts();

const unescape = (token) => token.replaceAll("~1", "/").replaceAll("~0", "~");

function put(target, pointer, value) {
  const tokens = pointer.split("/").slice(1).map(unescape);
  let here = target;
  for (const token of tokens.slice(0, -1)) here = here[token] ??= {};
  here[tokens.at(-1)] = value;
}

function merged(draft) {
  const both = structuredClone(draft.payload);
  for (const [name, value] of Object.entries(draft.statement ?? {})) {
    const nested = value && typeof value === "object" && !Array.isArray(value);
    both[name] = nested ? { ...both[name], ...value } : value;
  }
  return both;
}

export class StatementForm {
  #spec;
  #rows;
  #inputs = new Map();

  constructor(spec) {
    this.#spec = spec;
    const { draft, catalogue, indicator } = spec;
    this.#rows = rowsOf(catalogue.forms[`${indicator}.county`], merged(draft), true);
    this.parts = [element("p", { class: "hint", text: t("statement.hint") }), this.#fields()];
    if (draft.statement) {
      this.why = writing(t("statement.reason"), { required: false, rows: 2, hint: t("optional") });
      this.parts.push(this.why.holder);
    }
  }

  #fields() {
    const grid = element("div", { class: "field-grid" });
    let group = null;
    for (const row of this.#rows) {
      const called = row.group ? pick(row.group) : null;
      if (called && called !== group) grid.append(element("h4", { text: called }));
      group = called;
      const input = inputOf(row, null);
      const unit = unitName(this.#spec.catalogue, row.unit);
      const label = element("label", { class: "writing" }, element("span", { text: unit ? `${pick(row.label)}（${unit}）` : pick(row.label) }), input);
      if (row.hint) label.append(element("small", { text: pick(row.hint) }));
      this.#inputs.set(row.pointer, input);
      grid.append(label);
    }
    return grid;
  }

  #values() {
    return this.#rows.map((row) => [row, valueOf(row, this.#inputs.get(row.pointer).value)]);
  }

  /** Hand the statement in, or amend the one that is there. Throws what the server refused. */
  async send() {
    const { draft, catalogue, region } = this.#spec;
    const change = { county_code: region, record_id: draft.statement_id, kind: "report" };
    const wish = { ...change, ...(draft.statement ? this.#amendment() : this.#creation()) };
    const { outcome, problems } = await pushChange(attempts.idFor(wish), wish, catalogue.schema_version);
    attempts.done(wish);
    if (outcome !== "applied" && outcome !== "merged") throw { zh: t(`outcome.${outcome}`), en: t(`outcome.${outcome}`), problems };
  }

  #creation() {
    const { indicator, period } = this.#spec;
    const payload = { indicator, level: "county", period };
    for (const [row, value] of this.#values()) if (value !== null && value !== false) put(payload, row.pointer, value);
    return { action: "create", payload };
  }

  #amendment() {
    const { draft } = this.#spec;
    const stated = new Map(rowsOf(this.#spec.catalogue.forms[`${this.#spec.indicator}.county`], draft.statement, true).map((row) => [row.pointer, row.value]));
    const same = (a, b) => String(a ?? "") === String(b ?? "") || (a === false && (b ?? null) === null);
    const set = Object.fromEntries(this.#values().filter(([row, value]) => !same(value, stated.get(row.pointer))).map(([row, value]) => [row.pointer, value]));
    if (!Object.keys(set).length) throw { zh: t("correct.nothing"), en: t("correct.nothing") };
    const reason = this.why.area.value.trim();
    return { action: "amend", base_change_id: draft.statement_change_id, set, ...(reason ? { reason } : {}) };
  }
}
