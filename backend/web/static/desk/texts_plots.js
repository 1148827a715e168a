/** Texts of the plots of a finding, zh and en side by side. */

export const PLOT_TEXTS = {
  "plots.heading": ["地块示意图", "The plots"],
  "plots.drawing": ["{county}，比例尺 {scale}。{parts}", "{county}, scale bar {scale}. {parts}"],
  "plots.parts": ["图中地块", "On the map"],
  "plots.empty": ["这些记录现在没有地块可画。", "These records have no plot to draw now."],
  "plots.hidden": ["地块的确切位置只向本县和所在乡镇公开。", "Exact positions are shown to the county and its townships only."],
  "plots.about.report": ["报表地块", "plot of the report"],
  "plots.about.farm": ["登记地块", "registered plot"],
  "plots.registered": ["该主体的登记地块", "registered plot of the farm"],
  "plots.nearby": ["附近登记地块 {count} 处", "{count} registered plots near by"],
  "plots.point": ["定位点", "a point"],
  "plots.area": ["{mu} 亩", "{mu} mu"],
  "plots.overlap": ["重叠部分", "Overlap"],
  "plots.overlap.said": ["{mu} 亩（{m2} 平方米），占较小地块的 {percent}%", "{mu} mu ({m2} m²), {percent} % of the smaller plot"],
  "plots.reread": ["若按 {datum} 换算", "Read as {datum}"],
  "plots.reread.said": ["移动 {metres} 米（申报为 {declared}）", "moves {metres} m (declared as {declared})"],
  "plots.metres": ["{metres} 米", "{metres} m"],
  "plots.kilometres": ["{kilometres} 公里", "{kilometres} km"],
  "plots.outline": ["{county}县界", "Boundary of {county}"],
  "plots.source": ["县界数据来源：{source}，已概化，仅供核查参考", "County boundary: {source}, generalised, for checking only"],
  "plots.unnamed": ["未命名主体", "unnamed farm"],
};
