/**
 * Notices: why an action failed, shown between the messages and the composer until the next action.
 * @module
 */
import { $, button, make } from "./dom.js";
import { on, state } from "./state.js";

const ERROR_TEXTS = {
  already_archived: () => "This channel is already archived.",
  already_in_channel: () => "They are already in this channel.",
  already_reacted: () => "You have already reacted with that emoji.",
  cant_archive_general: () => "This channel cannot be archived.",
  cant_delete_message: () => "Only the author of a message can delete it.",
  cant_update_message: () => "Only the author of a message can edit it.",
  channel_not_found: () => "There is no such channel, or you cannot see it.",
  dispatch_failed: () => `${state.overview.app} is not connected.`,
  file_not_found: () => "The file no longer exists. Attach it again.",
  invalid_name: () => "There is no such emoji.",
  is_archived: () => "This channel is archived and read-only.",
  is_inactive: () => "This channel is archived and read-only.",
  message_not_found: () => "This message no longer exists.",
  msg_too_long: () => "A message can have at most 40,000 characters.",
  no_reaction: () => "This reaction was already removed.",
  no_text: () => "A message cannot be empty.",
  not_in_channel: () => "You are not in this channel.",
  operation_timeout: () => `${state.overview.app} did not respond within three seconds.`,
  thread_not_found: () => "This thread no longer exists.",
};

/** Return the text for an error code of Slack's. */
export const errorText = (code) => ERROR_TEXTS[code]?.() ?? `Slack would refuse this with the error ${code}.`;

/** Remove the current notice. */
export const clearNotice = () => document.querySelectorAll(".notice").forEach((one) => one.remove());

/** Show a notice. Screen readers announce a `problem` at once, and `good` news when idle. */
export function showNotice(text, kind = "problem") {
  clearNotice();
  const role = kind === "problem" ? "alert" : "status";
  const shown = make("div", { class: `notice ${kind}`, role }, make("p", {}, text), button("✕", clearNotice, { class: "icon", "aria-label": "Dismiss" }));
  const dialog = [...document.querySelectorAll("dialog[open]")].at(-1);
  const thread = document.activeElement.closest("#thread");
  const below = dialog?.querySelector(".buttons") ?? thread?.querySelector(".composer-place") ?? (!$("conversation").hidden && $("composer"));
  if (below) below.before(shown);
  else $("main").append(shown);
}

on(["user", "channel", "tab"], clearNotice);
