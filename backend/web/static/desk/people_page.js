/** 人员: accounts and what they may do, their phones, and what was done to them. */

import { readJson, sendJson } from "../api.js";
import { element } from "../dom.js";
import { pick, t } from "../i18n.js";
import { announce } from "./announcer.js";
import { go } from "./address.js";
import { openAudit } from "./audit.js";
import { Browse } from "./browse.js";
import { openEnrolment } from "./enrolment.js";
import { grantForm, readGrant } from "./grant_form.js";
import { pageHead } from "./filters.js";
import { moment } from "./moments.js";
import { holds } from "./offices.js";
import { openPhones } from "./phones.js";
import { complain } from "./problems.js";
import { button, facts, line, mark, openDialog, panel } from "./widgets.js";

/** Who reports by phone; a township's nine digits begin with its county's six. */
const FIELD = ["worker", "township"];

export class PeoplePage {
  static serves(grants) {
    return holds(grants, "admin", "county", "township");
  }

  #deployment;
  #grants;
  #self;

  constructor({ reader, deployment }) {
    this.#deployment = deployment;
    this.#grants = reader.account.grants;
    this.#self = reader.account.username;
    const county = this.#grants.find(({ role }) => role === "county");
    const acts = [
      ...(this.#administers ? [button(t("people.new"), () => this.#startNew(), { key: "n", kind: "primary" })] : []),
      ...(county ? [button(t("phones.show"), () => openPhones([county.region_code]))] : []),
      button(t("audit.show"), () => openAudit()),
    ];
    const { head, filters } = pageHead(t("page.people"), element("div", { class: "page-acts" }, ...acts));
    filters.remove();
    this.browse = new Browse({
      page: "people",
      chosen: "account",
      label: "people.list",
      empty: "people.empty",
      read: (_params, after) => this.#read(after),
      keyOf: (account) => account.id,
      row: (account) => this.#row(account),
      detail: (host, key) => this.#detail(host, key),
    });
    this.root = element("div", { class: "page page-people" }, head, this.browse.root);
  }

  get #administers() {
    return holds(this.#grants, "admin", "county");
  }

  async show(params) {
    await this.browse.show(params);
  }

  async #read(after) {
    const page = await readJson("v1/accounts", { after, limit: 100 });
    return { ...page, items: page.accounts };
  }

  #row(account) {
    const head = element("span", { class: "row-head" }, element("b", { text: account.display_name }));
    if (account.disabled) head.append(mark("disabled", t("people.disabled")));
    const said = account.grants.map((one) => `${t(`role.${one.role}`)} · ${one.region_name}`).join("；");
    return [head, element("span", { class: "row-facts", text: said || t("people.nogrants") }), element("span", { class: "row-side", text: account.username })];
  }

  async #detail(host, key) {
    let account = this.browse.items.find(({ id }) => id === key);
    for (let after = ""; !account; ) {
      const page = await readJson("v1/accounts", { after, limit: 200 });
      account = page.accounts.find(({ id }) => id === key);
      after = page.after;
      if (!after) break;
    }
    if (!account) throw { zh: t("people.unknown"), en: t("people.unknown") };
    this.#draw(host, account);
  }

  #draw(host, account) {
    const outcome = element("div", { class: "outcome", "aria-live": "polite" });
    const writing = element("div", { class: "writing-host" });
    const own = account.username === this.#self;
    const act = (path, body, said) => async (pressed) => {
      pressed.disabled = true;
      outcome.replaceChildren();
      try {
        const next = await sendJson(`v1/accounts/${account.id}/${path}`, body);
        announce(said);
        this.#draw(host, next);
        await this.browse.reload();
      } catch (problem) {
        complain(outcome, problem);
        pressed.disabled = false;
      }
    };
    const acts = element("div", { class: "act-bar" }, button(t("enrol.draw"), () => openEnrolment(account), { kind: "primary" }));
    const counties = [...new Set(account.grants.filter(({ role }) => FIELD.includes(role)).map((one) => one.region_code.slice(0, 6)))];
    if (this.#administers) {
      if (counties.length) acts.append(button(t("phones.show"), () => openPhones(counties, account)));
      acts.append(button(t("grant.add"), () => this.#startGrant(host, writing, account)));
      if (!own) acts.append(button(t("password.reset"), () => this.#resetPassword(outcome, account)));
      if (!own) acts.append(button(t(account.disabled ? "people.enable" : "people.disable"), act(account.disabled ? "enable" : "disable", {}, t(account.disabled ? "people.enabled" : "people.disabled.done"))));
    }
    host.replaceChildren(
      element(
        "header",
        { class: "report-head" },
        element("p", { class: "eyebrow", text: account.username }),
        element("div", { class: "title-line" }, element("h2", { text: account.display_name }), ...(account.disabled ? [mark("disabled", t("people.disabled"))] : [])),
        facts([[t("people.created"), moment(account.created_at)], [t("people.password"), t(account.has_password ? "answer.yes" : "people.phone.only")]]),
      ),
      outcome,
      this.#grantTable(account, act),
      writing,
      acts,
    );
  }

  #indicators(codes) {
    if (codes === null) return t("filter.all.indicators");
    return codes.map((code) => pick(this.#deployment.indicators.find((one) => one.code === code))).join("、");
  }

  #grantTable(account, act) {
    const rows = account.grants.map((grant) => {
      const asked = { role: grant.role, region_code: grant.region_code, basin_code: grant.basin_code };
      const remove = this.#administers ? button(t("grant.remove"), act("grants/remove", asked, t("grant.removed"))) : "";
      if (remove) remove.setAttribute("aria-label", `${t("grant.remove")}：${t(`role.${grant.role}`)} ${grant.region_name}`);
      return element(
        "tr",
        {},
        element("th", { scope: "row", text: t(`role.${grant.role}`) }),
        element("td", { text: `${grant.region_name} ${grant.region_code}` }),
        element("td", { class: "wraps", text: this.#indicators(grant.indicators) }),
        element("td", {}, remove),
      );
    });
    const head = ["grant.role", "grant.region", "filter.indicator"].map((key) => element("th", { scope: "col", text: t(key) }));
    const blank = element("th", { scope: "col" }, element("span", { class: "unseen", text: t("grant.act") }));
    return element("div", { class: "answers" }, element("table", {}, element("caption", { text: t("grant.caption") }), element("thead", {}, element("tr", {}, ...head, blank)), element("tbody", {}, ...rows)));
  }

  #startGrant(host, writing, account) {
    if (writing.firstChild) return;
    const form = grantForm(this.#grants, this.#deployment);
    const send = async () => {
      const next = await sendJson(`v1/accounts/${account.id}/grants`, readGrant(form));
      announce(t("grant.added"));
      this.#draw(host, next);
      await this.browse.reload();
    };
    writing.replaceChildren(panel(t("grant.add"), form.parts, send, () => writing.replaceChildren(), { submit: t("grant.add"), complain }));
    writing.querySelector("select").focus();
  }

  #resetPassword(outcome, account) {
    const host = element("div", {});
    const send = async () => {
      const { password } = await sendJson(`v1/accounts/${account.id}/password`);
      host.replaceChildren(element("p", { class: "hint", text: t("password.once") }), element("output", { class: "secret", text: password }));
      announce(t("password.done"));
    };
    const dialog = openDialog(t("password.reset"), host);
    const ask = element("p", { text: t("password.ask", { name: account.display_name }) });
    host.append(panel(account.username, [ask], send, () => dialog.close(), { submit: t("password.reset"), complain }));
    host.querySelector("[type=submit]").focus();
    outcome.replaceChildren();
  }

  #startNew() {
    const name = line(t("people.display"), { required: true, maxlength: 100 });
    const username = line(t("session.username"), { required: true, maxlength: 64, autocapitalize: "none", spellcheck: "false" });
    const password = line(t("people.password.first"), { type: "password", autocomplete: "new-password" });
    const grant = grantForm(this.#grants, this.#deployment);
    const host = element("div", {});
    const dialog = openDialog(t("people.new"), host);
    const send = async () => {
      const body = { username: username.input.value.trim(), display_name: name.input.value.trim(), grants: [readGrant(grant)] };
      if (password.input.value) body.password = password.input.value;
      const account = await sendJson("v1/accounts", body);
      dialog.close();
      announce(t("people.created.done", { name: account.display_name }));
      await this.browse.reload();
      go("people", { account: account.id });
    };
    const hint = element("p", { class: "hint", text: t("people.new.hint") });
    host.append(panel(t("people.new.heading"), [hint, name.holder, username.holder, password.holder, ...grant.parts], send, () => dialog.close(), { submit: t("people.new"), complain }));
    name.input.focus();
  }

  keys() {
    return {
      j: () => this.browse.move(1),
      k: () => this.browse.move(-1),
      ArrowDown: () => this.browse.move(1),
      ArrowUp: () => this.browse.move(-1),
      ...(this.#administers ? { n: () => this.#startNew() } : {}),
    };
  }

  help() {
    return [["j ↓", t("help.next")], ["k ↑", t("help.previous")], ...(this.#administers ? [["n", t("people.new")]] : [])];
  }
}
