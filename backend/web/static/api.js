/** Everything the page asks of the server: sign-in, figures with their ETags, map layers, problems. */

import { SharedSignIn } from "./renewal.js";
import { TEXTS } from "./texts.js";

/** Where the service answers: above the folder of this file, whichever page it is read by. */
const ROOT = new URL("../", import.meta.url);
const url = (path) => new URL(path, ROOT);

/** A refused or failed request, with texts in both languages. */
export class ApiProblem extends Error {
  constructor({ status, code, zh, en, problems = [] }) {
    super(en);
    Object.assign(this, { status, code, zh, en, problems });
  }
}

let shared = null;
let renewing = null;
let reader = 0;
const remembered = new Map();
const layers = new Map();

/**
 * Send with this sign-in from now on (null: none) and forget the answers given to another reader.
 *
 * @param signIn {token, refreshToken, family, at}
 * @param keep called with the sign-in whenever it was renewed, here or in another tab
 */
export function useSignIn(signIn, keep = () => {}) {
  shared?.leave();
  shared = signIn ? new SharedSignIn(signIn, keep) : null;
  reader += 1;
  remembered.clear();
}

/** Renew the sign-in, once for all requests that find it over; whether there is a new one. */
function renewed() {
  renewing ??= renewSignIn().finally(() => {
    renewing = null;
  });
  return renewing;
}

async function renewSignIn() {
  const used = shared;
  if (!used) return false;
  try {
    await used.renew(async (refreshToken) => {
      const answer = await askForToken({ grant_type: "refresh_token", refresh_token: refreshToken });
      return { token: answer.access_token, refreshToken: answer.refresh_token };
    });
  } catch (problem) {
    if (problem.status === 401 && shared === used) useSignIn(null);
    return false;
  }
  return shared === used;
}

/** Send as the signed-in reader; a sign-in that is over is renewed once. */
async function signed(path, headers, options = {}) {
  const sent = shared?.current;
  const withToken = () => {
    const token = shared?.current.token;
    return { ...options, headers: token ? { ...headers, Authorization: `Bearer ${token}` } : headers };
  };
  try {
    return await send(path, withToken());
  } catch (problem) {
    // Another request, or another tab, may have renewed it meanwhile.
    const isNew = shared && sent !== shared.current;
    if (problem.status !== 401 || !(isNew || (await renewed()))) throw problem;
    return send(path, withToken());
  }
}

/** Return the headers by which whatever else reads for the signed-in reader says so, such as the tiles of plots. */
export const authorisation = () => (shared ? { Authorization: `Bearer ${shared.current.token}` } : {});

async function problemOf(response) {
  const body = await response.json().catch(() => ({}));
  const [zh, en] = TEXTS["error.unknown"].map((text) => text.replace("{status}", response.status));
  return new ApiProblem({
    status: response.status,
    code: body.code ?? "unknown",
    zh: body.zh ?? body.detail ?? zh,
    en: body.en ?? body.detail ?? en,
    problems: body.errors ?? [],
  });
}

async function send(path, options = {}) {
  let response;
  try {
    response = await fetch(url(path), options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    const [zh, en] = TEXTS["error.network"];
    throw new ApiProblem({ status: 0, code: "network", zh, en });
  }
  if (response.ok || response.status === 304) return response;
  throw await problemOf(response);
}

/** Read `path` as the signed-in reader; an answer that has not changed is the same object as before. */
async function read(path) {
  const known = remembered.get(path);
  const headers = { Accept: "application/json" };
  if (known?.etag) headers["If-None-Match"] = known.etag;
  const asked = reader;
  const response = await signed(path, headers);
  if (response.status === 304) return known.body;
  const text = await response.text();
  if (known?.text === text) return known.body;
  const body = JSON.parse(text);
  if (asked === reader) remembered.set(path, { etag: response.headers.get("ETag"), text, body });
  return body;
}

const query = (values) => new URLSearchParams(values).toString();

/** Return what `path` answers to the signed-in reader; of `values` those that say something become its query. */
export function readJson(path, values = {}) {
  const said = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return read(said.length ? `${path}?${query(said)}` : path);
}

/** Send `body` as the signed-in reader and return the answer; sent again it must mean the same. */
export async function sendJson(path, body = {}, method = "POST") {
  const headers = { Accept: "application/json", "Content-Type": "application/json" };
  const response = await signed(path, headers, { method, body: JSON.stringify(body) });
  return response.status === 204 ? null : response.json();
}

/** Return a file as the signed-in reader. */
export async function readFile(path) {
  const response = await signed(path, {});
  return response.blob();
}

/** Return a file that is to be saved, and its name, as the signed-in reader: {name, blob}. */
export async function readDownload(path) {
  const response = await signed(path, {});
  const named = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get("Content-Disposition") ?? "");
  return { name: named ? decodeURIComponent(named[1]) : "qingtian", blob: await response.blob() };
}

/** Return what this deployment is: name, demo, periods, indicators, demo accounts. */
export const readDeployment = () => read("v1/deployment");

/** Return the figure of every region of `level` as columns: {codes, values, states, goals, ...}. */
export const readMapValues = (asked) => read(`v1/map/values?${query(asked)}`);

/** Return an indicator of a region over the years. */
export const readTrend = (code, indicator, view) =>
  read(`v1/summaries/${encodeURIComponent(code)}/trend?${query({ indicator, view })}`);

/** Return how far statements and field sums lie apart in a region and the regions below it. */
export const readGaps = (code, indicator, period) =>
  read(`v1/summaries/${encodeURIComponent(code)}/gaps?${query({ indicator, period })}`);

/** Return what a region and those below it have not handed in yet, and whom it waits for. */
export const readCompleteness = (code, period, indicator) =>
  read(`v1/completeness?${query({ region: code, period, indicator })}`);

/** Return the field sums of a county's townships. */
export const readTownships = (code, period, indicator) =>
  read(`v1/summaries/${encodeURIComponent(code)}/townships?${query({ period, indicator })}`);

/** Return the first findings of a region. */
export const readFindings = (code, period, indicator, limit) =>
  read(`v1/findings?${query({ region: code, period, indicator, state: "open", limit })}`);

/** Return the signed-in account and its grants. */
export const readAccount = () => read("v1/me");

/** Return the explanation of a figure; `asked` may have as_of, revised_after, revisions_limit. */
export const readExplanation = ({ region, indicator, period }, asked = {}) =>
  read(`v1/figures/${region}/${indicator}/${period}/explanation?${query(asked)}`);

/** Return the signed statement of a published figure, by the path that its explanation gives. */
export const readStatement = (path) => read(path.slice(1));

/** Return the key basins. */
export const readBasins = () => read("v1/basins");

/** Return the summary of a region by `by`. */
export const readSummary = (code, period, by) =>
  read(`v1/summaries/${encodeURIComponent(code)}?${query({ period, by })}`);

/** Return what stands beside a region's headlines: summed quantities and measures. */
export const readMeasures = (code, period) =>
  read(`v1/summaries/${encodeURIComponent(code)}/measures?${query({ period })}`);

/** Return which measures yearbooks printed, of which indicator and for which years. */
export const readPublishedTables = () => read("v1/published");

/** Return what yearbooks printed for a region. */
export const readPublished = (code) => read(`v1/published/${encodeURIComponent(code)}`);

/** Return one measure and year as printed for a region and the provinces below it. */
export const readPublishedMap = (code, measure, year) =>
  read(`v1/published/${encodeURIComponent(code)}?${query({ by: "province", measure, year })}`);

/** Return the summary of a basin. */
export const readBasinSummary = (code, period) =>
  read(`v1/basins/${encodeURIComponent(code)}/summary?${query({ period })}`);

/** Return a map layer (GeoJSON), read once; null where the deployment has none of that name. */
export function readLayer(name) {
  if (!layers.has(name)) {
    const answer = send(`v1/map/layers/${name}`)
      .then((response) => response.json())
      .catch((problem) => {
        if (problem.status === 404) return null;
        layers.delete(name);
        throw problem;
      });
    layers.set(name, answer);
  }
  return layers.get(name);
}

async function askForToken(form) {
  const response = await send("v1/auth/token", {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: query(form),
  });
  return response.json();
}

/** Return the token answer for a user name and password. */
export const signIn = (username, password) => askForToken({ grant_type: "password", username, password });

/** Where a browser goes to sign in by the identity provider. */
export const providerSignInUrl = () => url("v1/auth/oidc/start").href;

/** Return the token answer for what this browser has brought home from the identity provider. */
export const collectSignIn = async () => (await send("v1/auth/oidc/token", { method: "POST" })).json();

/** End the sign-in at the server; without a network it ends there by itself. */
export async function endSignIn() {
  if (!shared) return;
  const body = query({ refresh_token: shared.current.refreshToken });
  const headers = { "Content-Type": "application/x-www-form-urlencoded" };
  await send("v1/auth/sign-out", { method: "POST", headers, body, keepalive: true }).catch(() => {});
}
