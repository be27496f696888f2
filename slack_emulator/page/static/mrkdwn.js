/**
 * Slack's mrkdwn, drawn: mentions, links, emoji, *bold*, _italic_, ~strike~, `code`, code blocks and quotes.
 * @module
 */
import { make } from "./dom.js";
import { emoji } from "./emoji.js";
import { channelOf, clock, nameOf, state } from "./state.js";

const MARKS = new RegExp(
  [
    "<([@#!]?)([^<>|]+)(?:\\|([^<>]*))?>",
    "`([^`\\n]+)`",
    ":([a-z0-9_+'-]+(?:::skin-tone-[2-6])?):",
    "(?<![\\w*])\\*(?!\\s)([^*\\n]+)(?<!\\s)\\*(?![\\w*])",
    "(?<![\\w_])_(?!\\s)([^_\\n]+)(?<!\\s)_(?![\\w_])",
    "(?<![\\w~])~(?!\\s)([^~\\n]+)(?<!\\s)~(?![\\w~])",
  ].join("|"),
  "g"
);

/** Undo the three escapes of Slack's texts. */
export const unescaped = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

/** Draw a mention of a person; of whoever looks, more strongly. */
export const person = (id) => make("span", { class: id === state.user ? "mention me" : "mention" }, `@${nameOf(id)}`);

/** Draw a mention of a channel. */
export const place = (id, label) => make("span", { class: "mention" }, `#${label || channelOf(id)?.name || id}`);

/** Draw a mention of everybody. */
export const everybody = (range) => make("span", { class: "mention me" }, `@${range}`);

/** Draw a link, unless its address is of a kind that a page should not follow. */
export function link(url, label) {
  const known = /^(https?:|mailto:|tel:)/i.test(url);
  const here = url.startsWith(`${location.origin}/archives/`);
  const href = here ? url.replace(/.*\/archives\/(\w+)\/p(\d+)(\d{6})(\?.*)?$/, "#$1/$2.$3") : url;
  const elsewhere = here ? {} : { target: "_blank", rel: "noopener noreferrer" };
  return known ? make("a", { href, ...elsewhere }, label || url) : make("span", {}, label || url);
}

/** Draw a whole text. */
export function mrkdwn(text) {
  const all = document.createDocumentFragment();
  for (const [number, part] of text.split(/```\n?([\s\S]+?)\n?```\n?/).entries()) {
    if (number % 2) all.append(make("pre", {}, unescaped(part)));
    else if (part) all.append(...lines(part));
  }
  return all;
}

/** Draw lines, those that begin with > as quotes. */
function lines(text) {
  const groups = [];
  for (const line of text.split("\n")) {
    const quoted = line.startsWith("&gt;");
    const last = groups.at(-1);
    const said = quoted ? line.replace(/^&gt;\s?/, "") : line;
    if (last?.quoted === quoted) last.lines.push(said);
    else groups.push({ quoted, lines: [said] });
  }
  return groups.map(({ quoted, lines: said }) => {
    const drawn = inline(said.join("\n"));
    return quoted ? make("blockquote", {}, drawn) : drawn;
  });
}

function inline(text) {
  const all = document.createDocumentFragment();
  let end = 0;
  for (const found of text.matchAll(MARKS)) {
    all.append(unescaped(text.slice(end, found.index)), marked(found));
    end = found.index + found[0].length;
  }
  all.append(unescaped(text.slice(end)));
  return all;
}

function marked([whole, sign, body, label, code, name, bold, italic, strike]) {
  if (code) return make("code", {}, unescaped(code));
  if (name) return emoji(name);
  if (bold) return make("strong", {}, inline(bold));
  if (italic) return make("em", {}, inline(italic));
  if (strike) return make("s", {}, inline(strike));
  if (sign === "@") return person(body);
  if (sign === "#") return place(body, label);
  if (sign === "!") return special(body, label);
  return body ? link(unescaped(body), label && unescaped(label)) : whole;
}

function special(body, label) {
  const [kind, ts, , href] = body.split("^");
  if (kind === "date") return href ? link(href, unescaped(label ?? clock(ts))) : unescaped(label ?? clock(ts));
  return everybody(unescaped(label ?? kind).replace(/^@/, ""));
}
