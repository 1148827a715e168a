/** Names that do not come with the data: what a rate divides, and the provinces in English. */

/** What a rate divides, by indicator: numerator, denominator and their unit, zh and en. */
export const TERMS = {
  film_recovery: [
    ["回收净量", "使用量", "吨"],
    ["net recovered", "used", "t"],
  ],
  straw_utilisation: [
    ["利用量", "可收集量", "吨"],
    ["used", "collectable", "t"],
  ],
  manure_utilisation: [
    ["利用量", "产生量", "吨"],
    ["used", "produced", "t"],
  ],
  fertiliser_reduction: [
    ["可比县本期折纯用量", "基期折纯用量", "吨"],
    ["nutrients used in compared counties", "in the base year", "t"],
  ],
  pesticide_reduction: [
    ["可比县本期用量（商品量）", "基期用量", "吨"],
    ["product used in compared counties", "in the base year", "t"],
  ],
  green_control_coverage: [
    ["绿色防控面积", "种植面积", "亩"],
    ["under green control", "planted", "mu"],
  ],
};

/** English names of the provinces; the data carry the official Chinese names. */
export const PROVINCES_EN = {
  100000: "China",
  110000: "Beijing",
  120000: "Tianjin",
  130000: "Hebei",
  140000: "Shanxi",
  150000: "Inner Mongolia",
  210000: "Liaoning",
  220000: "Jilin",
  230000: "Heilongjiang",
  310000: "Shanghai",
  320000: "Jiangsu",
  330000: "Zhejiang",
  340000: "Anhui",
  350000: "Fujian",
  360000: "Jiangxi",
  370000: "Shandong",
  410000: "Henan",
  420000: "Hubei",
  430000: "Hunan",
  440000: "Guangdong",
  450000: "Guangxi",
  460000: "Hainan",
  500000: "Chongqing",
  510000: "Sichuan",
  520000: "Guizhou",
  530000: "Yunnan",
  540000: "Xizang",
  610000: "Shaanxi",
  620000: "Gansu",
  630000: "Qinghai",
  640000: "Ningxia",
  650000: "Xinjiang",
  660000: "XPCC",
  710000: "Taiwan",
  810000: "Hong Kong",
  820000: "Macao",
};

/** Names on the inset of the South China Sea, [zh, en, longitude, latitude] of where each label stands. */
export const ISLANDS = [
  ["东沙群岛", "Dongsha Is.", 117.2, 21.3],
  ["西沙群岛", "Xisha Is.", 111.3, 17.7],
  ["中沙群岛", "Zhongsha Is.", 115.7, 16.4],
  ["黄岩岛", "Huangyan I.", 117.2, 13.9],
  ["南沙群岛", "Nansha Is.", 113.6, 10.9],
  ["曾母暗沙", "Zengmu Ansha", 112.6, 4.7],
];
