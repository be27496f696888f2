/**
 * Rendering of mrkdwn: mentions, links, emoji, *bold*, _italic_, ~strike~, `code`, code blocks and quotes.
 * @module
 */
import { fillDate } from "./dates.js";
import { make } from "./dom.js";
import { emoji } from "./emoji.js";
import { channelOf, nameOf, state } from "./state.js";

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

/** Decode the three character escapes of mrkdwn. */
export const unescape = (text) => text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&amp;/g, "&");

/** Render a mention of a person; one of the selected person is highlighted. */
export const userMention = (id) => make("span", { class: id === state.user ? "mention me" : "mention" }, `@${nameOf(id)}`);

/** Render a mention of a channel. */
export const channelMention = (id, label) => make("span", { class: "mention" }, `#${label || channelOf(id)?.name || id}`);

/** Render a mention of a group, such as `channel` or `here`. */
export const groupMention = (range) => make("span", { class: "mention me" }, `@${range}`);

/** Render a link, or only its text if the protocol is not http, https, mailto or tel. */
export function link(url, label) {
  const safe = /^(https?:|mailto:|tel:)/i.test(url);
  const here = url.startsWith(`${location.origin}/archives/`);
  const href = here ? url.replace(/.*\/archives\/(\w+)\/p(\d+)(\d{6})(\?.*)?$/, "#$1/$2.$3") : url;
  const elsewhere = here ? {} : { target: "_blank", rel: "noopener noreferrer" };
  return safe ? make("a", { href, ...elsewhere }, label || url) : make("span", {}, label || url);
}

/** Render a mrkdwn text. */
export function mrkdwn(text) {
  const all = document.createDocumentFragment();
  for (const [number, part] of text.split(/```\n?([\s\S]+?)\n?```\n?/).entries()) {
    if (number % 2) all.append(make("pre", {}, unescape(part)));
    else if (part) all.append(...lines(part));
  }
  return all;
}

/** Render lines; those that begin with > become quotes. */
function lines(text) {
  const groups = [];
  for (const line of text.split("\n")) {
    const quoted = line.startsWith("&gt;");
    const last = groups.at(-1);
    const content = quoted ? line.replace(/^&gt;\s?/, "") : line;
    if (last?.quoted === quoted) last.lines.push(content);
    else groups.push({ quoted, lines: [content] });
  }
  return groups.map(({ quoted, lines: quotedLines }) => {
    const drawn = inline(quotedLines.join("\n"));
    return quoted ? make("blockquote", {}, drawn) : drawn;
  });
}

function inline(text) {
  const all = document.createDocumentFragment();
  let end = 0;
  for (const found of text.matchAll(MARKS)) {
    all.append(unescape(text.slice(end, found.index)), formatted(found));
    end = found.index + found[0].length;
  }
  all.append(unescape(text.slice(end)));
  return all;
}

function formatted([whole, sign, body, label, code, name, bold, italic, strike]) {
  if (code) return make("code", {}, unescape(code));
  if (name) return emoji(name);
  if (bold) return make("strong", {}, inline(bold));
  if (italic) return make("em", {}, inline(italic));
  if (strike) return make("s", {}, inline(strike));
  if (sign === "@") return userMention(body);
  if (sign === "#") return channelMention(body, label);
  if (sign === "!") return special(body, label);
  return body ? link(unescape(body), label && unescape(label)) : whole;
}

function special(body, label) {
  const [kind, ts, format, href] = body.split("^");
  if (kind === "date") {
    const text = format && Number.isFinite(Number(ts)) ? fillDate(ts, unescape(format)) : unescape(label ?? "");
    return href ? link(href, text) : text;
  }
  return groupMention(unescape(label ?? kind).replace(/^@/, ""));
}
