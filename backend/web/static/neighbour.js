/** Which region lies next in the direction of an arrow key. */

const DIRECTIONS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * Return the code of the nearest place in the direction of `key`, or null at the edge.
 * `places` are [code, {x, y}] on the screen; what lies aside counts as farther away than what lies ahead.
 */
export function neighbour(places, from, key) {
  const [dx, dy] = DIRECTIONS[key];
  const origin = places.find(([code]) => code === from)?.[1];
  if (!origin) return null;
  let best = null;
  for (const [code, { x, y }] of places) {
    const ahead = (x - origin.x) * dx + (y - origin.y) * dy;
    const aside = Math.abs((x - origin.x) * dy) + Math.abs((y - origin.y) * dx);
    if (code === from || ahead <= 0 || aside > 2 * ahead) continue;
    const cost = ahead + 2 * aside;
    if (!best || cost < best.cost) best = { code, cost };
  }
  return best?.code ?? null;
}
