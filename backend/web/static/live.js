/** Keeps the figures current: asks often while they change, rarely when they rest, never while nobody looks. */

const BUSY_MS = 4000;
const REST_MS = 60000;

/**
 * Call `refresh` (which resolves to whether anything changed) again and again until `stop`.
 * `heard(state)` is told "on", "paused" or "offline" when that changes.
 */
export class Live {
  #refresh;
  #heard;
  #wait = BUSY_MS;
  #timer = null;
  #running = false;

  constructor(refresh, heard) {
    this.#refresh = refresh;
    this.#heard = heard;
    document.addEventListener("visibilitychange", () => (document.hidden ? this.#pause() : this.#resume()));
    addEventListener("online", () => this.#resume());
  }

  /** Start, or start over with the short interval. */
  start() {
    this.#running = true;
    this.#wait = BUSY_MS;
    this.#heard("on");
    this.#schedule();
  }

  /** Stop until the next `start`. */
  stop() {
    this.#running = false;
    clearTimeout(this.#timer);
  }

  #schedule() {
    clearTimeout(this.#timer);
    if (this.#running && !document.hidden) this.#timer = setTimeout(() => this.#tick(), this.#wait);
  }

  async #tick() {
    try {
      const changed = await this.#refresh();
      this.#wait = changed ? BUSY_MS : Math.min(REST_MS, this.#wait * 1.5);
      this.#heard("on");
    } catch (problem) {
      this.#wait = Math.min(REST_MS, this.#wait * 2);
      if (problem.status === 0 || problem.status >= 500) this.#heard("offline");
    }
    this.#schedule();
  }

  #pause() {
    clearTimeout(this.#timer);
    if (this.#running) this.#heard("paused");
  }

  #resume() {
    if (!this.#running || document.hidden) return;
    this.#wait = BUSY_MS;
    this.#tick();
  }
}
