// 登记一个主体、填报农膜、改一项，再按结果处置：类型由 ../typescript/qingtian.ts 给出。
// Register a farm, file film, amend a field, and do what the outcomes ask for; the types are those of ../typescript.

import {
  SCHEMA_VERSION,
  type Change,
  type ChangeOutcome,
  type FilmFarmForm,
  type Problem,
  type Pull,
  type Push,
  type PushAnswer,
  type StrawCountyForm,
} from "../typescript/qingtian.js";

const farmId = "0199a7a1-2560-740b-99ea-a96438346139";
const reportId = "0199a7a2-fa20-70c3-81d1-9b386fdc26e7";

const film: FilmFarmForm = {
  indicator: "film_recovery",
  level: "farm",
  period: "2025",
  farm_id: farmId,
  township_code: "430623101",
  mulch_used_kg: "31.2",
  mulch_recovered_gross_kg: "36",
  mulch_impurity_rate: "0.2",
  mulch_moisture_rate: "0.05",
};

export const straw: StrawCountyForm = {
  indicator: "straw_utilisation",
  level: "county",
  period: "2025",
  crops: { wheat: { grain_output_t: "100000", sown_area_mu: "250000", returned_area_mu: "150000" } },
};

const changes: Change[] = [
  {
    change_id: "0199a7a2-0fc0-7a8a-8ed5-344501a43893",
    county_code: "430623",
    record_id: farmId,
    kind: "farm",
    action: "create",
    captured_at: "2025-10-03T09:12:00+08:00",
    datum: "gcj02",
    payload: {
      entity_kind: "household",
      township_code: "430623101",
      name: "示例种植户",
      geometry: { type: "Point", coordinates: [112.63, 29.5] },
    },
  },
  {
    change_id: "0199a7a3-e480-7edc-b262-616cea4fd310",
    county_code: "430623",
    record_id: reportId,
    kind: "report",
    action: "create",
    captured_at: "2025-10-03T09:20:00+08:00",
    payload: film,
  },
  {
    change_id: "0199a7a4-cee0-7e41-85c1-3677a93759b5",
    county_code: "430623",
    record_id: reportId,
    kind: "report",
    action: "amend",
    captured_at: "2025-10-03T18:30:00+08:00",
    base_change_id: "0199a7a3-e480-7edc-b262-616cea4fd310",
    set: { "/mulch_used_kg": "32.5" },
  },
];

export const push: Push = {
  device_id: "0199a7a0-3b00-7e73-94ed-604730cb8fe7",
  schema_version: SCHEMA_VERSION,
  sent_at: "2025-10-03T18:31:00+08:00",
  changes,
};

/** 一条变更的下一步 · What happens to a change next. */
export type Next = { done: true } | { sendAgainAfterS: number } | { show: Problem[] };

export function next(outcome: ChangeOutcome): Next {
  switch (outcome.disposition) {
    case "terminal":
      return { done: true };
    case "retry_after":
      return { sendAgainAfterS: outcome.retry_after_s ?? 60 };
    case "needs_user":
      return { show: outcome.problems };
  }
}

export function settled(answer: PushAnswer): Next[] {
  return answer.outcomes.map(next);
}

/** 拉取到的地膜使用量 · The mulch film used in the pulled film reports, by record. */
export function mulchUsed(pull: Pull): Map<string, string> {
  const found = new Map<string, string>();
  for (const { id, payload } of pull.records) {
    if ("indicator" in payload && payload.indicator === "film_recovery" && payload.level === "farm") {
      found.set(id, payload.mulch_used_kg ?? "0");
    }
  }
  return found;
}
