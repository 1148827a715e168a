/** The texts of the close map and of the switch to it, zh and en side by side. */

export const CLOSE_TEXTS = {
  "map.choice": ["地图", "Map"],
  "map.statistics": ["统计地图", "Statistics"],
  "map.statistics.explain": ["统计地图：等积投影，按省、按县比较。", "Statistics: equal areas, to compare provinces and counties."],
  "map.close": ["细图", "Close map"],
  "map.close.explain": [
    "细图：全国各县同图，可以移动、放大，直到地块。",
    "Close map: all counties at once; it can be moved and magnified down to plots.",
  ],
  "close.name": ["细图", "Close map"],
  "close.hint": [
    "方向键移动，加减号缩放，回车查看正中的县，T 转到表格，Esc 返回上级；各县数字见数据表。",
    "Arrow keys move, plus and minus zoom, Enter opens the county in the middle, T goes to the table, Esc goes up; the table has all figures.",
  ],
  "close.projection": ["Web 墨卡托投影，面积随纬度放大", "Web Mercator: areas grow with latitude"],
  "close.opening": ["正在打开细图…", "Opening the close map …"],
  "close.zoom.in": ["放大", "Zoom in"],
  "close.zoom.out": ["缩小", "Zoom out"],
  "close.metres": ["米", "m"],
  "close.kilometres": ["千米", "km"],
  "close.no_webgl": [
    "本机浏览器不支持 WebGL，细图打不开；统计地图和数据表照常可用。",
    "This browser has no WebGL, which the close map needs; the statistical map and the table work as ever.",
  ],
  "close.not_loaded": [
    "细图没能加载，请稍后再试；统计地图和数据表照常可用。",
    "The close map did not load. Try again later; the statistical map and the table work as ever.",
  ],
};
