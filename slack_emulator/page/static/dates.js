/**
 * Times and days as Slack writes them: times in the reader's locale, days in English.
 * @module
 */

const DAY = 24 * 60 * 60 * 1000;
const SUFFIXES = { one: "st", two: "nd", few: "rd", other: "th" };
const ordinals = new Intl.PluralRules("en", { type: "ordinal" });

const english = (at, options) => at.toLocaleDateString("en-US", options);
const midnight = (at) => new Date(at.getFullYear(), at.getMonth(), at.getDate());
const daysAgo = (at) => Math.round((midnight(new Date()) - midnight(at)) / DAY);
const relativeDay = (at) => ({ 0: "today", 1: "yesterday", [-1]: "tomorrow" })[daysAgo(at)];
const capitalize = (text) => text[0].toUpperCase() + text.slice(1);

/** Return the time of day, such as 9:08 AM. */
export const formatTime = (ts) => new Date(ts * 1000).toLocaleTimeString([], { timeStyle: "short" });

/** Return a date such as "November 24th", with its year if that is another one. */
function longDate(at) {
  const day = `${english(at, { month: "long" })} ${at.getDate()}${SUFFIXES[ordinals.select(at.getDate())]}`;
  return at.getFullYear() === new Date().getFullYear() ? day : `${day}, ${at.getFullYear()}`;
}

/** Return the title of a day in a channel: Today, Yesterday, or a date such as "Tuesday, November 24th". */
export function formatDay(ts) {
  const at = new Date(ts * 1000);
  return daysAgo(at) > 1 || !relativeDay(at) ? `${english(at, { weekday: "long" })}, ${longDate(at)}` : capitalize(relativeDay(at));
}

/** Return when the last reply of a thread was written: "today at 9:08 AM", or "3 days ago". */
export function formatLastReply(ts) {
  const at = new Date(ts * 1000);
  return relativeDay(at) ? `${relativeDay(at)} at ${formatTime(ts)}` : `${daysAgo(at)} days ago`;
}

/** Return day and time, as in the tooltip of a time. */
export function formatDayAndTime(ts) {
  return `${formatDay(ts)} at ${new Date(ts * 1000).toLocaleTimeString([], { timeStyle: "medium" })}`;
}

const short = { year: "numeric", month: "short", day: "numeric" };
const TOKENS = {
  date_num: (at) => [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, "0")).join("-"),
  date: longDate,
  date_short: (at) => english(at, short),
  date_long: (at) => `${english(at, { weekday: "long" })}, ${longDate(at)}`,
  date_pretty: (at) => relativeDay(at) ?? longDate(at),
  date_short_pretty: (at) => relativeDay(at) ?? english(at, short),
  date_long_pretty: (at) => relativeDay(at) ?? TOKENS.date_long(at),
  time: (at) => formatTime(at / 1000),
  time_secs: (at) => at.toLocaleTimeString([], { timeStyle: "medium" }),
  ago: (at) => formatLastReply(at / 1000),
};

/**
 * Fill in the format of a date such as `<!date^1392734382^{date} at {time}|then>`.
 * https://docs.slack.dev/messaging/formatting-message-text#date-formatting
 */
export const fillDate = (ts, format) =>
  format.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(TOKENS, name) ? TOKENS[name](new Date(ts * 1000)) : whole));
