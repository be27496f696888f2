/**
 * The page of the stand-in for Slack: puts the parts together.
 * @module
 */
import { load } from "./emoji.js";
import { connect } from "./live.js";
import { begin, go } from "./sidebar.js";
import { channelOf, on, state } from "./state.js";
import { goTo } from "./timeline.js";
import "./happened.js";
import "./home.js";
import "./modal.js";

/** Go where the address says: `#channel`, or `#channel/ts` for one message. */
function follow() {
  const [channel, ts] = location.hash.slice(1).split("/");
  const message = ts?.startsWith("p") ? `${ts.slice(1, -6)}.${ts.slice(-6)}` : ts;
  if (channelOf(channel) && channel !== state.channel) go({ channel });
  if (message) goTo(message);
}

on(["overview"], () => {
  if (state.user) return;
  document.body.classList.remove("loading");
  const address = location.hash;
  begin();
  if (address.includes("/")) {
    history.replaceState(null, "", address);
    follow();
  }
});
addEventListener("hashchange", follow);
load().finally(connect);
