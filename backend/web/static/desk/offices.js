/** Which offices a reader speaks for, by the grants. */

const READERS = ["ministry", "admin", "province", "prefecture", "county"];

/** Return the regions whose figures the grants read: {code, name, level}, the widest first. */
export function readingGrants(grants) {
  const found = new Map();
  const ordered = grants
    .filter(({ role }) => READERS.includes(role))
    .sort((a, b) => READERS.indexOf(a.role) - READERS.indexOf(b.role));
  for (const grant of ordered) {
    found.set(grant.region_code, { code: grant.region_code, name: grant.region_name, level: grant.region_level });
  }
  return [...found.values()];
}

/** Return whether the grants hold a role. */
export const holds = (grants, ...roles) => grants.some(({ role }) => roles.includes(role));
