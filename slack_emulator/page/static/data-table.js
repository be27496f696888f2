/**
 * Rendering of data_table blocks: sorted by a press on a header, a page of rows at a time.
 * https://docs.slack.dev/reference/block-kit/blocks/data-table-block
 * @module
 */
import { button, make } from "./dom.js";
import { richText } from "./rich-text.js";
import { scrollable } from "./scroll-hint.js";

const PAGE_SIZE = 5;
const CELLS = { raw_text: (cell) => cell.text, raw_number: (cell) => cell.text ?? String(cell.value), rich_text: richText };

/** Render the content of a cell of a table or data_table block. */
export const cellContent = (cell) => CELLS[cell.type]?.(cell) ?? `[${cell.type}]`;

/** Render a table with its caption and, if there are several pages, buttons to turn them. */
export function dataTable(block) {
  const [head, ...rows] = block.rows;
  const size = block.page_size ?? PAGE_SIZE;
  const header = block.row_header_column_index ?? 0;
  const isNumeric = head.map((_, column) => rows.every((row) => row[column].type === "raw_number"));
  const align = (column) => (isNumeric[column] ? "align-right" : "align-left");
  let page = 0;
  let sorted = { column: null, down: false };

  const sortKey = (row) => (isNumeric[sorted.column] ? row[sorted.column].value : make("span", {}, cellContent(row[sorted.column])).textContent);
  const compare = (a, b) => (typeof a === "number" ? a - b : a.localeCompare(b));
  const order = () => {
    if (sorted.column === null) return rows;
    const ascending = rows.toSorted((a, b) => compare(sortKey(a), sortKey(b)));
    return sorted.down ? ascending.toReversed() : ascending;
  };

  const body = make("tbody");
  const range = make("span", { class: "note", role: "status" });
  const turn = (label, name, by) => button(label, () => show(page + by), { class: "icon", "aria-label": name, "data-focus": name });
  const [before, after] = [turn("‹", "Previous rows", -1), turn("›", "Next rows", 1)];
  const heads = head.map((cell, column) => {
    const sort = () => {
      sorted = { column, down: sorted.column === column && !sorted.down };
      heads.forEach((one, i) => one.setAttribute("aria-sort", i !== column ? "none" : sorted.down ? "descending" : "ascending"));
      show(0);
    };
    return make("th", { scope: "col", class: align(column), "aria-sort": "none" }, button(cellContent(cell), sort, { "data-focus": `sort ${column}` }));
  });

  function show(to) {
    page = to;
    const shown = order().slice(page * size, (page + 1) * size);
    const cell = (one, column) =>
      column === header
        ? make("th", { scope: "row", class: align(column) }, cellContent(one))
        : make("td", { class: align(column) }, cellContent(one));
    body.replaceChildren(...shown.map((row) => make("tr", {}, row.map(cell))));
    range.textContent = `${page * size + 1}–${page * size + shown.length} of ${rows.length}`;
    before.disabled = page === 0;
    after.disabled = (page + 1) * size >= rows.length;
  }
  show(0);
  const table = make("table", {}, make("caption", {}, block.caption), make("thead", {}, make("tr", {}, heads)), body);
  return [
    ...scrollable(block.caption, table),
    rows.length > size && make("div", { class: "pages" }, before, range, after),
  ];
}
