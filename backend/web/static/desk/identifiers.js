/** Ids that the desk draws: a request that is sent again after a lost answer carries the same one. */

/** Return a new UUIDv7. */
export function newId(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let rest = now;
  for (let k = 5; k >= 0; k -= 1) {
    bytes[k] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/** Return when an id was drawn: a repeat of what it names says the same moment. */
export const momentOf = (id) => new Date(parseInt(id.replaceAll("-", "").slice(0, 12), 16)).toISOString();

/**
 * Draw ids for attempts: `idFor(what)` is the same for the same wish until `done()` says that the server has answered,
 * so that a repeat after a lost answer is known as one.
 */
export class Attempts {
  #ids = new Map();

  idFor(wish) {
    const key = JSON.stringify(wish);
    if (!this.#ids.has(key)) this.#ids.set(key, newId());
    return this.#ids.get(key);
  }

  done(wish) {
    this.#ids.delete(JSON.stringify(wish));
  }
}
