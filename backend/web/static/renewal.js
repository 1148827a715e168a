/** One sign-in in several tabs: a duplicated tab holds the same refresh token, which is good once, so one renews for all. */

const NAME = "qingtian.sign-in";

/** How long a tab waits for another to say that it has renewed the sign-in already. */
const ANSWER_MS = 250;

/** Return what tells the tabs of one sign-in from those of another. */
export function newFamily() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** One after the other in all tabs of the origin; where a page is served without TLS, browsers offer no locks. */
const alone = (work) => (navigator.locks ? navigator.locks.request(NAME, work) : work());

/**
 * The sign-in of this tab, {token, refreshToken, family, at}, and of the tabs that were made from it; `at` is when it
 * was renewed last. `keep(signIn)` is called whenever it changes.
 */
export class SharedSignIn {
  #channel = new BroadcastChannel(NAME);
  #keep;
  current;

  constructor(signIn, keep) {
    this.current = signIn;
    this.#keep = keep;
    this.#channel.addEventListener("message", ({ data }) => this.#hear(data));
  }

  /** Stop listening; the sign-in may go on elsewhere. */
  leave() {
    this.#channel.close();
  }

  /**
   * Take over what another tab has renewed, or renew by `exchange(refreshToken)`, which resolves to
   * {token, refreshToken}. Rejects as `exchange` does.
   */
  renew(exchange) {
    const before = this.current;
    return alone(async () => {
      if (this.current === before) await this.#askOthers();
      if (this.current !== before) return;
      const { token, refreshToken } = await exchange(before.refreshToken);
      this.#take({ ...before, token, refreshToken, at: Math.max(Date.now(), before.at + 1) });
      this.#channel.postMessage({ kind: "renewed", signIn: this.current });
    });
  }

  #askOthers() {
    const { family, at } = this.current;
    this.#channel.postMessage({ kind: "asked", family, at });
    return new Promise((resolve) => {
      const heard = () => this.current.at > at && resolve();
      this.#channel.addEventListener("message", heard);
      setTimeout(() => {
        this.#channel.removeEventListener("message", heard);
        resolve();
      }, ANSWER_MS);
    });
  }

  #hear({ kind, signIn, family, at }) {
    if (kind === "asked" && family === this.current.family && this.current.at > at) {
      this.#channel.postMessage({ kind: "renewed", signIn: this.current });
    }
    if (kind === "renewed" && signIn.family === this.current.family && signIn.at > this.current.at) this.#take(signIn);
  }

  #take(signIn) {
    this.current = signIn;
    this.#keep(signIn);
  }
}
