/** Who is looking: sign-in, its expiry, and in a demo the reader to look as. */

import { collectSignIn, endSignIn, providerSignInUrl, readAccount, signIn, useSignIn } from "./api.js";
import { element } from "./dom.js";
import { regionName, t } from "./i18n.js";
import { NATION } from "./place.js";
import { newFamily } from "./renewal.js";
import { SignInDialog } from "./sign_in_dialog.js";

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

/** Whoever has not signed in, where the deployment shows published figures to everybody. */
const GUEST = { account: null, grant: null, reads: true, home: NATION, guest: true };

/** What the choice of readers in a demo calls somebody who has not signed in. */
const NOBODY = "";

/**
 * The session of the page. `changed()` is heard after every sign-in and sign-out; `reader` is then
 * {account, grant, reads, home, guest}, or null. `guests`: this page has something for who has not signed in.
 */
export class Session {
  #deployment;
  #dialog;
  #changed;
  #guests;
  #username = null;
  reader = null;

  constructor(deployment, changed, { guests = false } = {}) {
    this.#deployment = deployment;
    this.#changed = changed;
    this.#guests = guests && Boolean(deployment.public_view);
    this.#dialog = new SignInDialog({
      provider: deployment.identity_provider,
      leavable: this.#guests,
      submit: (username, password) => this.#signIn(username, password),
      goToProvider: () => location.assign(providerSignInUrl()),
      left: () => this.reader?.guest || this.#lookAsGuest(),
    });
  }

  /** Accounts to look as; none outside a demo. */
  get demoAccounts() {
    return (this.#deployment.demo && this.#deployment.demo_accounts) || [];
  }

  /** Go on as before, or as the ministry in a demo, or without an account where that shows something, or ask. */
  async start() {
    if (location.search === SENT_HOME) return this.#comeHome();
    const stored = JSON.parse(sessionStorage.getItem(STORE) ?? "null");
    if (stored?.guest && this.#guests) return this.#lookAsGuest();
    if (stored?.token) {
      try {
        return await this.#enter({ family: newFamily(), at: 0, ...stored });
      } catch (problem) {
        if (problem.status !== 401) throw problem;
      }
    }
    return this.#guests && !this.demoAccounts.length ? this.#lookAsGuest() : this.renew(false);
  }

  /** Sign in again after a 401: silently in a demo, by the dialog elsewhere. */
  async renew(expired = true) {
    const account =
      this.demoAccounts.find((each) => each.username === this.#username) ??
      this.demoAccounts.find((each) => each.role === "ministry") ??
      this.demoAccounts[0];
    if (account) await this.lookAs(account.username);
    else this.#dialog.ask({ expired });
  }

  /** Ask who is looking. */
  ask() {
    this.#dialog.ask({});
  }

  /** Look as a demo account. */
  async lookAs(username) {
    const account = this.demoAccounts.find((each) => each.username === username);
    await this.#signIn(account.username, account.password);
  }

  /** Forget the sign-in; what is shown without one is shown, elsewhere another is asked for. */
  signOut() {
    endSignIn();
    if (this.#guests) return this.#lookAsGuest();
    this.#forget();
    this.#changed();
    return this.#dialog.ask({});
  }

  #lookAsGuest() {
    this.#forget();
    sessionStorage.setItem(STORE, JSON.stringify({ guest: true }));
    this.reader = GUEST;
    this.#changed();
  }

  #forget() {
    sessionStorage.removeItem(STORE);
    useSignIn(null);
    this.reader = null;
    this.#username = null;
  }

  /** Draw who is looking: a choice of readers in a demo, the account and a way out elsewhere, a way in for a guest. */
  draw(host) {
    this.#dialog.relabel();
    if (!this.reader) return host.replaceChildren();
    if (this.demoAccounts.length) return this.#drawChoice(host);
    return this.reader.guest ? this.#drawWayIn(host) : this.#drawAccount(host);
  }

  #drawWayIn(host) {
    const button = element("button", { type: "button", class: "quiet sign-in", text: t("session.heading") });
    button.addEventListener("click", () => this.ask());
    host.replaceChildren(button);
  }

  #drawChoice(host) {
    const select = element("select", { id: "reader" });
    if (this.#guests) {
      select.append(element("option", { value: NOBODY, text: t("session.guest"), selected: this.reader.guest }));
    }
    for (const account of this.demoAccounts) {
      const region = regionName({ code: account.region_code, name: account.region_name });
      const text = t("session.account", { role: t(`role.${account.role}`), region });
      select.append(
        element("option", { value: account.username, text, selected: account.username === this.#username }),
      );
    }
    select.addEventListener("change", () => {
      if (select.value === NOBODY) this.signOut();
      else this.lookAs(select.value).catch((problem) => this.#dialog.ask({ problem }));
    });
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

  /** Collect what the identity provider has sent the browser home with, or say why it is nothing. */
  async #comeHome() {
    history.replaceState(null, "", location.pathname + location.hash);
    try {
      await this.#begin(await collectSignIn());
    } catch (problem) {
      this.#dialog.ask({ problem });
    }
  }

  async #enter(begun) {
    useSignIn(begun, (signIn) => this.#keep(signIn));
    const { username } = begun;
    const account = await readAccount();
    const grant = widest(account.grants);
    const reads = Boolean(grant) && READERS.includes(grant.role);
    this.#username = username;
    this.reader = { account, grant, reads, home: reads ? grant.region_code : NATION, guest: false };
    this.#changed();
  }
}
