/**
 * What the page itself has to say: why something could not be done, in plain words, beside the place where it was tried.
 * It stands between the messages and the composer, so that it covers neither, and goes with the next act.
 * @module
 */
import { $, button, make } from "./dom.js";
import { on, state } from "./state.js";

const WORDS = {
  already_archived: () => "This channel is archived already.",
  already_in_channel: () => "They are in this channel already.",
  already_reacted: () => "You have reacted with that already.",
  cant_archive_general: () => "This channel cannot be archived.",
  cant_delete_message: () => "Only who wrote a message can delete it.",
  cant_update_message: () => "Only who wrote a message can edit it.",
  channel_not_found: () => "There is no such channel, or you cannot see it.",
  dispatch_failed: () => `Nobody could be asked: ${state.overview.app} is not connected.`,
  file_not_found: () => "The file is gone. Attach it again.",
  invalid_name: () => "There is no such emoji.",
  is_archived: () => "This channel is archived; it can be read only.",
  is_inactive: () => "This channel is archived; it can be read only.",
  message_not_found: () => "This message is gone.",
  msg_too_long: () => "A message can have 40,000 characters at most.",
  no_reaction: () => "This reaction is gone already.",
  no_text: () => "A message cannot be empty.",
  not_in_channel: () => "You are not in this channel.",
  operation_timeout: () => `${state.overview.app} did not answer within three seconds.`,
  thread_not_found: () => "This thread is gone.",
};

/** Say what one of Slack's codes means. */
export const words = (code) => WORDS[code]?.() ?? `Slack would refuse this, with the code ${code}.`;

/** Take away what was said last. */
export const hush = () => document.querySelectorAll(".notice").forEach((one) => one.remove());

/** Say something; a `problem` at once to screen readers, `good` news when they have time. */
export function tell(text, kind = "problem") {
  hush();
  const role = kind === "problem" ? "alert" : "status";
  const shown = make("div", { class: `notice ${kind}`, role }, make("p", {}, text), button("✕", hush, { class: "icon", "aria-label": "Dismiss" }));
  const dialog = [...document.querySelectorAll("dialog[open]")].at(-1);
  const thread = document.activeElement.closest("#thread");
  const below = dialog?.querySelector(".feet") ?? thread?.querySelector(".composer-place") ?? (!$("talk").hidden && $("composer"));
  if (below) below.before(shown);
  else $("main").append(shown);
}

on(["user", "channel", "tab"], hush);
