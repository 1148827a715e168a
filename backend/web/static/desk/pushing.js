/** A county's own entries: a change goes the way of every change, through the push. */

import { sendJson } from "../api.js";
import { momentOf, newId } from "./identifiers.js";

/** Push one change under its id and return its outcome; the same id with the same change may be sent again. */
export async function pushChange(id, change, schemaVersion) {
  const body = {
    device_id: newId(),
    schema_version: schemaVersion,
    sent_at: new Date().toISOString(),
    changes: [{ change_id: id, ...change, captured_at: momentOf(id) }],
  };
  const { outcomes } = await sendJson("v1/sync/push", body);
  return outcomes[0];
}
