/**
 * Rendering of charts in data_visualization blocks as SVG. Lines differ in colour and in marker. A hidden table has the
 * same data for screen readers.
 * https://docs.slack.dev/reference/block-kit/blocks/data-visualization-block
 * @module
 */
import { make } from "./dom.js";

const HEIGHT = 220, LEFT = 44, RIGHT = 8, TOP = 10, BOTTOM = 26;
let width = 480; // of the chart in pixels; the font size does not depend on it
const MARKS = [
  (x, y) => `M${x - 4},${y - 3.5}L${x},${y + 4}L${x + 4},${y - 3.5}Z`,
  (x, y) => `M${x - 4},${y}a4,4 0 1,0 8,0a4,4 0 1,0 -8,0Z`,
  (x, y) => `M${x - 4},${y + 3.5}L${x},${y - 4}L${x + 4},${y + 3.5}Z`,
  (x, y) => `M${x - 3.5},${y - 3.5}h7v7h-7Z`,
  (x, y) => `M${x},${y - 4.5}L${x + 4.5},${y}L${x},${y + 4.5}L${x - 4.5},${y}Z`,
  (x, y) => `M${x - 4},${y}h8M${x},${y - 4}v8`,
];

/** Create an SVG element. */
function svg(tag, attributes = {}, ...children) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.flat());
  return made;
}

/** Render a chart with its title, legend and table. */
export function chart(block) {
  const { chart } = block;
  const pie = chart.type === "pie";
  const names = pie ? chart.segments.map((one) => one.label) : chart.series.map((one) => one.name);
  const drawing = svg("svg", { height: HEIGHT, "aria-hidden": "true" });
  new ResizeObserver(([{ contentRect }]) => {
    if (!contentRect.width) return;
    width = contentRect.width;
    drawing.replaceChildren(
      ...(pie ? slices(chart.segments) : [...axes(chart), ...(chart.type === "bar" ? bars : lines)(chart)])
    );
  }).observe(drawing);
  const keys = names.map((name, i) => make("li", {}, key(i, chart.type), name));
  return make("figure", { class: "chart" }, make("figcaption", {}, block.title), drawing, make("ul", { class: "keys" }, keys), dataTable(chart));
}

function key(number, kind) {
  const shape = kind === "line" || kind === "area" ? MARKS[number % MARKS.length](6, 6) : "M1,1h10v10h-10Z";
  return svg("svg", { viewBox: "0 0 12 12", "aria-hidden": "true" }, svg("path", { d: shape, class: `mark s${number}` }));
}

const values = (chart) => chart.series.flatMap((one) => one.data.map((point) => point.value));

/** Return the maximum of the value axis: 1, 2 or 5 times a power of ten. */
function axisMaximum(chart) {
  const most = Math.max(...values(chart), 1);
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((one) => one * power).find((one) => one >= most);
}

const across = (count) => (width - LEFT - RIGHT) / count;
const middle = (i, count) => LEFT + across(count) * (i + 0.5);
const height = (value, chart) => HEIGHT - BOTTOM - ((HEIGHT - TOP - BOTTOM) * Math.max(0, value)) / axisMaximum(chart);

function axes(chart) {
  const { categories, y_label: label } = chart.axis_config;
  const most = axisMaximum(chart);
  const rows = [0, most / 2, most].map((value) => [
    svg("line", { x1: LEFT, x2: width - RIGHT, y1: height(value, chart), y2: height(value, chart), class: "grid" }),
    svg("text", { x: LEFT - 6, y: height(value, chart) + 4, "text-anchor": "end" }, String(value)),
  ]);
  const wide = Math.max(...categories.map((name) => name.length)) * 6.5 + 14; // a label in pixels
  const step = Math.ceil((categories.length * wide) / (width - LEFT - RIGHT)); // show as many labels as fit
  const at = (i) => Math.min(middle(i, categories.length), width - wide / 2);
  const names = categories.map((name, i) =>
    i % step ? [] : svg("text", { x: at(i), y: HEIGHT - 8, "text-anchor": "middle" }, name)
  );
  const y = label ? [svg("text", { x: 10, y: (HEIGHT - BOTTOM) / 2, class: "axis", "text-anchor": "middle" }, label)] : [];
  return [...rows.flat(), ...names.flat(), ...y];
}

function lines(chart) {
  const count = chart.axis_config.categories.length;
  return chart.series.flatMap((one, number) => {
    const points = one.data.map((point, i) => [middle(i, count), height(point.value, chart)]);
    const path = points.map(([x, y], i) => `${i ? "L" : "M"}${x},${y}`).join("");
    const floor = HEIGHT - BOTTOM;
    const filled = `${path}L${points.at(-1)[0]},${floor}L${points[0][0]},${floor}Z`;
    return [
      ...(chart.type === "area" ? [svg("path", { d: filled, class: `fill s${number}` })] : []),
      svg("path", { d: path, class: `line s${number}` }),
      svg("path", { d: points.map(([x, y]) => MARKS[number % MARKS.length](x, y)).join(""), class: `mark s${number}` }),
    ];
  });
}

function bars(chart) {
  const count = chart.axis_config.categories.length;
  const wide = (across(count) * 0.8) / chart.series.length;
  return chart.series.flatMap((one, number) =>
    one.data.map((point, i) => {
      const x = LEFT + across(count) * (i + 0.1) + wide * number;
      const y = height(point.value, chart);
      return svg("rect", { x, y, width: wide, height: HEIGHT - BOTTOM - y, class: `bar s${number}` });
    })
  );
}

function slices(segments) {
  const whole = segments.reduce((sum, one) => sum + one.value, 0);
  const [x, y, r] = [width / 2, HEIGHT / 2, HEIGHT / 2 - TOP];
  if (segments.length === 1) return [svg("circle", { cx: x, cy: y, r, class: "bar s0" })];
  const at = (share) => `${x + r * Math.sin(2 * Math.PI * share)},${y - r * Math.cos(2 * Math.PI * share)}`;
  let before = 0;
  return segments.map((one, number) => {
    const share = one.value / whole;
    const d = `M${x},${y}L${at(before)}A${r},${r} 0 ${share > 0.5 ? 1 : 0},1 ${at(before + share)}Z`;
    before += share;
    return svg("path", { d, class: `bar s${number}` });
  });
}

/** Render the data as a table for screen readers. */
function dataTable(chart) {
  const row = (head, cells) => make("tr", {}, make("th", { scope: "row" }, head), cells.map((one) => make("td", {}, String(one))));
  if (chart.type === "pie") return make("table", { class: "visually-hidden" }, chart.segments.map((one) => row(one.label, [one.value])));
  const heads = chart.axis_config.categories.map((one) => make("th", { scope: "col" }, one));
  const rows = chart.series.map((one) => row(one.name, one.data.map((point) => point.value)));
  return make("table", { class: "visually-hidden" }, make("tr", {}, make("td"), heads), rows);
}
