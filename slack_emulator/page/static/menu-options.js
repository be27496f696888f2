/**
 * The options of menus: those that the app lists, and the people and conversations that Slack lists.
 * @module
 */
import { state, titleOf } from "./state.js";

const FILTERS = { channel: "public", group: "private", im: "im", mpim: "mpim" };

/** Return the conversations that the person can choose in a menu. */
function conversations(filter = {}) {
  const isVisible = ({ kind, members }) => kind === "channel" || members.includes(state.user);
  const isIncluded = ({ kind }) => !filter.include || filter.include.includes(FILTERS[kind]);
  const isExcluded = ({ kind }) => filter.exclude_bot_users && kind === "im"; // here, each is with the app
  return state.overview.channels.filter((one) => !one.is_archived && isVisible(one) && isIncluded(one) && !isExcluded(one));
}

const isAbout = (element, what) => element.type.replace("multi_", "") === what;
const channelPair = (channel) => [channel.id, (channel.kind === "im" ? "" : "# ") + titleOf(channel)];
const optionPair = ({ value, text, description }) => [value, description ? `${text.text} (${description.text})` : text.text];

/** Return the options of a menu as groups: a label, which may be empty, and pairs of value and label. */
export function choices(element) {
  if (isAbout(element, "users_select")) return [["", state.overview.users.map((user) => [user.id, user.real_name])]];
  if (isAbout(element, "conversations_select")) return [["", conversations(element.filter).map(channelPair)]];
  if (isAbout(element, "channels_select")) return [["", conversations({ include: ["public"] }).map(channelPair)]];
  if (element.option_groups) return element.option_groups.map((group) => [group.label.text, group.options.map(optionPair)]);
  return [["", (element.options ?? []).map(optionPair)]];
}

/** Return the value of an element before the person changes it. */
export function startValue(element) {
  const [name, value] = Object.entries(element).find(([key]) => key.startsWith("initial_")) ?? [];
  if (element.type.includes("external")) return value;
  if (name === "initial_option") return value.value;
  if (name === "initial_options") return value.map((option) => option.value);
  if (name || !element.default_to_current_conversation) return value;
  return conversations(element.filter).find(({ id }) => id === state.channel)?.id;
}
