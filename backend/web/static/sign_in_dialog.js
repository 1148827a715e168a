/** The dialog to sign in by, the same on every page: built once, written anew in another language. */

import { element } from "./dom.js";
import { pick, t, writeTexts } from "./i18n.js";

/**
 * The dialog. `leavable`: whoever does not want to sign in may close it; `provider`: what the identity provider is
 * called, or null. `submit(username, password)` signs in or rejects with a problem; `left()` hears that it was closed.
 */
export class SignInDialog {
  #dialog;
  #form;
  #alert = element("p", { role: "alert", class: "session-alert" });
  #reason = element("p", { class: "session-reason" });
  #submit = element("button", { type: "submit", class: "primary", "data-text": "session.submit" });
  #provider;
  #buttons = [];
  #expired = false;
  #on;

  constructor({ provider, leavable, ...on }) {
    this.#on = on;
    this.#provider = provider;
    this.#form = element(
      "form",
      { method: "dialog" },
      element("h2", { id: "session-heading", "data-text": "session.heading" }),
      this.#reason,
      labelled("session.username", { name: "username", autocomplete: "username", autocapitalize: "none", spellcheck: "false" }),
      labelled("session.password", { name: "password", type: "password", autocomplete: "current-password" }),
      this.#alert,
      this.#submit,
    );
    if (provider) this.#offer("session-provider", on.goToProvider);
    if (leavable) this.#offer("session-leave", () => this.#leave());
    this.#dialog = element("dialog", { id: "session", "aria-labelledby": "session-heading" }, this.#form);
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send(new FormData(this.#form));
    });
    this.#dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      if (leavable) this.#leave();
    });
    document.body.append(this.#dialog);
    this.relabel();
  }

  /** Ask who is looking, and why: the sign-in is over (`expired`), or what came of the last try (`problem`). */
  ask({ expired = false, problem = null }) {
    this.#expired = expired;
    this.relabel();
    this.#complain(problem);
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  /** Write it in the language in use. */
  relabel() {
    writeTexts(this.#dialog);
    this.#reason.textContent = t(this.#expired ? "session.expired" : "session.welcome");
    for (const button of this.#buttons) {
      const key = button.id === "session-provider" ? "session.provider" : "session.leave";
      button.textContent = t(key, { name: this.#provider });
    }
  }

  #offer(id, act) {
    const button = element("button", { type: "button", class: "quiet", id });
    button.addEventListener("click", act);
    this.#buttons.push(button);
    this.#form.append(button);
  }

  #leave() {
    this.#dialog.close();
    this.#on.left();
  }

  async #send(form) {
    this.#submit.disabled = true;
    this.#submit.textContent = t("session.busy");
    try {
      await this.#on.submit(form.get("username").trim(), form.get("password"));
      this.#dialog.close();
      this.#form.reset();
    } catch (problem) {
      this.#complain(problem);
    } finally {
      this.#submit.disabled = false;
      this.#submit.textContent = t("session.submit");
    }
  }

  #complain(problem) {
    this.#alert.textContent = problem
      ? pick({ zh: problem.zh ?? String(problem), en: problem.en ?? String(problem) })
      : "";
    if (problem) this.#form.elements.password.select();
  }
}

function labelled(text, attributes) {
  return element("label", {}, element("span", { "data-text": text }), element("input", { required: true, ...attributes }));
}
