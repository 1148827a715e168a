/** The address of the desk: every state has one, so that it can be sent, kept and gone back to. */

/** Return {page, params} of an address such as `#review?county=430623&record=…`. */
export function readAddress(hash = location.hash) {
  const [page, query = ""] = hash.replace(/^#\/?/, "").split("?");
  return { page, params: Object.fromEntries(new URLSearchParams(query)) };
}

/** Return the address of a page with `params`; what says nothing is left out. */
export function addressOf(page, params = {}) {
  const said = Object.entries(params).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const query = new URLSearchParams(said).toString();
  return query ? `#${page}?${query}` : `#${page}`;
}

/** Go to an address; with `replace` without a step in the browser's history. */
export function go(page, params, { replace = false } = {}) {
  const address = addressOf(page, params);
  if (address === location.hash) return;
  if (!replace) location.hash = address;
  else {
    history.replaceState(null, "", address);
    window.dispatchEvent(new HashChangeEvent("hashchange"));
  }
}
