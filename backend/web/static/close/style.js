/** What the close map draws, in which order and colours: the tileset's layers, and classes that arrive as feature state. */

/** The classes that a region can have, as the sheet names their colours. */
const CLASSES = [
  ...["below-3", "below-2", "below-1", "above-1", "above-2", "above-3"],
  ...["rate-1", "rate-2", "rate-3", "rate-4", "rate-5"],
  ...["printed-1", "printed-2", "printed-3", "printed-4", "printed-5"],
  ...["no-data", "out-of-scope"],
];

/** The layers that outline the region that the page stands at, of whichever tier. */
export const OUTLINES = ["province", "prefecture", "county"].map((tier) => `place-${tier}`);

/** The layers that the reader points at and clicks. */
export const FILLED = { county: "county-fill", province: "province-fill" };

/** The layers that are drawn for figures of a level alone; counties are pointed at whatever is coloured. */
export const OF_LEVEL = {
  province: [FILLED.province, "province-dots", "province-hatch"],
  county: ["county-dots", "county-hatch"],
};

/** The layer that outlines what is pointed at or chosen: it is made as soon as anything is, and draws every county. */
export const CURSOR = "cursor";

export const PLOTS_FROM = 12;

/** Lines are drawn over all edges: smoothing those of the areas beneath would draw each of them once more. */
const EDGELESS = { "fill-antialias": false };
const [HIDDEN, VISIBLE] = ["none", "visible"].map((visibility) => ({ visibility }));
const NOTHING = "rgba(0,0,0,0)";
const CLASS = ["coalesce", ["feature-state", "fill"], ""];

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

const byZoom = (...stops) => ["interpolate", ["linear"], ["zoom"], ...stops];

/** Return the style for tiles described by TileJSON at `regions`. */
export function closeStyle(regions) {
  const layer = (id, type, from, rest) => ({ id, type, source: "regions", "source-layer": from, ...rest });
  const line = (id, from, paint, rest = {}) =>
    layer(id, "line", from, { layout: { "line-join": "round", "line-cap": "round" }, paint, ...rest });
  return {
    version: 8,
    sources: { regions: { type: "vector", url: regions } },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": colour("sea") } },
      layer("land", "fill", "province", {
        paint: { ...EDGELESS, "fill-color": ["case", ["to-boolean", ["get", "in_scope"]], colour("aside"), colour("out-of-scope")] },
      }),
      layer(FILLED.province, "fill", "province", { paint: { ...EDGELESS, "fill-color": coloured() }, layout: HIDDEN }),
      layer(FILLED.county, "fill", "county", { paint: { ...EDGELESS, "fill-color": coloured(), "fill-opacity": byZoom(10.5, 1, 12.5, 0.45) } }),
      ...Object.entries({ province: HIDDEN, county: VISIBLE }).flatMap(([from, layout]) => [
        layer(`${from}-dots`, "fill", from, { ...textured("dots", ["below-1", "below-2", "below-3"]), layout }),
        layer(`${from}-hatch`, "fill", from, { ...textured("hatch", ["no-data"]), layout }),
      ]),
      layer("water", "fill", "basin_water", {
        paint: { "fill-color": colour("water"), "fill-outline-color": colour("water-line") },
      }),
      line("county-line", "county", {
        "line-color": colour("county-line"),
        "line-width": byZoom(3, 0.15, 6, 0.5, 10, 1.2),
        "line-opacity": byZoom(3, 0.5, 6, 1),
      }, { minzoom: 3 }),
      line("prefecture-line", "prefecture", {
        "line-color": colour("prefecture-line"),
        "line-width": byZoom(4, 0.4, 7, 1.1, 10, 1.8),
      }, { minzoom: 4 }),
      line("province-line", "province", {
        "line-color": colour("province-line"),
        "line-width": byZoom(3, 0.8, 6, 1.6, 10, 2.4),
      }),
      ...["province", "prefecture", "county"].map((from) =>
        line(`place-${from}`, from, {
          "line-color": colour("accent"),
          "line-width": byZoom(3, 1.6, 8, 3.4),
        }, { filter: ["==", ["get", "code"], ""] }),
      ),
      line("boundary-line", "boundary_line", {
        "line-color": colour("boundary"),
        "line-width": byZoom(3, 1.2, 8, 2.2),
      }),
      line("basin-extended", "basin", {
        "line-color": colour("basin"),
        "line-width": byZoom(3, 0.8, 8, 1.8),
        "line-dasharray": [3, 2.4],
      }, { filter: ["==", ["get", "tier"], "extended"], minzoom: 5 }),
      line("basin-core", "basin", {
        "line-color": colour("basin"),
        "line-width": byZoom(3, 1.2, 8, 2.6),
      }, { filter: ["==", ["get", "tier"], "core"] }),
      line(CURSOR, "county", {
        "line-color": colour("ink"),
        "line-width": ["case", ["to-boolean", ["feature-state", "chosen"]], 3, 2],
        "line-opacity": ["case", ["any", ["to-boolean", ["feature-state", "chosen"]], ["to-boolean", ["feature-state", "pointed"]]], 1, 0],
      }, { layout: HIDDEN }),
    ],
  };
}

/** Return the layers of plots, which lie above all regions. */
export function plotLayers() {
  const plot = (id, type, paint) => ({ id, type, source: "plots", "source-layer": "plot", minzoom: PLOTS_FROM, paint });
  return [
    plot("plot-fill", "fill", { "fill-color": colour("plot"), "fill-opacity": 0.28 }),
    plot("plot-line", "line", { "line-color": colour("plot"), "line-width": byZoom(12, 1, 16, 2) }),
  ];
}

function coloured() {
  return ["match", CLASS, ...CLASSES.flatMap((name) => [name, colour(name)]), NOTHING];
}

/** A texture over the classes of `names`: what tells them apart for who sees no difference in colour. */
function textured(image, names) {
  return { paint: { ...EDGELESS, "fill-pattern": image, "fill-opacity": ["match", CLASS, names, 1, 0] } };
}

const TILE_PX = 14;

/** Return the textures {name: ImageData} at twice the size of a CSS pixel, as the statistical map draws them. */
export function textureImages() {
  return { dots: drawn(dots), hatch: drawn(hatch) };
}

function drawn(draw) {
  const canvas = Object.assign(document.createElement("canvas"), { width: TILE_PX, height: TILE_PX });
  const context = canvas.getContext("2d");
  draw(context);
  return context.getImageData(0, 0, TILE_PX, TILE_PX);
}

function dots(context) {
  context.fillStyle = colour("texture-ink");
  context.globalAlpha = 0.38;
  for (const [x, y] of [[3.5, 3.5], [10.5, 10.5]]) {
    context.beginPath();
    context.arc(x, y, 1.7, 0, 2 * Math.PI);
    context.fill();
  }
}

function hatch(context) {
  context.strokeStyle = colour("hatch-ink");
  context.lineWidth = 1.8;
  for (const shift of [-TILE_PX, 0, TILE_PX]) {
    context.beginPath();
    context.moveTo(shift - 2, TILE_PX + 2);
    context.lineTo(shift + TILE_PX + 2, -2);
    context.stroke();
  }
}
