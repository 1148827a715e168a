/** Who is looking: sign-in, its expiry, and in a demo the reader to look as. */

import { collectSignIn, endSignIn, providerSignInUrl, readAccount, signIn, useSignIn } from "./api.js";
import { element } from "./dom.js";
import { pick, regionName, t } from "./i18n.js";
import { NATION } from "./place.js";
import { newFamily } from "./renewal.js";

const STORE = "qingtian.session";

/** What the address says of a browser that the identity provider has sent home. */
const SENT_HOME = "?signed-in";

/** The roles that read figures, the widest first. */
const READERS = ["ministry", "admin", "province", "prefecture", "county"];

/** Return the grant to read by {role, region_code, region_name, region_level}: the widest one, or the first of all. */
function widest(grants) {
  const rank = ({ role }) => READERS.indexOf(role) + 1 || READERS.length + 1;
  return [...grants].sort((a, b) => rank(a) - rank(b))[0] ?? null;
}

/**
 * The session of the page. `changed()` is heard after every sign-in and sign-out; `reader` is then
 * {account, grant, reads, home}, or null.
 */
export class Session {
  #deployment;
  #dialog;
  #changed;
  #username = null;
  /** The button to the identity provider, where the deployment has one. */
  #provider = null;
  reader = null;

  constructor(deployment, dialog, changed) {
    this.#deployment = deployment;
    this.#dialog = dialog;
    this.#changed = changed;
    dialog.querySelector("form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit(new FormData(event.target));
    });
    if (deployment.identity_provider) this.#offerProvider();
    dialog.addEventListener("cancel", (event) => event.preventDefault());
  }

  /** Accounts to look as; none outside a demo. */
  get demoAccounts() {
    return (this.#deployment.demo && this.#deployment.demo_accounts) || [];
  }

  /** Go on as before, or as the ministry in a demo, or ask. */
  async start() {
    if (location.search === SENT_HOME) {
      await this.#comeHome();
      return;
    }
    const stored = JSON.parse(sessionStorage.getItem(STORE) ?? "null");
    if (stored) {
      try {
        await this.#enter({ family: newFamily(), at: 0, ...stored });
        return;
      } catch (problem) {
        if (problem.status !== 401) throw problem;
      }
    }
    await this.renew(false);
  }

  /** Sign in again after a 401: silently in a demo, by the dialog elsewhere. */
  async renew(expired = true) {
    const account =
      this.demoAccounts.find((each) => each.username === this.#username) ??
      this.demoAccounts.find((each) => each.role === "ministry") ??
      this.demoAccounts[0];
    if (account) await this.lookAs(account.username);
    else this.#ask(expired);
  }

  /** Look as a demo account. */
  async lookAs(username) {
    const account = this.demoAccounts.find((each) => each.username === username);
    await this.#signIn(account.username, account.password);
  }

  /** Forget the sign-in and ask for another. */
  signOut() {
    sessionStorage.removeItem(STORE);
    endSignIn();
    useSignIn(null);
    this.reader = null;
    this.#username = null;
    this.#changed();
    this.#ask(false);
  }

  /** Draw who is looking: a choice of readers in a demo, the account and a way out elsewhere. */
  draw(host) {
    if (!this.reader) return host.replaceChildren();
    return this.demoAccounts.length ? this.#drawChoice(host) : this.#drawAccount(host);
  }

  #drawChoice(host) {
    const select = element("select", { id: "reader" });
    for (const account of this.demoAccounts) {
      const region = regionName({ code: account.region_code, name: account.region_name });
      const text = t("session.account", { role: t(`role.${account.role}`), region });
      select.append(
        element("option", { value: account.username, text, selected: account.username === this.#username }),
      );
    }
    select.addEventListener("change", () => this.lookAs(select.value).catch((problem) => this.#ask(false, problem)));
    const focused = document.activeElement?.id === "reader";
    host.replaceChildren(element("label", { for: "reader", text: t("demo.viewer") }), select);
    if (focused) select.focus();
  }

  #drawAccount(host) {
    const { account, grant } = this.reader;
    const region = grant ? regionName({ code: grant.region_code, name: grant.region_name }) : "";
    const role = grant ? t(`role.${grant.role}`) : "";
    const out = element("button", { type: "button", class: "quiet", text: t("session.out") });
    out.addEventListener("click", () => this.signOut());
    host.replaceChildren(
      element("span", {
        class: "account",
        title: t("session.account", { role, region }),
        text: account.display_name || account.username,
      }),
      out,
    );
  }

  async #submit(form) {
    const button = this.#dialog.querySelector("[type=submit]");
    button.disabled = true;
    button.textContent = t("session.busy");
    try {
      await this.#signIn(form.get("username").trim(), form.get("password"));
      this.#dialog.close();
      this.#dialog.querySelector("form").reset();
    } catch (problem) {
      this.#complain(problem);
    } finally {
      button.disabled = false;
      button.textContent = t("session.submit");
    }
  }

  async #signIn(username, password) {
    await this.#begin(await signIn(username, password));
  }

  /** Enter with a token answer that has just been given. */
  async #begin({ access_token: token, refresh_token: refreshToken, username }) {
    const begun = { token, refreshToken, username, family: newFamily(), at: Date.now() };
    this.#keep(begun);
    await this.#enter(begun);
  }

  #keep(signIn) {
    sessionStorage.setItem(STORE, JSON.stringify(signIn));
  }

  #offerProvider() {
    this.#provider = element("button", { type: "button", class: "quiet", id: "session-provider" });
    this.#provider.addEventListener("click", () => location.assign(providerSignInUrl()));
    this.#dialog.querySelector("[type=submit]").after(this.#provider);
  }

  /** Collect what the identity provider has sent the browser home with, or say why it is nothing. */
  async #comeHome() {
    history.replaceState(null, "", location.pathname + location.hash);
    try {
      await this.#begin(await collectSignIn());
    } catch (problem) {
      this.#ask(false, problem);
    }
  }

  async #enter(begun) {
    useSignIn(begun, (signIn) => this.#keep(signIn));
    const { username } = begun;
    const account = await readAccount();
    const grant = widest(account.grants);
    const reads = Boolean(grant) && READERS.includes(grant.role);
    this.#username = username;
    this.reader = { account, grant, reads, home: reads ? grant.region_code : NATION };
    this.#changed();
  }

  #ask(expired, problem = null) {
    this.#dialog.querySelector(".session-reason").textContent = t(expired ? "session.expired" : "session.welcome");
    if (this.#provider) {
      this.#provider.textContent = t("session.provider", { name: this.#deployment.identity_provider });
    }
    this.#complain(problem);
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  #complain(problem) {
    const alert = this.#dialog.querySelector("[role=alert]");
    alert.textContent = problem ? pick({ zh: problem.zh ?? String(problem), en: problem.en ?? String(problem) }) : "";
    if (problem) this.#dialog.querySelector("[name=password]").select();
  }
}
