/** One filing for the office at the desk: where it stands, statement beside the accepted reports, the step to take. */

import { readJson, sendJson } from "../api.js";
import { element } from "../dom.js";
import { pick, t } from "../i18n.js";
import { announce } from "./announcer.js";
import { DraftTable } from "./draft_table.js";
import { estimateBox } from "./estimate.js";
import { Attempts } from "./identifiers.js";
import { heldBox } from "./held.js";
import { moment } from "./moments.js";
import { readCatalogue } from "./packs.js";
import { complain, problemText } from "./problems.js";
import { StatementForm } from "./statement_form.js";
import { button, facts, mark, panel, writing } from "./widgets.js";

const KEYS = { file: "f", endorse: "a", accept: "a", publish: "a", return: "r", recall: "u" };
const FORWARD = ["file", "endorse", "accept", "publish"];
const attempts = new Attempts();

/** Return the reasons of a filing, each once, with what it explains. */
function differencesByReason(differences) {
  const found = new Map();
  for (const one of differences.filter(({ reason }) => reason)) found.set(one.reason, [...(found.get(one.reason) ?? []), pick(one)]);
  return [...found].map(([reason, names]) => `${names.join(t("list.comma"))}：${reason}`);
}

export class FilingView {
  #spec;
  #filing = null;
  #draft = null;
  #catalogue = null;
  #lacks = null;

  constructor(spec) {
    this.#spec = spec;
    this.outcome = element("div", { class: "outcome", "aria-live": "polite" });
    this.writing = element("div", { class: "writing-host" });
    this.acts = element("div", { class: "act-bar" });
  }

  get #path() {
    const { region, indicator, period } = this.#spec;
    return `v1/filings/${region}/${indicator}/${period}`;
  }

  get #isOwn() {
    return this.#spec.grants.some(({ role, region_code: code }) => role === "county" && code === this.#spec.region);
  }

  /** Read the filing and draw it. */
  async show() {
    const { region, indicator, period } = this.#spec;
    const [filing, draft, catalogue, readiness] = await Promise.all([
      readJson(this.#path),
      readJson(`v1/counties/${region}/statements/${indicator}/${period}/draft`),
      readCatalogue(region),
      readJson(`v1/counties/${region}/readiness`, { period }),
    ]);
    this.#filing = filing;
    this.#draft = draft;
    this.#catalogue = catalogue;
    this.#lacks = readiness.indicators.find((one) => one.indicator === indicator);
    this.#draw();
  }

  #draw() {
    const filing = this.#filing;
    const frozen = filing.steps.findLast(({ action }) => action === "file")?.differences ?? [];
    this.table = new DraftTable(this.#draft, this.#catalogue, filing.state === "open" ? [] : frozen);
    const held = heldBox(filing, this.#path, this.#spec.grants, (next) => this.#took(next, t("done.exception")));
    this.#spec.host.replaceChildren(
      this.#head(),
      this.outcome,
      ...[this.#missing()].filter(Boolean),
      this.table.root,
      this.writing,
      ...[estimateBox(this.#spec, this.#isOwn), held].filter(Boolean),
      this.#steps(),
      this.acts,
    );
    this.#drawActs();
  }

  #head() {
    const { region, period, state, returned, holder, moved_at: moved } = this.#filing;
    const marks = [mark(state, t(`filing.${state}`)), ...(returned ? [mark("returned", t("filing.returned"))] : [])];
    return element(
      "header",
      { class: "report-head" },
      element("p", { class: "eyebrow", text: `${region.name} · ${t("control.period.value", { period })}` }),
      element("div", { class: "title-line" }, element("h2", { text: this.#spec.name }), ...marks),
      facts([
        [t("filing.holder"), t(`role.${holder}`)],
        [t("filing.moved"), moment(moved) || t("filing.untouched")],
        [t("filing.reports"), t("filing.reports.count", { count: this.#draft.reports })],
      ]),
    );
  }

  #missing() {
    if (!this.#lacks?.missing.length) return null;
    const items = this.#lacks.missing.map((one) => element("li", { text: problemText(one) }));
    return element("div", { class: "why why-warning" }, element("h3", { text: `⚑ ${t("readiness.missing")}` }), element("ul", {}, ...items));
  }

  #steps() {
    const { steps } = this.#filing;
    const items = [...steps].reverse().map((step) => {
      const said = [
        ...(step.explanation ? [step.explanation] : []),
        ...step.reasons.map(({ field, text }) => (field ? `${this.table.called(field)}：${text}` : text)),
        ...differencesByReason(step.differences),
      ];
      return element(
        "li",
        {},
        element("time", { datetime: step.taken_at, text: moment(step.taken_at) }),
        element("b", { text: t(`filing.act.${step.action}`) }),
        element("span", { text: step.office }),
        mark(step.to_state, t(`filing.${step.to_state}`)),
        ...(said.length ? [element("p", { text: said.join("；") })] : []),
      );
    });
    if (!items.length) return element("p", { class: "hint", text: t("filing.nosteps") });
    return element("details", { class: "history", open: true }, element("summary", { text: t("filing.steps", { count: items.length }) }), element("ol", {}, ...items));
  }

  #drawActs() {
    const acts = this.#filing.actions.map((action) =>
      button(t(`filing.act.${action}`), () => this.start(action), {
        key: KEYS[action],
        kind: FORWARD.includes(action) ? "primary" : "quiet",
      }),
    );
    if (this.#isOwn && this.#filing.state === "open") {
      const word = this.#draft.statement ? "statement.amend" : "statement.create";
      acts.push(button(t(word), () => this.#startStatement()));
    }
    this.acts.replaceChildren(...acts);
    this.acts.hidden = !acts.length;
  }

  /** Take the step that leads on, whichever it is now. */
  startForward() {
    const action = FORWARD.find((one) => this.#filing?.actions.includes(one));
    if (action) this.start(action);
  }

  /** Open what a step asks for. */
  start(action) {
    if (!this.#filing?.actions.includes(action) || this.writing.firstChild) return;
    const parts = [element("p", { class: "hint", text: t(`filing.ask.${action}`) })];
    let read = () => ({});
    if (action === "file") read = this.#askToFile(parts);
    else if (action === "return") read = this.#askToReturn(parts);
    else read = this.#askPlainly(parts);
    this.#write(t(`filing.act.${action}`), parts, () => this.#take(action, read()));
  }

  #askToFile(parts) {
    const reasons = this.table.writeReasons(this.#draft);
    const again = this.#filing.returned;
    const why = writing(t("filing.explanation"), { required: again, max: 2000, hint: again ? t("filing.explanation.again") : t("optional") });
    parts.push(why.holder);
    return () => ({ differences: reasons(), ...(why.area.value.trim() ? { explanation: why.area.value.trim() } : {}) });
  }

  #askToReturn(parts) {
    const reasons = this.table.writeRemarks();
    const whole = writing(t("return.whole"), { required: false, max: 2000, hint: t("return.hint") });
    parts.push(whole.holder);
    return () => {
      const said = reasons();
      if (whole.area.value.trim()) said.push({ field: null, text: whole.area.value.trim() });
      return { reasons: said };
    };
  }

  #askPlainly(parts) {
    const why = writing(t("filing.explanation"), { required: false, max: 2000, hint: t("optional"), rows: 2 });
    parts.push(why.holder);
    return () => (why.area.value.trim() ? { explanation: why.area.value.trim() } : {});
  }

  async #take(action, said) {
    const wish = { at: this.#path, action, seen: this.#filing.state, ...said };
    const { at: _at, action: _action, ...body } = wish;
    try {
      const next = await sendJson(`${this.#path}/${action}`, { step_id: attempts.idFor(wish), ...body });
      attempts.done(wish);
      await this.#took(next, t(`filing.done.${action}`, { region: next.region.name, indicator: this.#spec.name }));
    } catch (problem) {
      if (problem.code !== "filing_moved") throw problem;
      attempts.done(wish);
      this.#close();
      await this.show();
      complain(this.outcome, problem);
      await this.#spec.moved();
    }
  }

  async #took(_next, text) {
    this.#close();
    announce(text);
    await Promise.all([this.show(), this.#spec.moved()]);
  }

  #startStatement() {
    if (this.writing.firstChild) return;
    const { region, indicator, period } = this.#spec;
    const form = new StatementForm({ draft: this.#draft, catalogue: this.#catalogue, region, indicator, period });
    const save = async () => {
      await form.send();
      this.#close();
      announce(t("done.statement"));
      await this.show();
    };
    this.#write(t(this.#draft.statement ? "statement.amend" : "statement.create"), form.parts, save, t("statement.save"));
  }

  #write(heading, parts, send, submit = heading) {
    this.outcome.replaceChildren();
    const form = panel(heading, parts, send, () => this.#leave(), { submit, complain });
    this.writing.replaceChildren(form);
    this.table.hear(form);
    this.acts.hidden = true;
    const first = this.table.root.querySelector("input") ?? form.querySelector("input, textarea, select, button");
    first.focus();
    first.scrollIntoView({ block: "nearest" });
  }

  #close() {
    this.writing.replaceChildren();
    this.table.stopWriting();
    this.acts.hidden = !this.acts.childElementCount;
  }

  #leave() {
    this.#close();
    this.acts.querySelector("button")?.focus();
  }
}
