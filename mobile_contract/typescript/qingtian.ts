// 清田同步接口的类型，由 `qingtian contract write` 生成，请勿手工修改。
// The types of Qingtian's sync interface, written by `qingtian contract write`; do not edit.

/** 表式版本，随每次推送发送。 The version of the forms, sent with every push. */
export const SCHEMA_VERSION = 3;

/** 一次推送最多的条数。 The most items of a push. */
export const MAX_ITEMS = 500;

/** 一次推送解压后最多的字节数。 The most bytes of a push, decompressed. */
export const MAX_BODY_BYTES = 2000000;

/** 县级报表编号（UUIDv5）的命名空间，名称为“县/指标/期”。 The UUIDv5 namespace of `county/indicator/period`. */
export const STATEMENT_NAMESPACE = "6f0d2a1e-5b0e-5c7a-9a53-6c1f0c9f4d10";

/** 带引号的十进制数，如 "12.5"：至多 12 位整数、6 位小数。 A decimal number as a string. */
export type DecimalString = string;

/** 小写 UUID。 A lower-case UUID. */
export type Uuid = string;

/** 带时区的时间，如 2025-10-03T18:20:00+08:00。 A time with an offset. */
export type Timestamp = string;

export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export type JsonObject = { [name: string]: JsonValue };

/** The county's bureau accepts a farm report as it saw it. */
export interface Accept {
  change_id: Uuid;
  /** `^[0-9]{6}$` */
  county_code: string;
  record_id: Uuid;
  kind: "report";
  action: "accept";
  captured_at: Timestamp;
  datum?: Datum | null;
  payload?: null;
  base_change_id?: null;
  set?: null;
  /** 至多 500 字 · at most 500 characters */
  reason?: string | null;
  position: number;
  /** Why a report is returned; with the other decisions, remarks. */
  reasons?: (ReviewReason-Input)[] | null;
}

/** What a change does to a record. */
export type Action =
  | "create"
  | "amend"
  | "withdraw"
  | "accept"
  | "return"
  | "precheck";

/** Says which fields of a record were changed, and on which change it was made. */
export interface Amend {
  change_id: Uuid;
  /** `^[0-9]{6}$` */
  county_code: string;
  record_id: Uuid;
  kind: RecordKind;
  action: "amend";
  captured_at: Timestamp;
  datum?: Datum | null;
  payload?: null;
  base_change_id: Uuid;
  /** The new value of every changed field by its JSON Pointer below the form; null clears it. */
  set: JsonObject;
  /** 至多 500 字 · at most 500 characters */
  reason?: string | null;
  position?: null;
  reasons?: null;
}

/** A photo or paper that a report names; the file itself comes by its own way, before or after. */
export interface AttachmentNamed {
  /**
   * 文件摘要 · SHA-256 of the file
   * `^[0-9a-f]{64}$`
   */
  sha256: string;
  /**
   * 拍摄时间 · Taken at
   * 个人信息 · personal
   */
  taken_at?: Timestamp | null;
  /**
   * 拍摄位置 · Taken where
   * [经度, 纬度]，坐标系随本条变更的 datum · [longitude, latitude] in the datum of the change
   * 个人信息 · personal
   */
  position?: number[] | null;
}

/** A key basin that a region touches, with the closest tier of its counties. */
export interface BasinMembership {
  code: string;
  name: string;
  name_en: string;
  tier: BasinTier;
}

/** A key basin and how many counties it has by tier. */
export interface BasinName {
  code: string;
  name: string;
  name_en: string;
  source: string;
  counties: Partial<Record<BasinTier, number>>;
}

/** The answer of `/v1/basins/{code}/summary`: the headline is the core tier, core + extended stands beside it. */
export interface BasinSummary {
  basin: BasinName;
  period: string;
  core: RegionSummary;
  core_and_extended: RegionSummary;
  rows: RegionSummary[];
  /** Only counties that the account may read are summed. */
  counties_in_scope: number;
  /** Whether all counties of the basin are in the account's scope. */
  complete: boolean;
  ledger: LedgerDigest;
  demo: boolean;
}

/** How closely a county belongs to a key basin; the headline figure uses `core`. */
export type BasinTier =
  | "core"
  | "extended"
  | "peripheral";

/** What a pesticide mass counts; masses of different bases are never added or compared. */
export type Basis =
  | "product"
  | "active";

/** One change as a phone sends it. The payload is validated by the form it names, not here. */
export type Change =
  | CreateFarm
  | CreateReport
  | Amend
  | Withdraw
  | Accept
  | Return
  | Precheck;

/** What became of one change. */
export interface ChangeOutcome {
  /** Null where the item had none that could be read. */
  change_id: string | null;
  outcome: Outcome;
  disposition: Disposition;
  replayed: boolean;
  reason: HoldReason | null;
  retry_after_s: number | null;
  record_id: string | null;
  position: number | null;
  revision: number | null;
  /** The record that stands in the way of a create. */
  existing_record_id: string | null;
  /** The office that decided, where the change is a review. */
  office: string | null;
  conflicts: FieldConflict[];
  problems: Problem[];
  warnings: Problem[];
}

/** Where a farm's old film goes. */
export type Channel =
  | "collection_point"
  | "trade_in"
  | "service"
  | "waste_buyer"
  | "other";

/** The heads of all ledgers that have entries. Signed as every document of `schemas.receipts` is. */
export interface CheckpointDocument {
  alg: "qt1-checkpoint-ed25519";
  key_id: string;
  id: string;
  /** UTC, whole seconds. */
  issued_at: string;
  heads: ReceiptHead[];
  /** `^[0-9a-f]{128}$` */
  signature: string;
}

/** One crop of the county: harvest and areas, the uses of households and of market entities, and transfers. */
export interface CountyCrop {
  /** 产量（吨） · Output (t) */
  grain_output_t: DecimalString;
  /** 播种面积（亩） · Sown area (mu) */
  sown_area_mu: DecimalString;
  /** 秸秆直接还田面积（亩） · Area with straw returned (mu) */
  returned_area_mu: DecimalString;
  /**
   * 农户肥料化利用量（吨） · Used by households as fertiliser (t)
   * 不含秸秆直接还田 · without straw returned to its own field
   */
  household_use_fertiliser_t?: DecimalString | null;
  /** 农户饲料化利用量（吨） · Used by households as feed (t) */
  household_use_feed_t?: DecimalString | null;
  /** 农户燃料化利用量（吨） · Used by households as fuel (t) */
  household_use_fuel_t?: DecimalString | null;
  /** 农户基料化利用量（吨） · Used by households as substrate (t) */
  household_use_substrate_t?: DecimalString | null;
  /** 农户原料化利用量（吨） · Used by households as material (t) */
  household_use_material_t?: DecimalString | null;
  /** 市场主体肥料化利用量（吨） · Used by market entities as fertiliser (t) */
  market_use_fertiliser_t?: DecimalString | null;
  /** 市场主体饲料化利用量（吨） · Used by market entities as feed (t) */
  market_use_feed_t?: DecimalString | null;
  /** 市场主体燃料化利用量（吨） · Used by market entities as fuel (t) */
  market_use_fuel_t?: DecimalString | null;
  /** 市场主体基料化利用量（吨） · Used by market entities as substrate (t) */
  market_use_substrate_t?: DecimalString | null;
  /** 市场主体原料化利用量（吨） · Used by market entities as material (t) */
  market_use_material_t?: DecimalString | null;
  /** 从县外调入量（吨） · Bought in from other counties (t) */
  inbound_t?: DecimalString | null;
  /** 调出县外量（吨） · Sent out of the county (t) */
  outbound_t?: DecimalString | null;
  /**
   * 本县草谷比（比例） · The county's own straw:grain ratio (share)
   * 0 – 6
   * 有本县实测值的填写，没有的留空，按系数表计算 · where the county measured it; else empty
   */
  straw_grain_ratio?: DecimalString | null;
  /**
   * 本县可收集系数（比例） · The county's own collectable coefficient (share)
   * 0 – 1
   * 有本县实测值的填写，没有的留空，按系数表计算 · where the county measured it; else empty
   */
  collectable_coefficient?: DecimalString | null;
}

/** Registers a farm: any reporting entity. */
export interface CreateFarm {
  change_id: Uuid;
  /** `^[0-9]{6}$` */
  county_code: string;
  record_id: Uuid;
  kind: "farm";
  action: "create";
  captured_at: Timestamp;
  datum?: Datum | null;
  payload: Farm;
  base_change_id?: null;
  set?: null;
  /** 至多 500 字 · at most 500 characters */
  reason?: string | null;
  position?: null;
  reasons?: null;
}

/** Files a report. */
export interface CreateReport {
  change_id: Uuid;
  /** `^[0-9]{6}$` */
  county_code: string;
  record_id: Uuid;
  kind: "report";
  action: "create";
  captured_at: Timestamp;
  datum?: Datum | null;
  payload: Report;
  base_change_id?: null;
  set?: null;
  /** 至多 500 字 · at most 500 characters */
  reason?: string | null;
  position?: null;
  reasons?: null;
}

/** The crops of the straw ledger. */
export type Crop =
  /** 早稻 · Early rice */
  | "early_rice"
  /** 中稻和一季晚稻 · Middle and single late rice */
  | "middle_late_rice"
  /** 双季晚稻 · Double late rice */
  | "double_late_rice"
  /** 小麦 · Wheat */
  | "wheat"
  /** 玉米 · Maize */
  | "maize"
  /** 马铃薯 · Potato */
  | "potato"
  /** 甘薯 · Sweet potato */
  | "sweet_potato"
  /** 木薯 · Cassava */
  | "cassava"
  /** 花生 · Peanut */
  | "peanut"
  /** 油菜 · Rapeseed */
  | "rapeseed"
  /** 大豆 · Soybean */
  | "soybean"
  /** 棉花 · Cotton */
  | "cotton"
  /** 甘蔗 · Sugar cane */
  | "sugar_cane"
  /** 其他作物 · Other crops */
  | "other";

/** The datum in which a client gives coordinates; CGCS2000 (EPSG:4490) is stored. */
export type Datum =
  | "cgcs2000"
  | "wgs84"
  | "gcj02"
  | "bd09";

/** An account of the demo with its public password. */
export interface DemoAccountShown {
  role: Role;
  username: string;
  password: string;
  display_name: string;
  region_code: string;
  region_name: string;
}

/** What a deployment is and measures. */
export interface Deployment {
  name: string;
  version: string;
  demo: boolean;
  map_source: string;
  periods: string[];
  indicators: IndicatorName[];
  demo_accounts: DemoAccountShown[];
  /** Whether published figures are read without a sign-in. */
  public_view: boolean;
  /** What the identity provider is called, where the deployment has one to sign in by. */
  identity_provider: string | null;
}

/** A phone as its county sees it. The person is named as in the account; nothing else personal is kept. */
export interface DeviceState {
  device_id: string;
  /** Whose phone it is: of whom it is revoked. */
  account_id: string;
  display_name: string;
  app_version: string | null;
  schema_version: number | null;
  /** The phone's clock less the server's, at its last push. */
  clock_skew_s: number | null;
  /** Changes that waited on the phone besides those of its last push. */
  queued: number | null;
  oldest_queued_at: Timestamp | null;
  /** How old the oldest of them is by now; null where none waits. */
  queue_age_s: number | null;
  first_seen_at: Timestamp;
  last_push_at: Timestamp | null;
  last_pull_at: Timestamp | null;
  /** Why the person may need help, the most pressing first. */
  concerns: Problem[];
}

/** The phones of a county, those first that need help most. */
export interface Devices {
  county_code: string;
  devices: DeviceState[];
}

/** What the phone does next: nothing, send again later, or ask its user. */
export type Disposition =
  | "terminal"
  | "retry_after"
  | "needs_user";

/** A phone with its code. */
export interface Enrolling {
  /** 至多 40 字 · at most 40 characters */
  code: string;
  /**
   * `^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`
   * The phone's id, as in its pushes.
   */
  device_id: string;
}

/** The kinds of reporting entity 经营主体. */
export type EntityKind =
  | "household"
  | "large_grower"
  | "cooperative"
  | "enterprise"
  | "livestock_farm"
  | "straw_firm"
  | "film_collection_point"
  | "service_organisation"
  | "irrigation_project";

/** A reporting entity. Name, contact, address and plot are personal: they leave the county only masked. */
export interface Farm {
  /** 主体类型 · Kind of entity */
  entity_kind: EntityKind;
  /**
   * 乡镇代码 · Township code
   * `^[0-9]{9}$`
   * 9 位；县代码加 000 表示不分乡镇 · 9 digits; the county code and 000 for none
   */
  township_code: string;
  /**
   * 名称 · Name
   * 至多 100 字 · at most 100 characters
   * 个人信息 · personal
   */
  name: string;
  /**
   * 主体编号 · Roster number
   * 至多 64 字 · at most 64 characters
   * 花名册中的编号，同一县内不重复；导入时据此认出同一主体 · its number in the county's roster, unique there; an import finds the farm by it
   * 个人信息 · personal
   */
  external_id?: string | null;
  /**
   * 联系人 · Contact
   * 至多 50 字 · at most 50 characters
   * 个人信息 · personal
   */
  contact_name?: string | null;
  /**
   * 联系电话 · Phone
   * 至多 30 字 · at most 30 characters
   * 个人信息 · personal
   */
  phone?: string | null;
  /**
   * 地址 · Address
   * 至多 200 字 · at most 200 characters
   * 个人信息 · personal
   */
  address?: string | null;
  /**
   * 村代码 · Village code
   * `^[0-9]{12}$`
   */
  village_code?: string | null;
  /**
   * 经营面积（亩） · Farmed area (mu)
   * 0 – 10000000
   */
  area_mu?: DecimalString | null;
  /**
   * 地块 · Plot
   * GeoJSON 点、面或多面，经度在前
   * 个人信息 · personal
   */
  geometry?: JsonObject | null;
}

/** One crop of one farm: growers give harvest, areas and own uses; market entities uses and what they bought in. */
export interface FarmCrop {
  /** 产量（公斤） · Output (kg) */
  grain_kg?: DecimalString | null;
  /** 播种面积（亩） · Sown area (mu) */
  sown_area_mu?: DecimalString | null;
  /** 秸秆直接还田面积（亩） · Area with straw returned (mu) */
  returned_area_mu?: DecimalString | null;
  /**
   * 肥料化利用量（公斤） · Used as fertiliser (kg)
   * 不含秸秆直接还田 · without straw returned to its own field
   */
  use_fertiliser_kg?: DecimalString | null;
  /** 饲料化利用量（公斤） · Used as feed (kg) */
  use_feed_kg?: DecimalString | null;
  /** 燃料化利用量（公斤） · Used as fuel (kg) */
  use_fuel_kg?: DecimalString | null;
  /** 基料化利用量（公斤） · Used as substrate (kg) */
  use_substrate_kg?: DecimalString | null;
  /** 原料化利用量（公斤） · Used as material (kg) */
  use_material_kg?: DecimalString | null;
  /** 其中从县外调入量（公斤） · Of this, bought in from other counties (kg) */
  inbound_kg?: DecimalString | null;
}

/** The kinds whose nutrient mass is added up: N, P2O5, K2O and compound. */
export type Fertiliser =
  /** 氮肥 · Nitrogen */
  | "n"
  /** 磷肥 · Phosphate */
  | "p2o5"
  /** 钾肥 · Potash */
  | "k2o"
  /** 复合肥 · Compound */
  | "compound";

/** The county's statement of nutrient mass used, and of the areas under each practice. */
export interface FertiliserCountyForm {
  /** 指标 · Indicator */
  indicator: "fertiliser_reduction";
  /** 填报层级 · Level */
  level: "county";
  /**
   * 统计期 · Period
   * `^20[0-9]{2}(H1|Q[1-4])?$`
   */
  period: string;
  /**
   * 今年无 · None this year
   * 今年确实没有的勾选此项，其他不用填 · say so here and leave the rest empty
   */
  none_this_year?: boolean;
  /**
   * 备注 · Note
   * 至多 500 字 · at most 500 characters
   */
  note?: string | null;
  /**
   * 差异说明 · Reason for a difference from the field sum
   * 至多 1000 字 · at most 1000 characters
   */
  reason?: string | null;
  /** 播种面积（亩） · Sown area (mu) */
  sown_area_mu?: DecimalString | null;
  /** 化肥 · Fertiliser */
  fertilisers?: Partial<Record<Fertiliser, Nutrient>>;
  /**
   * 测土配方施肥面积（亩） · Area fertilised by soil testing (mu)
   * 按面积填，同一块地一年只计一次，不按亩次 · an area: the same field counts once a year
   */
  soil_testing_area_mu?: DecimalString | null;
  /**
   * 水肥一体化面积（亩） · Area under fertigation (mu)
   * 按面积填，同一块地一年只计一次，不按亩次 · an area: the same field counts once a year
   */
  fertigation_area_mu?: DecimalString | null;
  /**
   * 机械深施面积（亩） · Area with mechanical deep placement (mu)
   * 按面积填，同一块地一年只计一次，不按亩次 · an area: the same field counts once a year
   */
  deep_placement_area_mu?: DecimalString | null;
  /**
   * 有机肥施用面积（亩） · Area under organic fertiliser (mu)
   * 按面积填，同一块地一年只计一次，不按亩次 · an area: the same field counts once a year
   */
  organic_area_mu?: DecimalString | null;
}

/** What one sampled farm used on what it sowed. */
export interface FertiliserFarmForm {
  /** 指标 · Indicator */
  indicator: "fertiliser_reduction";
  /** 填报层级 · Level */
  level: "farm";
  /**
   * 统计期 · Period
   * `^20[0-9]{2}(H1|Q[1-4])?$`
   */
  period: string;
  /**
   * 今年无 · None this year
   * 今年确实没有的勾选此项，其他不用填 · say so here and leave the rest empty
   */
  none_this_year?: boolean;
  /**
   * 备注 · Note
   * 至多 500 字 · at most 500 characters
   */
  note?: string | null;
  /** 所属主体 · Farm */
  farm_id: Uuid;
  /**
   * 乡镇代码 · Township code
   * `^[0-9]{9}$`
   * 9 位；县代码加 000 表示不分乡镇 · 9 digits; the county code and 000 for none
   */
  township_code: string;
  /**
   * 地块 · Plot
   * GeoJSON 点、面或多面，经度在前 · GeoJSON Point, Polygon or MultiPolygon, longitude first
   * 个人信息 · personal
   */
  geometry?: JsonObject | null;
  /**
   * 照片和附件 · Photos and papers
   * 文件另行上传，可在报表之前或之后 · the files are sent by themselves, before or after the report
   * 个人信息 · personal
   */
  attachments?: AttachmentNamed[] | null;
  /** 播种面积（亩） · Sown area (mu) */
  sown_area_mu?: DecimalString | null;
  /** 化肥 · Fertiliser */
  fertilisers?: Partial<Record<Fertiliser, Product>>;
  /**
   * 测土配方施肥面积（亩） · Area fertilised by soil testing (mu)
   * 按面积填，同一块地一年只计一次，不按亩次 · an area: the same field counts once a year
   */
  soil_testing_area_mu?: DecimalString | null;
  /**
   * 水肥一体化面积（亩） · Area under fertigation (mu)
   * 按面积填，同一块地一年只计一次，不按亩次 · an area: the same field counts once a year
   */
  fertigation_area_mu?: DecimalString | null;
  /**
   * 机械深施面积（亩） · Area with mechanical deep placement (mu)
   * 按面积填，同一块地一年只计一次，不按亩次 · an area: the same field counts once a year
   */
  deep_placement_area_mu?: DecimalString | null;
  /**
   * 有机肥施用面积（亩） · Area under organic fertiliser (mu)
   * 按面积填，同一块地一年只计一次，不按亩次 · an area: the same field counts once a year
   */
  organic_area_mu?: DecimalString | null;
}

/** Both values of a field that two people changed, and what it was before. */
export interface FieldConflict {
  field: string;
  base: JsonValue;
  current: JsonValue;
  incoming: JsonValue;
}

/** How a figure follows from its sums: a share, a change against the base year, or a flow added up over years. */
export type FigureKind =
  | "rate"
  | "change"
  | "cumulative";

/** What counties filed, as it was frozen then: summed over their statements, then divided. */
export interface FiledFigure {
  /** Of a change the amount of the period, without its base. */
  numerator: string | null;
  denominator: string | null;
  /** Of a rate: unrounded (34 digits), as a share. */
  rate: string | null;
  /** Rounded once, half-even, to two decimals of a percent. */
  rate_percent: string | null;
  counties: number;
}

/** How far the counties of a row have filed; only what is accepted or published is official. */
export interface FilingStanding {
  /** The lowest state of any of its counties. */
  state: FilingState;
  /** Counties by state; together all of them. */
  counties: Partial<Record<FilingState, number>>;
  /** Of accepted and published filings; null where there is none. */
  official: FiledFigure | null;
  /** Of filings that are not accepted yet. */
  pending: FiledFigure | null;
  /** How many counties have filed nothing. */
  missing: number;
}

/** Where the filing of a county's figure stands on its way up, lowest first. */
export type FilingState =
  | "open"
  | "filed"
  | "endorsed"
  | "accepted"
  | "published";

/** The county's statement of film used and recovered. */
export interface FilmCountyForm {
  /** 指标 · Indicator */
  indicator: "film_recovery";
  /** 填报层级 · Level */
  level: "county";
  /**
   * 统计期 · Period
   * `^20[0-9]{2}(H1|Q[1-4])?$`
   */
  period: string;
  /**
   * 今年无 · None this year
   * 今年确实没有的勾选此项，其他不用填 · say so here and leave the rest empty
   */
  none_this_year?: boolean;
  /**
   * 备注 · Note
   * 至多 500 字 · at most 500 characters
   */
  note?: string | null;
  /**
   * 差异说明 · Reason for a difference from the field sum
   * 至多 1000 字 · at most 1000 characters
   */
  reason?: string | null;
  /** 地膜使用量（吨） · Mulch film used (t) */
  mulch_used_t?: DecimalString | null;
  /** 地膜回收毛重（吨） · Mulch film recovered, gross (t) */
  mulch_recovered_gross_t?: DecimalString | null;
  /**
   * 地膜含杂率（比例） · Impurity rate of mulch film (share)
   * 0 – 1
   * 泥土、秸秆等杂质占回收毛重的比例，如 15% 填 0.15 · soil and straw as a share of the gross mass, such as 0.15
   */
  mulch_impurity_rate?: DecimalString | null;
  /**
   * 地膜含水率（比例） · Moisture rate of mulch film (share)
   * 0 – 1
   * 去杂后的含水比例，如 10% 填 0.1 · water as a share of the mass without impurities, such as 0.1
   */
  mulch_moisture_rate?: DecimalString | null;
  /** 地膜覆盖面积（亩） · Area under mulch film (mu) */
  mulch_covered_area_mu?: DecimalString | null;
  /** 棚膜使用量（吨） · Shed film used (t) */
  shed_used_t?: DecimalString | null;
  /** 棚膜回收毛重（吨） · Shed film recovered, gross (t) */
  shed_recovered_gross_t?: DecimalString | null;
  /**
   * 棚膜含杂率（比例） · Impurity rate of shed film (share)
   * 0 – 1
   * 泥土、秸秆等杂质占回收毛重的比例，如 15% 填 0.15 · soil and straw as a share of the gross mass, such as 0.15
   */
  shed_impurity_rate?: DecimalString | null;
  /**
   * 棚膜含水率（比例） · Moisture rate of shed film (share)
   * 0 – 1
   * 去杂后的含水比例，如 10% 填 0.1 · water as a share of the mass without impurities, such as 0.1
   */
  shed_moisture_rate?: DecimalString | null;
  /** 棚膜覆盖面积（亩） · Area under shed film (mu) */
  shed_covered_area_mu?: DecimalString | null;
  /**
   * 全生物降解地膜使用量（吨） · Biodegradable mulch film used (t)
   * 不计入回收率 · outside the recovery rate
   */
  biodegradable_used_t?: DecimalString | null;
  /**
   * 其中：加厚高强度地膜使用量（吨） · of it thick mulch film (t)
   * 厚度 0.015 毫米及以上 · 0.015 mm and more
   */
  mulch_thick_used_t?: DecimalString | null;
  /**
   * 其中：厚度不达标地膜使用量（吨） · of it mulch film below the standard (t)
   * 厚度小于 0.010 毫米（GB 13735-2017） · thinner than 0.010 mm (GB 13735-2017)
   */
  mulch_substandard_used_t?: DecimalString | null;
  /** 废旧农膜回收网点数（个） · Collection points (count) */
  collection_points?: number | null;
}

/** What one farm used and gave back; what it does not use stays empty. */
export interface FilmFarmForm {
  /** 指标 · Indicator */
  indicator: "film_recovery";
  /** 填报层级 · Level */
  level: "farm";
  /**
   * 统计期 · Period
   * `^20[0-9]{2}(H1|Q[1-4])?$`
   */
  period: string;
  /**
   * 今年无 · None this year
   * 今年确实没有的勾选此项，其他不用填 · say so here and leave the rest empty
   */
  none_this_year?: boolean;
  /**
   * 备注 · Note
   * 至多 500 字 · at most 500 characters
   */
  note?: string | null;
  /** 所属主体 · Farm */
  farm_id: Uuid;
  /**
   * 乡镇代码 · Township code
   * `^[0-9]{9}$`
   * 9 位；县代码加 000 表示不分乡镇 · 9 digits; the county code and 000 for none
   */
  township_code: string;
  /**
   * 地块 · Plot
   * GeoJSON 点、面或多面，经度在前 · GeoJSON Point, Polygon or MultiPolygon, longitude first
   * 个人信息 · personal
   */
  geometry?: JsonObject | null;
  /**
   * 照片和附件 · Photos and papers
   * 文件另行上传，可在报表之前或之后 · the files are sent by themselves, before or after the report
   * 个人信息 · personal
   */
  attachments?: AttachmentNamed[] | null;
  /** 地膜使用量（公斤） · Mulch film used (kg) */
  mulch_used_kg?: DecimalString | null;
  /** 地膜回收毛重（公斤） · Mulch film recovered, gross (kg) */
  mulch_recovered_gross_kg?: DecimalString | null;
  /**
   * 地膜含杂率（比例） · Impurity rate of mulch film (share)
   * 0 – 1
   * 泥土、秸秆等杂质占回收毛重的比例，如 15% 填 0.15 · soil and straw as a share of the gross mass, such as 0.15
   */
  mulch_impurity_rate?: DecimalString | null;
  /**
   * 地膜含水率（比例） · Moisture rate of mulch film (share)
   * 0 – 1
   * 去杂后的含水比例，如 10% 填 0.1 · water as a share of the mass without impurities, such as 0.1
   */
  mulch_moisture_rate?: DecimalString | null;
  /** 地膜覆盖面积（亩） · Area under mulch film (mu) */
  mulch_covered_area_mu?: DecimalString | null;
  /** 棚膜使用量（公斤） · Shed film used (kg) */
  shed_used_kg?: DecimalString | null;
  /** 棚膜回收毛重（公斤） · Shed film recovered, gross (kg) */
  shed_recovered_gross_kg?: DecimalString | null;
  /**
   * 棚膜含杂率（比例） · Impurity rate of shed film (share)
   * 0 – 1
   * 泥土、秸秆等杂质占回收毛重的比例，如 15% 填 0.15 · soil and straw as a share of the gross mass, such as 0.15
   */
  shed_impurity_rate?: DecimalString | null;
  /**
   * 棚膜含水率（比例） · Moisture rate of shed film (share)
   * 0 – 1
   * 去杂后的含水比例，如 10% 填 0.1 · water as a share of the mass without impurities, such as 0.1
   */
  shed_moisture_rate?: DecimalString | null;
  /** 棚膜覆盖面积（亩） · Area under shed film (mu) */
  shed_covered_area_mu?: DecimalString | null;
  /**
   * 全生物降解地膜使用量（公斤） · Biodegradable mulch film used (kg)
   * 不计入回收率 · outside the recovery rate
   */
  biodegradable_used_kg?: DecimalString | null;
  /**
   * 地膜厚度（毫米） · Thickness of mulch film (mm)
   * 0 – 1
   * 包装上标明的标称厚度，如 0.01 · as printed on the roll, such as 0.01
   */
  mulch_thickness_mm?: DecimalString | null;
  /** 旧膜交售渠道 · Where old film goes */
  recovery_channel?: Channel | null;
}

/** Those of the wanted records that lie in the caller's scope, in their current state. */
export interface FoundRecords {
  records: PulledRecord[];
}

/** A goal as it is held against a figure. */
export interface GoalShown {
  region_code: string;
  scope: string;
  type: GoalType;
  /** An exact decimal number as a JSON string. */
  value: string;
  unit: string;
  due_year: number;
  source: string;
  status: SourceStatus;
  department: string;
  /** False where the goal was set for a region above: a reference line 参考线. */
  assigned: boolean;
}

/** Where a figure stands against its goal. */
export type GoalState =
  | "met"
  | "below"
  | "not_due"
  | "no_goal"
  | "no_data";

/** How a goal is compared. */
export type GoalType =
  | "floor"
  | "cumulative_amount"
  | "no_increase";

/** A role within a region. */
export interface GrantShown {
  role: Role;
  region_code: string;
  region_name: string;
  region_level: RegionLevel;
  indicators: Indicator[] | null;
  basin_code: string | null;
}

/** The county's statement of planted and protected areas. */
export interface GreenControlCountyForm {
  /** 指标 · Indicator */
  indicator: "green_control_coverage";
  /** 填报层级 · Level */
  level: "county";
  /**
   * 统计期 · Period
   * `^20[0-9]{2}(H1|Q[1-4])?$`
   */
  period: string;
  /**
   * 今年无 · None this year
   * 今年确实没有的勾选此项，其他不用填 · say so here and leave the rest empty
   */
  none_this_year?: boolean;
  /**
   * 备注 · Note
   * 至多 500 字 · at most 500 characters
   */
  note?: string | null;
  /**
   * 差异说明 · Reason for a difference from the field sum
   * 至多 1000 字 · at most 1000 characters
   */
  reason?: string | null;
  /** 作物 · Crops */
  crops?: Partial<Record<PlantedCrop, Protected>>;
}

/** What one farm planted, and how much of it was protected the green way. */
export interface GreenControlFarmForm {
  /** 指标 · Indicator */
  indicator: "green_control_coverage";
  /** 填报层级 · Level */
  level: "farm";
  /**
   * 统计期 · Period
   * `^20[0-9]{2}(H1|Q[1-4])?$`
   */
  period: string;
  /**
   * 今年无 · None this year
   * 今年确实没有的勾选此项，其他不用填 · say so here and leave the rest empty
   */
  none_this_year?: boolean;
  /**
   * 备注 · Note
   * 至多 500 字 · at most 500 characters
   */
  note?: string | null;
  /** 所属主体 · Farm */
  farm_id: Uuid;
  /**
   * 乡镇代码 · Township code
   * `^[0-9]{9}$`
   * 9 位；县代码加 000 表示不分乡镇 · 9 digits; the county code and 000 for none
   */
  township_code: string;
  /**
   * 地块 · Plot
   * GeoJSON 点、面或多面，经度在前 · GeoJSON Point, Polygon or MultiPolygon, longitude first
   * 个人信息 · personal
   */
  geometry?: JsonObject | null;
  /**
   * 照片和附件 · Photos and papers
   * 文件另行上传，可在报表之前或之后 · the files are sent by themselves, before or after the report
   * 个人信息 · personal
   */
  attachments?: AttachmentNamed[] | null;
  /** 作物 · Crops */
  crops?: Partial<Record<PlantedCrop, Protected>>;
}

/** How many animals of one species, counted as fits the species. */
export interface Heads {
  /** 存栏量（头（只）） · In stock (heads) */
  stock_head?: number | null;
  /** 出栏量（头（只）） · Slaughtered (heads) */
  slaughter_head?: number | null;
}

/** Why a change is kept without being decided. */
export type HoldReason =
  | "base_missing"
  | "farm_missing"
  | "year_locked"
  | "scope_lost"
  | "schema_unknown";

/** What the national plan measures; each has a module in `schemas.indicators`. */
export type Indicator =
  | "film_recovery"
  | "straw_utilisation"
  | "manure_utilisation"
  | "fertiliser_reduction"
  | "pesticide_reduction"
  | "irrigation_new_area"
  | "green_control_coverage";

/** An indicator by code and label. */
export interface IndicatorName {
  code: string;
  zh: string;
  en: string;
}

/** One indicator of one region: the headline takes a county's statement, or its field sum until it has filed. */
export interface IndicatorSummary {
  kind: FigureKind;
  headline: ViewFigure;
  views: Partial<Record<View, ViewFigure>>;
  /**
   * Statement minus field sum in percentage points, over the counties that have both; rounded. Null for an indicator whose field reports are a sample.
   */
  gap_points: string | null;
  goal: GoalShown | null;
  /** Goals of other scopes, beside the plan's. */
  other_goals: OtherGoalShown[];
  /** Headline minus goal in percentage points, rounded. */
  distance_points: string | null;
  /** For a flow: its sum minus the goal, in its unit. */
  distance_amount: string | null;
  /** Further series, such as pesticide as active ingredient. */
  series: SeriesFigure[];
  reports: Partial<Record<RecordStatus, number>>;
  /** Live reports that carry at least one warning. */
  flagged_reports: number;
  filing: FilingStanding;
  warnings: Problem[];
}

/** The county's statement of the areas that were newly brought under irrigation in the period. */
export interface IrrigationCountyForm {
  /** 指标 · Indicator */
  indicator: "irrigation_new_area";
  /** 填报层级 · Level */
  level: "county";
  /**
   * 统计期 · Period
   * `^20[0-9]{2}(H1|Q[1-4])?$`
   */
  period: string;
  /**
   * 今年无 · None this year
   * 今年确实没有的勾选此项，其他不用填 · say so here and leave the rest empty
   */
  none_this_year?: boolean;
  /**
   * 备注 · Note
   * 至多 500 字 · at most 500 characters
   */
  note?: string | null;
  /**
   * 差异说明 · Reason for a difference from the field sum
   * 至多 1000 字 · at most 1000 characters
   */
  reason?: string | null;
  /**
   * 喷灌面积（亩） · Sprinkler area (mu)
   * 同一块地只按一种方式计一次 · the same field counts once, under one technique
   */
  sprinkler_area_mu?: DecimalString | null;
  /**
   * 滴灌面积（亩） · Drip area (mu)
   * 同一块地只按一种方式计一次 · the same field counts once, under one technique
   */
  drip_area_mu?: DecimalString | null;
  /**
   * 微喷面积（亩） · Micro-spray area (mu)
   * 同一块地只按一种方式计一次 · the same field counts once, under one technique
   */
  micro_spray_area_mu?: DecimalString | null;
  /**
   * 管道输水灌溉面积（亩） · Pipe area (mu)
   * 同一块地只按一种方式计一次 · the same field counts once, under one technique
   */
  pipe_area_mu?: DecimalString | null;
  /**
   * 渠道防渗面积（亩） · Canal lining area (mu)
   * 属节水灌溉，不属高效节水，不计入 · saves water, but is not high-efficiency: left out
   */
  canal_lining_area_mu?: DecimalString | null;
}

/** The area that one project brought under high-efficiency irrigation, in the year it was finished. */
export interface IrrigationFarmForm {
  /** 指标 · Indicator */
  indicator: "irrigation_new_area";
  /** 填报层级 · Level */
  level: "farm";
  /**
   * 统计期 · Period
   * `^20[0-9]{2}(H1|Q[1-4])?$`
   */
  period: string;
  /**
   * 今年无 · None this year
   * 今年确实没有的勾选此项，其他不用填 · say so here and leave the rest empty
   */
  none_this_year?: boolean;
  /**
   * 备注 · Note
   * 至多 500 字 · at most 500 characters
   */
  note?: string | null;
  /** 所属主体 · Farm */
  farm_id: Uuid;
  /**
   * 乡镇代码 · Township code
   * `^[0-9]{9}$`
   * 9 位；县代码加 000 表示不分乡镇 · 9 digits; the county code and 000 for none
   */
  township_code: string;
  /**
   * 地块 · Plot
   * GeoJSON 点、面或多面，经度在前 · GeoJSON Point, Polygon or MultiPolygon, longitude first
   * 个人信息 · personal
   */
  geometry?: JsonObject | null;
  /**
   * 照片和附件 · Photos and papers
   * 文件另行上传，可在报表之前或之后 · the files are sent by themselves, before or after the report
   * 个人信息 · personal
   */
  attachments?: AttachmentNamed[] | null;
  /**
   * 项目编号 · Project number
   * 至多 64 字 · at most 64 characters
   * 立项批复的编号；一个项目只报一次，跨年也不重报 · the number of its approval; a project is reported once, whatever the year
   */
  project_id: string;
  /**
   * 喷灌面积（亩） · Sprinkler area (mu)
   * 同一块地只按一种方式计一次 · the same field counts once, under one technique
   */
  sprinkler_area_mu?: DecimalString | null;
  /**
   * 滴灌面积（亩） · Drip area (mu)
   * 同一块地只按一种方式计一次 · the same field counts once, under one technique
   */
  drip_area_mu?: DecimalString | null;
  /**
   * 微喷面积（亩） · Micro-spray area (mu)
   * 同一块地只按一种方式计一次 · the same field counts once, under one technique
   */
  micro_spray_area_mu?: DecimalString | null;
  /**
   * 管道输水灌溉面积（亩） · Pipe area (mu)
   * 同一块地只按一种方式计一次 · the same field counts once, under one technique
   */
  pipe_area_mu?: DecimalString | null;
  /**
   * 渠道防渗面积（亩） · Canal lining area (mu)
   * 属节水灌溉，不属高效节水，不计入 · saves water, but is not high-efficiency: left out
   */
  canal_lining_area_mu?: DecimalString | null;
}

/** Which state of the ledgers the figures were computed from. */
export interface LedgerDigest {
  /** SHA-256 over the RFC 8785 form of [[county, position, entry hash], ...]. */
  digest: string;
  counties: number;
  entries: number;
}

/** A page of what the caller's scope of a county holds: `[id, mark]` by id. */
export interface Manifest {
  county_code: string;
  entries: [string, string][];
  /** Ask for the next page after this id; null on the last. */
  after: string | null;
}

/** The county's statement of livestock, manure used, and scale farms with facilities. */
export interface ManureCountyForm {
  /** 指标 · Indicator */
  indicator: "manure_utilisation";
  /** 填报层级 · Level */
  level: "county";
  /**
   * 统计期 · Period
   * `^20[0-9]{2}(H1|Q[1-4])?$`
   */
  period: string;
  /**
   * 今年无 · None this year
   * 今年确实没有的勾选此项，其他不用填 · say so here and leave the rest empty
   */
  none_this_year?: boolean;
  /**
   * 备注 · Note
   * 至多 500 字 · at most 500 characters
   */
  note?: string | null;
  /**
   * 差异说明 · Reason for a difference from the field sum
   * 至多 1000 字 · at most 1000 characters
   */
  reason?: string | null;
  /** 畜种 · Species */
  species?: Partial<Record<Species, Heads>>;
  /** 堆沤还田量（吨） · Composted and returned (t) */
  composting_return_t?: DecimalString | null;
  /** 生产商品有机肥用量（吨） · Made into commercial organic fertiliser (t) */
  commercial_fertiliser_t?: DecimalString | null;
  /**
   * 沼气利用量（吨） · Used for biogas (t)
   * 同一份粪污只计一次：沼液已按沼液还田计的，不再计入沼气 · count every mass once: what is counted as slurry returned is not counted as biogas
   */
  biogas_t?: DecimalString | null;
  /**
   * 生物天然气利用量（吨） · Used for bio-natural gas (t)
   * 同一份粪污只计一次：沼液已按沼液还田计的，不再计入沼气 · count every mass once: what is counted as slurry returned is not counted as biogas
   */
  bio_natural_gas_t?: DecimalString | null;
  /** 沼液还田量（吨） · Biogas slurry returned (t) */
  slurry_return_t?: DecimalString | null;
  /** 其他利用量（吨） · Used otherwise (t) */
  other_t?: DecimalString | null;
  /** 备案规模养殖场数（个） · Registered scale farms (count) */
  registered_scale_farms?: number | null;
  /** 设施装备已配套的规模养殖场数（个） · Scale farms with treatment facilities (count) */
  equipped_scale_farms?: number | null;
}

/** What one scale livestock farm keeps, and what became of its manure, dung and waste water together. */
export interface ManureFarmForm {
  /** 指标 · Indicator */
  indicator: "manure_utilisation";
  /** 填报层级 · Level */
  level: "farm";
  /**
   * 统计期 · Period
   * `^20[0-9]{2}(H1|Q[1-4])?$`
   */
  period: string;
  /**
   * 今年无 · None this year
   * 今年确实没有的勾选此项，其他不用填 · say so here and leave the rest empty
   */
  none_this_year?: boolean;
  /**
   * 备注 · Note
   * 至多 500 字 · at most 500 characters
   */
  note?: string | null;
  /** 所属主体 · Farm */
  farm_id: Uuid;
  /**
   * 乡镇代码 · Township code
   * `^[0-9]{9}$`
   * 9 位；县代码加 000 表示不分乡镇 · 9 digits; the county code and 000 for none
   */
  township_code: string;
  /**
   * 地块 · Plot
   * GeoJSON 点、面或多面，经度在前 · GeoJSON Point, Polygon or MultiPolygon, longitude first
   * 个人信息 · personal
   */
  geometry?: JsonObject | null;
  /**
   * 照片和附件 · Photos and papers
   * 文件另行上传，可在报表之前或之后 · the files are sent by themselves, before or after the report
   * 个人信息 · personal
   */
  attachments?: AttachmentNamed[] | null;
  /** 粪污处理设施装备已配套 · Equipped with manure treatment facilities */
  equipped: boolean;
  /** 畜种 · Species */
  species?: Partial<Record<Species, Heads>>;
  /** 堆沤还田量（公斤） · Composted and returned (kg) */
  composting_return_kg?: DecimalString | null;
  /** 生产商品有机肥用量（公斤） · Made into commercial organic fertiliser (kg) */
  commercial_fertiliser_kg?: DecimalString | null;
  /**
   * 沼气利用量（公斤） · Used for biogas (kg)
   * 同一份粪污只计一次：沼液已按沼液还田计的，不再计入沼气 · count every mass once: what is counted as slurry returned is not counted as biogas
   */
  biogas_kg?: DecimalString | null;
  /**
   * 生物天然气利用量（公斤） · Used for bio-natural gas (kg)
   * 同一份粪污只计一次：沼液已按沼液还田计的，不再计入沼气 · count every mass once: what is counted as slurry returned is not counted as biogas
   */
  bio_natural_gas_kg?: DecimalString | null;
  /** 沼液还田量（公斤） · Biogas slurry returned (kg) */
  slurry_return_kg?: DecimalString | null;
  /** 其他利用量（公斤） · Used otherwise (kg) */
  other_kg?: DecimalString | null;
}

/** The account that asks. */
export interface Me {
  username: string;
  display_name: string;
  grants: GrantShown[];
}

/** The nutrient mass of one kind that a county used. */
export interface Nutrient {
  /** 折纯量（吨） · Nutrient mass (t) */
  nutrient_t?: DecimalString | null;
}

/** A goal of another scope, and what can be said of it: a state, or the reason why there is none. */
export interface OtherGoalShown {
  region_code: string;
  scope: string;
  type: GoalType;
  /** An exact decimal number as a JSON string. */
  value: string;
  unit: string;
  due_year: number;
  source: string;
  status: SourceStatus;
  department: string;
  /** False where the goal was set for a region above: a reference line 参考线. */
  assigned: boolean;
  valid_from: number;
  /** What is held against it: the flow summed from `valid_from` to the period, in its unit. */
  amount: string | null;
  /** Amount / goal, rounded once, half-even, to two decimals. */
  share_percent: string | null;
  /** Whether the amount is only a part of what the goal counts. */
  at_least: boolean;
  /** Null where the figures do not tell: a part that falls short by the due year, or an unknown scope. */
  state: GoalState | null;
  /** Why there is no state, or why there may be none at the due year. */
  reason: Problem | null;
}

/** What became of a change. */
export type Outcome =
  | "applied"
  | "merged"
  | "conflict"
  | "held"
  | "rejected";

/** A pack that is a file of its own, fetched by byte ranges when there is a good line, not with every pull. */
export interface PackFile {
  name: string;
  /** SHA-256 of what it is made from; the bytes have their own, which is the `ETag`. */
  version: string;
  media_type: string;
  /** Where it is fetched, below the address of the service. */
  url: string;
  /** Bytes; null while it has not been made, which the first request does. */
  size: number | null;
  /** Of the bytes; null while it has not been made. */
  sha256: string | null;
}

/** The packs of a county for the caller. */
export interface PackList {
  county_code: string;
  /**
   * To be given as `packs` in a pull: SHA-256 of the sorted lines `<name>:<sha256>`, each ended by a line feed, of all packs but `farms`, whose content comes with every pull as records.
   */
  sha256: string;
  packs: PackRef[];
  /** To be given as `files` in a pull: SHA-256 of the sorted lines `<name>:<version>`, each ended by a line feed. */
  files_sha256: string;
  /** The GeoPackage of the caller's scope, and the tiles of the boundaries. */
  files: PackFile[];
}

/** A pack of reference data as it is now; fetched only when its hash is another than the phone's. */
export interface PackRef {
  name: string;
  sha256: string;
  /** Bytes, uncompressed. */
  size: number;
}

/** The county's statement of pesticide used on one basis, and of the areas under green and unified control. */
export interface PesticideCountyForm {
  /** 指标 · Indicator */
  indicator: "pesticide_reduction";
  /** 填报层级 · Level */
  level: "county";
  /**
   * 统计期 · Period
   * `^20[0-9]{2}(H1|Q[1-4])?$`
   */
  period: string;
  /**
   * 今年无 · None this year
   * 今年确实没有的勾选此项，其他不用填 · say so here and leave the rest empty
   */
  none_this_year?: boolean;
  /**
   * 备注 · Note
   * 至多 500 字 · at most 500 characters
   */
  note?: string | null;
  /**
   * 差异说明 · Reason for a difference from the field sum
   * 至多 1000 字 · at most 1000 characters
   */
  reason?: string | null;
  /**
   * 计量口径 · Basis
   * 商品量按瓶、袋上的净含量计；折百量按有效成分计 · product mass as on the bottle, or mass of the active ingredient
   */
  basis?: Basis | null;
  /** 杀虫剂用量（吨） · Insecticide used (t) */
  insecticide_t?: DecimalString | null;
  /** 杀菌剂用量（吨） · Fungicide used (t) */
  fungicide_t?: DecimalString | null;
  /** 除草剂用量（吨） · Herbicide used (t) */
  herbicide_t?: DecimalString | null;
  /** 其他农药用量（吨） · Other pesticide used (t) */
  other_t?: DecimalString | null;
  /** 播种面积（亩） · Sown area (mu) */
  sown_area_mu?: DecimalString | null;
  /**
   * 绿色防控面积（亩） · Area under green control (mu)
   * 按面积填，同一块地一年只计一次，不按亩次 · an area: the same field counts once a year
   */
  green_control_area_mu?: DecimalString | null;
  /**
   * 统防统治面积（亩） · Area under unified control (mu)
   * 按面积填，同一块地一年只计一次，不按亩次 · an area: the same field counts once a year
   */
  unified_control_area_mu?: DecimalString | null;
}

/** What one sampled farm used on what it sowed. */
export interface PesticideFarmForm {
  /** 指标 · Indicator */
  indicator: "pesticide_reduction";
  /** 填报层级 · Level */
  level: "farm";
  /**
   * 统计期 · Period
   * `^20[0-9]{2}(H1|Q[1-4])?$`
   */
  period: string;
  /**
   * 今年无 · None this year
   * 今年确实没有的勾选此项，其他不用填 · say so here and leave the rest empty
   */
  none_this_year?: boolean;
  /**
   * 备注 · Note
   * 至多 500 字 · at most 500 characters
   */
  note?: string | null;
  /** 所属主体 · Farm */
  farm_id: Uuid;
  /**
   * 乡镇代码 · Township code
   * `^[0-9]{9}$`
   * 9 位；县代码加 000 表示不分乡镇 · 9 digits; the county code and 000 for none
   */
  township_code: string;
  /**
   * 地块 · Plot
   * GeoJSON 点、面或多面，经度在前 · GeoJSON Point, Polygon or MultiPolygon, longitude first
   * 个人信息 · personal
   */
  geometry?: JsonObject | null;
  /**
   * 照片和附件 · Photos and papers
   * 文件另行上传，可在报表之前或之后 · the files are sent by themselves, before or after the report
   * 个人信息 · personal
   */
  attachments?: AttachmentNamed[] | null;
  /**
   * 计量口径 · Basis
   * 商品量按瓶、袋上的净含量计；折百量按有效成分计 · product mass as on the bottle, or mass of the active ingredient
   */
  basis?: Basis | null;
  /** 杀虫剂用量（公斤） · Insecticide used (kg) */
  insecticide_kg?: DecimalString | null;
  /** 杀菌剂用量（公斤） · Fungicide used (kg) */
  fungicide_kg?: DecimalString | null;
  /** 除草剂用量（公斤） · Herbicide used (kg) */
  herbicide_kg?: DecimalString | null;
  /** 其他农药用量（公斤） · Other pesticide used (kg) */
  other_kg?: DecimalString | null;
  /** 播种面积（亩） · Sown area (mu) */
  sown_area_mu?: DecimalString | null;
  /**
   * 绿色防控面积（亩） · Area under green control (mu)
   * 按面积填，同一块地一年只计一次，不按亩次 · an area: the same field counts once a year
   */
  green_control_area_mu?: DecimalString | null;
  /**
   * 统防统治面积（亩） · Area under unified control (mu)
   * 按面积填，同一块地一年只计一次，不按亩次 · an area: the same field counts once a year
   */
  unified_control_area_mu?: DecimalString | null;
}

/** The main crops whose pests are controlled. */
export type PlantedCrop =
  /** 水稻 · Rice */
  | "rice"
  /** 小麦 · Wheat */
  | "wheat"
  /** 玉米 · Maize */
  | "maize"
  /** 马铃薯 · Potato */
  | "potato"
  /** 大豆 · Soybean */
  | "soybean"
  /** 油菜 · Rapeseed */
  | "rapeseed"
  /** 花生 · Peanut */
  | "peanut"
  /** 棉花 · Cotton */
  | "cotton"
  /** 蔬菜 · Vegetables */
  | "vegetables"
  /** 果树 · Fruit */
  | "fruit"
  /** 茶叶 · Tea */
  | "tea"
  /** 其他 · Other */
  | "other";

/** The township's office has looked at a farm report; its status stays. */
export interface Precheck {
  change_id: Uuid;
  /** `^[0-9]{6}$` */
  county_code: string;
  record_id: Uuid;
  kind: "report";
  action: "precheck";
  captured_at: Timestamp;
  datum?: Datum | null;
  payload?: null;
  base_change_id?: null;
  set?: null;
  /** 至多 500 字 · at most 500 characters */
  reason?: string | null;
  position: number;
  /** Why a report is returned; with the other decisions, remarks. */
  reasons?: (ReviewReason-Input)[] | null;
}

/** One thing that is wrong, or worth a look, with the field it concerns. */
export interface Problem {
  /** Stable URI reference of the problem type. */
  type: string;
  /** The last segment of `type`, for switch statements. */
  code: string;
  /** The HTTP status this problem has where it answers a whole request. */
  status: number;
  /** JSON Pointer (RFC 6901) of the field, from the item's root. */
  field?: string | null;
  zh: string;
  en: string;
  /** The values named in the texts. */
  params: Record<string, string>;
}

/** The body of a refused request (RFC 9457). `errors` name the fields; a refused push answers its `outcomes` too. */
export interface ProblemDocument {
  /** Stable URI reference of the problem type. */
  type: string;
  /** The last segment of `type`, for switch statements. */
  code: string;
  /** The HTTP status this problem has where it answers a whole request. */
  status: number;
  /** JSON Pointer (RFC 6901) of the field, from the item's root. */
  field?: string | null;
  zh: string;
  en: string;
  /** The values named in the texts. */
  params: Record<string, string>;
  /** The Chinese text. */
  title: string;
  /** The English text. */
  detail: string;
  /** The path that was asked for. */
  instance: string;
  errors: Problem[];
  /** Only where a push was refused as a whole. */
  outcomes?: ChangeOutcome[];
}

/** The product of one kind that a farm used, and its nutrient share. */
export interface Product {
  /** 商品量（公斤） · Product (kg) */
  product_kg?: DecimalString | null;
  /**
   * 养分含量（比例） · Nutrient share (share)
   * 0 – 1
   * 包装上标明的总养分，如 46% 填 0.46 · the nutrients printed on the bag, such as 0.46
   */
  nutrient_share?: DecimalString | null;
}

/** The areas of one crop. */
export interface Protected {
  /** 种植面积（亩） · Planted area (mu) */
  planted_area_mu?: DecimalString | null;
  /**
   * 绿色防控面积（亩） · Area under green control (mu)
   * 按面积填，同一块地只计一次，不按亩次 · an area: the same field counts once
   */
  green_control_area_mu?: DecimalString | null;
  /**
   * 统防统治面积（亩） · Area under unified control (mu)
   * 按面积填，同一块地只计一次，不按亩次 · an area: the same field counts once
   */
  unified_control_area_mu?: DecimalString | null;
}

/** A public key that receipts and checkpoints are or were signed with. */
export interface PublishedKey {
  /** The first 16 hexadecimal digits of the SHA-256 of the public key. */
  key_id: string;
  alg: string;
  /** 32 bytes in base64url without padding. */
  public_key: string;
  created_at: Timestamp;
}

/** Every key that was ever used, oldest first. */
export interface PublishedKeys {
  keys: PublishedKey[];
}

/**
 * A page of what changed since the cursor.
 *
 * `reset` means: the mirror no longer fits. The page holds no record; the phone reads the manifest, fetches what
 * differs, drops what was not listed, and goes on from `cursor`. Unsent work is never touched.
 */
export interface Pull {
  county_code: string;
  records: PulledRecord[];
  exits: RecordExit[];
  /** Of the caller's own changes that were held, decided since. */
  outcomes: ChangeOutcome[];
  cursor: string;
  more: boolean;
  reset: boolean;
  /** On the last page. */
  checksum: ScopeChecksum | null;
  /** Where other than the phone said it has. */
  packs: PackRef[] | null;
  /** Where other than the phone said it was told. */
  files: PackFile[] | null;
  server_time: Timestamp;
}

/** A farm; above its county without the personal fields. */
export interface PulledFarm {
  /** 主体类型 · Kind of entity */
  entity_kind: EntityKind;
  /**
   * 乡镇代码 · Township code
   * `^[0-9]{9}$`
   * 9 位；县代码加 000 表示不分乡镇 · 9 digits; the county code and 000 for none
   */
  township_code: string;
  /**
   * 名称 · Name
   * 至多 100 字 · at most 100 characters
   * 个人信息 · personal
   */
  name?: string;
  /**
   * 主体编号 · Roster number
   * 至多 64 字 · at most 64 characters
   * 花名册中的编号，同一县内不重复；导入时据此认出同一主体 · its number in the county's roster, unique there; an import finds the farm by it
   * 个人信息 · personal
   */
  external_id?: string | null;
  /**
   * 联系人 · Contact
   * 至多 50 字 · at most 50 characters
   * 个人信息 · personal
   */
  contact_name?: string | null;
  /**
   * 联系电话 · Phone
   * 至多 30 字 · at most 30 characters
   * 个人信息 · personal
   */
  phone?: string | null;
  /**
   * 地址 · Address
   * 至多 200 字 · at most 200 characters
   * 个人信息 · personal
   */
  address?: string | null;
  /**
   * 村代码 · Village code
   * `^[0-9]{12}$`
   */
  village_code?: string | null;
  /**
   * 经营面积（亩） · Farmed area (mu)
   * 0 – 10000000
   */
  area_mu?: DecimalString | null;
  /**
   * 地块 · Plot
   * GeoJSON 点、面或多面，经度在前
   * 个人信息 · personal
   */
  geometry?: JsonObject | null;
}

/** The current state of a record, with the personal fields that the county's own people may see. */
export interface PulledRecord {
  id: string;
  kind: RecordKind;
  status: RecordStatus;
  revision: number;
  position: number;
  /** Of this very state, 16 hexadecimal digits; kept with it and summed. */
  mark: string;
  last_change_id: string;
  township_code: string;
  payload: Report | PulledFarm;
  warnings: Problem[];
  /** The last decision on it, where there was one. */
  review: Review | null;
  recorded_at: Timestamp;
  /**
   * The entry by which the county erased the personal fields: the phone drops what it kept of them, in sent changes too.
   */
  erased_position: number | null;
}

/** The envelope of a push. Items are decoded one by one, so that a bad one never harms its neighbours. */
export interface Push {
  device_id: Uuid;
  schema_version: number;
  sent_at: Timestamp;
  /** 至多 40 字 · at most 40 characters */
  app_version?: string | null;
  /** How many changes wait on the phone besides these. */
  queued?: number | null;
  /** When the oldest of them was captured. */
  oldest_queued_at?: Timestamp | null;
  changes: Change[];
}

/** One outcome per item, in the order sent. */
export interface PushAnswer {
  outcomes: ChangeOutcome[];
  server_time: Timestamp;
  /** Of the push as a whole, such as a wrong clock. */
  warnings: Problem[];
  /** Of what was taken; absent where nothing was. */
  receipt: Receipt | null;
}

/**
 * The server's signature over what it has taken: whoever holds it can show that it was acknowledged.
 *
 * Signed (Ed25519) is the RFC 8785 form of `{"alg", "key_id", "issued_at", "account", "device_id", "items", "heads"}`,
 * where `items` are `[change_id, item_hash, outcome, county_code, position]` of every applied and merged change, in
 * the order sent; the phone has all of it and needs no copy on the wire.
 */
export interface Receipt {
  alg: string;
  key_id: string;
  issued_at: Timestamp;
  account: string;
  heads: ReceiptHead[];
  /** 128 hexadecimal digits. */
  signature: string;
}

/** A receipt with all that was signed: the form of a receipt file. */
export interface ReceiptDocument {
  alg: "qt1-receipt-ed25519";
  key_id: string;
  issued_at: string;
  account: string;
  device_id: string;
  items: [string, string, string, string, number][];
  heads: ReceiptHead[];
  /** `^[0-9a-f]{128}$` */
  signature: string;
}

/** A ledger as it stood right after the push. */
export interface ReceiptHead {
  county_code: string;
  position: number;
  /** 64 hexadecimal digits. */
  entry_hash: string;
}

/** A record that left the caller's townships at this position; the phone drops it unless it has it from later. */
export interface RecordExit {
  id: string;
  position: number;
}

/** What a record is. */
export type RecordKind =
  | "farm"
  | "report";

/** Where a record stands. A farm is `submitted` until it is withdrawn. */
export type RecordStatus =
  | "submitted"
  | "returned"
  | "accepted"
  | "withdrawn";

/** The tiers of administration. */
export type RegionLevel =
  | "nation"
  | "province"
  | "prefecture"
  | "county"
  | "township";

/** A region by code and name. */
export interface RegionName {
  code: string;
  name: string;
  level: RegionLevel | "basin";
}

/** One row: a region and its indicators. Indicators without any report are there too, as `no_data`. */
export interface RegionSummary {
  region: RegionName;
  /** How many counties report under this region. */
  counties: number;
  basins: BasinMembership[];
  indicators: Partial<Record<Indicator, IndicatorSummary>>;
}

/** A report of any indicator and level; `indicator` and `level` say which. */
export type Report =
  | FilmFarmForm
  | FilmCountyForm
  | StrawFarmForm
  | StrawCountyForm
  | ManureFarmForm
  | ManureCountyForm
  | FertiliserFarmForm
  | FertiliserCountyForm
  | PesticideFarmForm
  | PesticideCountyForm
  | IrrigationFarmForm
  | IrrigationCountyForm
  | GreenControlFarmForm
  | GreenControlCountyForm;

/** Who answers: a sampled household, which gives a ratio, or a market entity, which is counted in full. */
export type Respondent =
  | "household"
  | "market_entity";

/** The county's bureau or the township's office returns a farm report, with reasons. */
export interface Return {
  change_id: Uuid;
  /** `^[0-9]{6}$` */
  county_code: string;
  record_id: Uuid;
  kind: "report";
  action: "return";
  captured_at: Timestamp;
  datum?: Datum | null;
  payload?: null;
  base_change_id?: null;
  set?: null;
  /** 至多 500 字 · at most 500 characters */
  reason?: string | null;
  position: number;
  reasons: (ReviewReason-Input)[];
}

/** The last decision on a report. Of a report that was amended since, `revision` is an earlier one than its own. */
export interface Review {
  decision: "accept" | "return" | "precheck";
  reasons: (ReviewReason-Output)[];
  /** The display name of the office that decided. */
  office: string;
  decided_at: Timestamp;
  /** Of the entry that decided. */
  position: number;
  /** Of the report, that was looked at. */
  revision: number;
}

/** What is to be corrected, or was remarked, of one answer or of the report as a whole. */
export interface ReviewReason-Input {
  /**
   * 至多 200 字 · at most 200 characters
   * JSON Pointer of the answer below the form; null: the report as a whole.
   */
  field?: string | null;
  /** 至多 500 字 · at most 500 characters */
  text: string;
}

/** What is to be corrected, or was remarked, of one answer or of the report as a whole. */
export interface ReviewReason-Output {
  /**
   * 至多 200 字 · at most 200 characters
   * JSON Pointer of the answer below the form; null: the report as a whole.
   */
  field: string | null;
  /** 至多 500 字 · at most 500 characters */
  text: string;
}

/** What an account may do within the region of its grant. */
export type Role =
  | "worker"
  | "township"
  | "county"
  | "prefecture"
  | "province"
  | "ministry"
  | "admin";

/**
 * What the phone must hold of the county once the page is stored: the records of its townships, withdrawn ones too.
 *
 * `sum` is the sum of the records' marks, each read as a big-endian number of eight bytes, modulo 2^64, in 16
 * hexadecimal digits. A mark is the beginning of the hash of the ledger entry that wrote the record's present state:
 * it commits to the content and to all that was before it. A phone whose sum differs reads the manifest.
 */
export interface ScopeChecksum {
  records: number;
  sum: string;
}

/** A series beside the headline one, never added to it. */
export interface SeriesFigure {
  code: string;
  zh: string;
  en: string;
  headline: ViewFigure;
}

/** How far a number can be trusted: its text was seen, it is ours, or nobody checked it. */
export type SourceStatus =
  | "official"
  | "convention"
  | "unverified";

/** The livestock that the coefficients are kept for. */
export type Species =
  /** 育肥猪 · Finishing pigs */
  | "finishing_pig"
  /** 能繁母猪 · Sows */
  | "sow"
  /** 奶牛 · Dairy cattle */
  | "dairy"
  /** 能繁肉用母牛 · Beef cows */
  | "beef_cow"
  /** 育肥肉牛 · Finishing beef cattle */
  | "finishing_beef"
  /** 蛋鸡 · Layers */
  | "layer"
  /** 肉鸡 · Broilers */
  | "broiler"
  /** 羊 · Sheep and goats */
  | "sheep"
  /** 鸭、鹅 · Ducks and geese */
  | "duck_goose";

/** The county's straw ledger, by crop. */
export interface StrawCountyForm {
  /** 指标 · Indicator */
  indicator: "straw_utilisation";
  /** 填报层级 · Level */
  level: "county";
  /**
   * 统计期 · Period
   * `^20[0-9]{2}(H1|Q[1-4])?$`
   */
  period: string;
  /**
   * 今年无 · None this year
   * 今年确实没有的勾选此项，其他不用填 · say so here and leave the rest empty
   */
  none_this_year?: boolean;
  /**
   * 备注 · Note
   * 至多 500 字 · at most 500 characters
   */
  note?: string | null;
  /**
   * 差异说明 · Reason for a difference from the field sum
   * 至多 1000 字 · at most 1000 characters
   */
  reason?: string | null;
  /** 作物 · Crops */
  crops?: Partial<Record<Crop, CountyCrop>>;
}

/** What one household, large grower or market entity did with its straw, by crop. */
export interface StrawFarmForm {
  /** 指标 · Indicator */
  indicator: "straw_utilisation";
  /** 填报层级 · Level */
  level: "farm";
  /**
   * 统计期 · Period
   * `^20[0-9]{2}(H1|Q[1-4])?$`
   */
  period: string;
  /**
   * 今年无 · None this year
   * 今年确实没有的勾选此项，其他不用填 · say so here and leave the rest empty
   */
  none_this_year?: boolean;
  /**
   * 备注 · Note
   * 至多 500 字 · at most 500 characters
   */
  note?: string | null;
  /** 所属主体 · Farm */
  farm_id: Uuid;
  /**
   * 乡镇代码 · Township code
   * `^[0-9]{9}$`
   * 9 位；县代码加 000 表示不分乡镇 · 9 digits; the county code and 000 for none
   */
  township_code: string;
  /**
   * 地块 · Plot
   * GeoJSON 点、面或多面，经度在前 · GeoJSON Point, Polygon or MultiPolygon, longitude first
   * 个人信息 · personal
   */
  geometry?: JsonObject | null;
  /**
   * 照片和附件 · Photos and papers
   * 文件另行上传，可在报表之前或之后 · the files are sent by themselves, before or after the report
   * 个人信息 · personal
   */
  attachments?: AttachmentNamed[] | null;
  /** 填报对象 · Respondent */
  respondent: Respondent;
  /** 作物 · Crops */
  crops?: Partial<Record<Crop, FarmCrop>>;
}

/** The answer of `/v1/summaries/{region_code}`. */
export interface Summary {
  region: RegionName;
  period: string;
  by: RegionLevel;
  total: RegionSummary;
  rows: RegionSummary[];
  ledger: LedgerDigest;
  demo: boolean;
}

/** A sign-in: the access token says who one is for a short while, the refresh token renews it, once. */
export interface Token {
  access_token: string;
  token_type: "bearer";
  /** Seconds that the access token holds. */
  expires_in: number;
  /** Keep it before using the access token. The one before it stays good until this one is used. */
  refresh_token: string;
  username: string;
}

/** The two views of one truth: the sum of the field reports, and the county's statement. */
export type View =
  | "farm"
  | "statement";

/** One view of a figure: the sums, the figure unrounded and rounded, and how much stands behind it. */
export interface ViewFigure {
  /** The part of a rate; of a change the amount over the compared counties; the flow summed over years. */
  numerator: string | null;
  /** The whole of a rate; the base of a change; null for a flow. */
  denominator: string | null;
  /** Unrounded (34 digits), as a share; of a change (amount - base) / base; null for a flow. */
  rate: string | null;
  /** Rounded once, half-even, to two decimals of a percent. */
  rate_percent: string | null;
  /** For a change: the amount of the period over all counties, compared or not. */
  amount: string | null;
  state: GoalState;
  reports: number;
  /** How many counties have a figure in this view. */
  counties: number;
  /** For a change: how many counties have both values and are compared. */
  compared_counties: number | null;
}

/** The records that a phone lacks or holds in another state. */
export interface WantedRecords {
  /** `^[0-9]{6}$` */
  county_code: string;
  ids: Uuid[];
}

/** Withdraws a record for ever. */
export interface Withdraw {
  change_id: Uuid;
  /** `^[0-9]{6}$` */
  county_code: string;
  record_id: Uuid;
  kind: RecordKind;
  action: "withdraw";
  captured_at: Timestamp;
  datum?: Datum | null;
  payload?: null;
  base_change_id: Uuid;
  set?: null;
  /** 至多 500 字 · at most 500 characters */
  reason?: string | null;
  position?: null;
  reasons?: null;
}
