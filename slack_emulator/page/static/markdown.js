/**
 * Rendering of `markdown` blocks: headings, lists, quotes, code, **bold**, *italic*, ~~strike~~ and links of standard Markdown.
 * @module
 */
import { make } from "./dom.js";
import { link } from "./mrkdwn.js";

const INLINE = /`([^`]+)`|\*\*(.+?)\*\*|~~(.+?)~~|\*([^*\s](?:[^*]*[^*\s])?)\*|\b_([^_]+)_\b|\[([^\]]+)\]\(([^)\s]+)\)/g;

function inline(text) {
  const all = document.createDocumentFragment();
  let end = 0;
  for (const found of text.matchAll(INLINE)) {
    const [whole, code, bold, strike, star, low, label, url] = found;
    all.append(text.slice(end, found.index));
    if (code) all.append(make("code", {}, code));
    else if (bold) all.append(make("strong", {}, inline(bold)));
    else if (strike) all.append(make("s", {}, inline(strike)));
    else if (url) all.append(link(url, label));
    else all.append(make("em", {}, inline(star ?? low)));
    end = found.index + whole.length;
  }
  all.append(text.slice(end));
  return all;
}

const LINES = [
  [/^#{1,6}\s+(.*)$/, (text) => make("h4", {}, inline(text))],
  [/^(?:---|\*\*\*)$/, () => make("hr")],
  [/^>\s?(.*)$/, (text) => make("blockquote", {}, inline(text))],
  [/^\s*[-*+]\s+(.*)$/, (text) => make("li", {}, inline(text)), "ul"],
  [/^\s*\d+[.)]\s+(.*)$/, (text) => make("li", {}, inline(text)), "ol"],
];

/** Render a Markdown text. */
export function markdown(text) {
  const all = make("div", { class: "markdown" });
  for (const [number, part] of text.split(/^```\w*\n([\s\S]*?)^```$/m).entries()) {
    if (number % 2) all.append(make("pre", {}, part));
    else for (const line of part.split("\n")) if (line.trim()) add(all, line);
  }
  return all;
}

function add(all, line) {
  const [pattern, draw, list] = LINES.find(([one]) => one.test(line)) ?? [/(.*)/, (text) => make("p", {}, inline(text))];
  const made = draw(line.match(pattern)[1]);
  if (!list) all.append(made);
  else if (all.lastElementChild?.localName === list) all.lastElementChild.append(made);
  else all.append(make(list, { class: "rich" }, made));
}
