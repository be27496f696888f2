/**
 * Rendering of rich text blocks.
 * @module
 */
import { make } from "./dom.js";
import { emoji } from "./emoji.js";
import { channelMention, groupMention, link, userMention } from "./mrkdwn.js";
import { fillDate } from "./dates.js";

const STYLES = { bold: "strong", italic: "em", strike: "s", underline: "u", highlight: "mark", code: "code" };
const PARTS = {
  text: (part) => part.text,
  user: (part) => userMention(part.user_id),
  usergroup: (part) => groupMention(part.usergroup_id),
  channel: (part) => channelMention(part.channel_id),
  broadcast: (part) => groupMention(part.range),
  emoji: (part) => emoji(part.skin_tone ? `${part.name}::skin-tone-${part.skin_tone}` : part.name),
  link: (part) => link(part.url, part.text),
  date: (part) => fillDate(part.timestamp, part.format ?? "{date}"),
  color: (part) => part.value,
};

const styled = (drawn, style = {}) =>
  Object.keys(STYLES).reduce((inner, name) => (style[name] ? make(STYLES[name], {}, inner) : inner), drawn);

const parts = (element) => element.elements.map((part) => styled((PARTS[part.type] ?? (() => `[${part.type}]`))(part), part.style));

const KINDS = {
  rich_text_section: (element) => make("p", { class: "line" }, parts(element)),
  rich_text_preformatted: (element) => make("pre", {}, parts(element)),
  rich_text_quote: (element) => make("blockquote", {}, parts(element)),
  rich_text_list: (element) =>
    make(
      element.style === "ordered" ? "ol" : "ul",
      { class: `rich indent-${element.indent ?? 0}`, start: element.offset ? element.offset + 1 : undefined },
      element.elements.map((item) => make("li", {}, parts(item)))
    ),
};

/** Render a rich text block. */
export const richText = (block) =>
  block.elements.map((element) => KINDS[element.type]?.(element) ?? make("p", {}, `[${element.type}]`));
