/** Everything the page asks of the server: sign-in, figures with their ETags, map layers, problems. */

import { TEXTS } from "./texts.js";

const url = (path) => new URL(path, document.baseURI);

/** A refused or failed request, with texts in both languages. */
export class ApiProblem extends Error {
  constructor({ status, code, zh, en }) {
    super(en);
    Object.assign(this, { status, code, zh, en });
  }
}

let token = null;
const remembered = new Map();
const layers = new Map();

/** Send `value` as the bearer token from now on (null: none) and forget the answers given to another reader. */
export function useToken(value) {
  token = value;
  remembered.clear();
}

async function problemOf(response) {
  const body = await response.json().catch(() => ({}));
  const [zh, en] = TEXTS["error.unknown"].map((text) => text.replace("{status}", response.status));
  return new ApiProblem({
    status: response.status,
    code: body.code ?? "unknown",
    zh: body.zh ?? body.detail ?? zh,
    en: body.en ?? body.detail ?? en,
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
  if (token) headers.Authorization = `Bearer ${token}`;
  if (known?.etag) headers["If-None-Match"] = known.etag;
  const asked = token;
  const response = await send(path, { headers });
  if (response.status === 304) return known.body;
  const text = await response.text();
  if (known?.text === text) return known.body;
  const body = JSON.parse(text);
  if (asked === token) remembered.set(path, { etag: response.headers.get("ETag"), text, body });
  return body;
}

const query = (values) => new URLSearchParams(values).toString();

/** Return what this deployment is: name, demo, periods, indicators, demo accounts. */
export const readDeployment = () => read("v1/deployment");

/** Return the signed-in account and its grants. */
export const readAccount = () => read("v1/me");

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

/** Return the token answer for a user name and password. */
export async function signIn(username, password) {
  const response = await send("v1/auth/token", {
    method: "POST",
    headers: { "Content-Type": "application/x-www-form-urlencoded" },
    body: query({ grant_type: "password", username, password }),
  });
  return response.json();
}
