// The same story in Eleventy: charts drawn by Vega in the same process, one template for every district.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as vega from "vega";
import * as lite from "vega-lite";

const data = process.env.STORY_DATA;
const [header, ...lines] = readFileSync(join(data, "pupils.csv"), "utf8").trim().split("\n").map(line => line.split(","));
const months = new Map();
for (const line of lines) {
  const row = Object.fromEntries(header.map((name, index) => [name, line[index]]));
  row.pupils = +row.pupils;
  row.absences = +row.absences;
  if (!months.has(row.district)) months.set(row.district, []);
  months.get(row.district).push(row);
}
const districts = readFileSync(join(data, "districts.csv"), "utf8").trim().split("\n").slice(1)
  .map(line => line.split(","))
  .map(([id, name]) => ({ id, name, slug: name.toLowerCase().replace(" ", "-"), months: months.get(id) }));

const chart = async (rows, field) => {
  const { spec } = lite.compile({
    data: { values: rows }, width: 600, height: 240, mark: "line",
    encoding: { x: { field: "month", type: "temporal" }, y: { field, type: "quantitative" } },
  });
  return new vega.View(vega.parse(spec), { renderer: "none" }).toSVG();
};

export default config => {
  config.addGlobalData("districts", districts);
  config.addAsyncShortcode("chart", chart);
  config.addFilter("thousands", number => number.toLocaleString("en-US"));
  return { dir: { input: "pages" }, markdownTemplateEngine: "njk" };
};
