/**
 * The entry point of the page.
 * @module
 */
import { load } from "./emoji.js";
import { connect } from "./server.js";
import { restore, select } from "./sidebar.js";
import { channelOf, on, state } from "./state.js";
import { scrollToMessage } from "./timeline.js";
import "./traffic-log.js";
import "./home.js";
import "./agent.js";
import "./modal.js";

/** Open the channel, and the message if there is one, of the address `#channel` or `#channel/ts`. */
function openAddress() {
  const [channel, ts] = location.hash.slice(1).split("/");
  const message = ts?.startsWith("p") ? `${ts.slice(1, -6)}.${ts.slice(-6)}` : ts;
  if (channelOf(channel) && channel !== state.channel) select({ channel });
  if (message) scrollToMessage(message);
}

on(["overview"], () => {
  if (state.user) return;
  document.body.classList.remove("loading");
  const address = location.hash;
  restore();
  if (address.includes("/")) {
    history.replaceState(null, "", address);
    openAddress();
  }
});
addEventListener("hashchange", openAddress);
load().finally(connect);
