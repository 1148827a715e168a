/** One report for its reviewer: answers, what changed, why it is worth a look, its photos and history, and the decision. */

import { readJson, sendJson } from "../api.js";
import { element } from "../dom.js";
import { pick, t } from "../i18n.js";
import { announce } from "./announcer.js";
import { AnswerTable } from "./answer_table.js";
import { whatChanged } from "./changed.js";
import { findingList, historyList, warningList } from "./evidence.js";
import { indicatorName } from "./filters.js";
import { rowsOf } from "./forms.js";
import { Attempts } from "./identifiers.js";
import { ago, moment } from "./moments.js";
import { readCatalogue } from "./packs.js";
import { photoStrip } from "./photos.js";
import { ON_MAP, plotMap } from "./plot_map.js";
import { pushChange } from "./pushing.js";
import { complain } from "./problems.js";
import { button, facts, mark, panel, writing } from "./widgets.js";

const DONE = { accept: "accepted", return: "returned" };
const attempts = new Attempts();

export class ReportView {
  #spec;
  #report = null;
  #catalogue = null;
  #busy = false;

  constructor(spec) {
    this.#spec = spec;
    this.outcome = element("div", { class: "outcome", "aria-live": "polite" });
    this.acts = element("div", { class: "act-bar" });
    this.writing = element("div", { class: "writing-host" });
  }

  get #path() {
    return `v1/counties/${this.#spec.ledger.code}/reviews/${this.#spec.recordId}`;
  }

  /** Read the report and draw it. */
  async show() {
    [this.#report, this.#catalogue] = await Promise.all([readJson(this.#path), readCatalogue(this.#spec.ledger.code)]);
    this.#draw();
  }

  #draw() {
    const report = this.#report;
    const form = this.#catalogue.forms[`${report.indicator}.farm`];
    this.table = new AnswerTable(rowsOf(form, report.payload), this.#catalogue, report);
    this.whole = rowsOf(form, report.payload, true);
    const photos = element("section", { class: "photos" });
    const parts = [this.#head(), this.outcome, this.#why(), this.table.root, this.writing, photos, this.#history()];
    this.#spec.host.replaceChildren(...parts.filter(Boolean), this.acts);
    this.#drawActs();
    if (report.payload.attachments?.length) photoStrip(photos, this.#spec.ledger.code, this.#spec.recordId);
  }

  #head() {
    const report = this.#report;
    const { townships, deployment } = this.#spec;
    const place = townships.get(report.township_code) ?? report.township_code;
    const title = element("h2", { text: report.farm_name ?? t("farm.unnamed") });
    const line = [indicatorName(deployment, report.indicator), place, t("control.period.value", { period: report.period })];
    const said = [
      [t("report.waiting"), `${moment(report.waiting_since)}（${ago(report.waiting_since)}）`],
      [t("report.revision"), String(report.revision)],
    ];
    if (report.review) {
      const { office, decided_at: at, decision } = report.review;
      said.push([t("report.last"), `${t(`decision.${decision}`)} · ${office} · ${moment(at)}`]);
    }
    return element(
      "header",
      { class: "report-head" },
      element("p", { class: "eyebrow", text: line.join(" · ") }),
      element("div", { class: "title-line" }, title, mark(report.status, t(`status.${report.status}`))),
      facts(said),
    );
  }

  #why() {
    const { warnings, findings, review, differences } = this.#report;
    const parts = [];
    if (warnings.length) parts.push(warningList(warnings));
    if (findings.length) parts.push(findingList(findings));
    for (const finding of findings.filter(({ code }) => ON_MAP.has(code))) {
      const host = element("div", { class: "plot-map-host" });
      plotMap(host, finding);
      parts.push(host);
    }
    if (review?.reasons.length) {
      const texts = review.reasons.map((one) => element("li", { text: this.#reasonText(one) }));
      parts.push(element("div", { class: "why why-returned" }, element("h3", { text: t("report.reasons") }), element("ul", {}, ...texts)));
    }
    if (differences.length) parts.push(element("p", { class: "hint", text: t("report.differs", { count: differences.length }) }));
    return parts.length ? element("section", { class: "whys", "aria-label": t("report.why") }, ...parts) : null;
  }

  #reasonText({ field, text }) {
    const row = field && this.whole?.find(({ pointer }) => pointer === field);
    return row ? `${row.group ? `${pick(row.group)} · ` : ""}${pick(row.label)}：${text}` : text;
  }

  #history() {
    return historyList(this.#report.history, (reason) => this.#reasonText(reason));
  }

  #drawActs() {
    const { role } = this.#spec.ledger;
    const { status } = this.#report;
    const acts = [];
    if (role === "county" && status === "submitted") acts.push(button(t("act.accept"), () => this.accept(), { key: "a", kind: "primary" }));
    if (role === "township" && status === "submitted") acts.push(button(t("act.precheck"), () => this.precheck(), { key: "p", kind: "primary" }));
    if (status === "submitted" || (role === "county" && status === "accepted")) acts.push(button(t("act.return"), () => this.startReturn(), { key: "r" }));
    if (role === "county" && status !== "withdrawn") acts.push(button(t("act.correct"), () => this.startCorrection(), { key: "e" }));
    this.acts.replaceChildren(...acts);
  }

  #rest(busy) {
    this.#busy = busy;
    for (const each of this.acts.querySelectorAll("button")) each.disabled = busy;
    this.acts.toggleAttribute("data-busy", busy);
    if (busy) this.outcome.replaceChildren(element("p", { class: "loading", text: t("act.busy") }));
  }

  /** Accept the report as it is shown. */
  async accept() {
    if (this.#report?.status === "submitted" && this.#spec.ledger.role === "county") await this.#decideAtOnce("accept");
  }

  /** Say, as a township, that the report was looked at. */
  async precheck() {
    if (this.#report?.status === "submitted" && this.#spec.ledger.role === "township") await this.#decideAtOnce("precheck");
  }

  async #decideAtOnce(decision) {
    if (this.#busy || this.writing.firstChild) return;
    this.#rest(true);
    try {
      await this.#decide(decision, []);
    } catch (problem) {
      complain(this.outcome, problem, () => this.#decideAtOnce(decision));
    } finally {
      this.#rest(false);
    }
  }

  /** Send a decision on the position that is shown; say what became of it only when the server has. */
  async #decide(decision, reasons) {
    const { ledger, recordId } = this.#spec;
    const wish = { record_id: recordId, decision, position: this.#report.position, reasons };
    const body = { county_code: ledger.code, decisions: [{ change_id: attempts.idFor(wish), ...wish }] };
    const { outcomes } = await sendJson("v1/reviews", body);
    attempts.done(wish);
    const [{ outcome, problems }] = outcomes;
    if (outcome === "applied" || outcome === "merged") {
      this.#close();
      announce(t(`done.${decision}`, { name: this.#report.farm_name ?? t("farm.unnamed") }));
      await this.#spec.settled(DONE[decision] ?? this.#report.status);
    } else if (outcome === "conflict") await this.#moved(problems);
    else complain(this.outcome, { zh: t(`outcome.${outcome}`), en: t(`outcome.${outcome}`), problems });
  }

  /** Show what moved since the report was drawn; nothing was decided. */
  async #moved(problems) {
    const before = this.#report;
    this.#close();
    await this.show();
    const box = whatChanged(before, this.#report, this.#catalogue, problems);
    this.outcome.replaceChildren(box);
    box.scrollIntoView({ block: "nearest" });
  }

  #close() {
    this.writing.replaceChildren();
    this.table?.stopWriting();
    this.acts.hidden = false;
  }

  #leave() {
    this.#close();
    this.acts.querySelector("button")?.focus();
  }

  #write(heading, parts, send, submit, focus) {
    this.outcome.replaceChildren();
    this.writing.replaceChildren(panel(heading, parts, send, () => this.#leave(), { submit, complain }));
    this.acts.hidden = true;
    this.table.hear(this.writing.firstChild);
    focus.focus();
    focus.scrollIntoView({ block: "nearest" });
  }

  /** Open the reasons of a return: one of the whole, and one beside each answer. */
  startReturn() {
    const { status } = this.#report ?? {};
    if (this.#busy || this.writing.firstChild || !(status === "submitted" || (status === "accepted" && this.#spec.ledger.role === "county"))) return;
    const fields = this.table.writeReasons();
    const whole = writing(t("return.whole"), { required: false, hint: t("return.hint"), rows: 2 });
    const send = async () => {
      const reasons = fields().map(([field, text]) => ({ field, text }));
      if (whole.area.value.trim()) reasons.push({ field: null, text: whole.area.value.trim() });
      if (!reasons.length) {
        whole.area.focus();
        throw { zh: t("return.missing"), en: t("return.missing") };
      }
      await this.#decide("return", reasons);
    };
    this.#write(t("return.heading"), [whole.holder], send, t("return.send"), this.table.firstInput() ?? whole.area);
  }

  /** Open the county's own correction of the report, with its reason. */
  startCorrection() {
    if (this.#busy || this.writing.firstChild || this.#spec.ledger.role !== "county" || this.#report?.status === "withdrawn") return;
    const changed = this.table.writeValues();
    const why = writing(t("correct.reason"), { hint: t("correct.hint"), rows: 2 });
    const send = async () => {
      const set = changed();
      if (!Object.keys(set).length) throw { zh: t("correct.nothing"), en: t("correct.nothing") };
      await this.#correct(set, why.area.value.trim());
    };
    this.#write(t("correct.heading"), [why.holder], send, t("correct.send"), this.table.firstInput() ?? why.area);
  }

  async #correct(set, reason) {
    const { ledger, recordId } = this.#spec;
    const base = this.#report.history.findLast(({ action }) => action === "create" || action === "amend").change_id;
    const wish = { county_code: ledger.code, record_id: recordId, kind: "report", action: "amend", base_change_id: base, set, reason };
    const { outcome, problems, conflicts } = await pushChange(attempts.idFor(wish), wish, this.#catalogue.schema_version);
    attempts.done(wish);
    if (outcome !== "applied" && outcome !== "merged") {
      const fields = (conflicts ?? []).map((one) => ({ zh: this.#reasonText({ field: one.field, text: String(one.current) }) }));
      throw { zh: t(`outcome.${outcome}`), en: t(`outcome.${outcome}`), problems: [...problems, ...fields] };
    }
    this.#close();
    announce(t("done.correct"));
    await this.show();
    this.acts.querySelector("button")?.focus();
  }
}

