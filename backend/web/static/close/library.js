/** MapLibre GL JS, which comes with a package of this deployment: loaded once, and only for whoever opens the close map. */

const FOLDER = new URL("../maplibre/", import.meta.url);
let loading = null;

/** Return the library; rejects where it does not arrive, and is asked for anew the next time. */
export function loadLibrary() {
  loading ??= Promise.all([sheet(), script()])
    .then(() => globalThis.maplibregl)
    .catch((problem) => {
      loading = null;
      throw problem;
    });
  return loading;
}

function arrives(element) {
  return new Promise((resolve, reject) => {
    element.addEventListener("load", resolve);
    element.addEventListener("error", () => reject(new Error(`${element.src || element.href} did not arrive`)));
    document.head.append(element);
  });
}

const sheet = () =>
  arrives(Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL("maplibre-gl.css", FOLDER).href }));

const script = () =>
  arrives(Object.assign(document.createElement("script"), { src: new URL("maplibre-gl.js", FOLDER).href }));
