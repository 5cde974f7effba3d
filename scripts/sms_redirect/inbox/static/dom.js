// Builds elements without ever parsing HTML: what a message says stays text.

/**
 * `element("a.chip", {href: "/"}, "text", child)`. The properties may be missing; one with a dash is an attribute; what
 * is null among the children is left out.
 */
export function element(selector, ...rest) {
  const [properties, ...children] = isPlain(rest[0]) ? rest : [{}, ...rest];
  const [tag, ...classes] = selector.split(".");
  const made = document.createElement(tag);
  if (classes.length) made.className = classes.join(" ");
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-")) made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return made;
}

function isPlain(value) {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

// Characters that change the direction of what follows, or show nothing: they could make a message look like another.
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\ufeff]/gu;

export function codePoint(character) {
  return `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
}

/** Text with hidden characters named, for every place but the phone's bubble. */
export function visible(text) {
  return text.replace(HIDDEN, (character) => `[${codePoint(character)}]`);
}

/** A value's JSON, with hidden characters in JSON's own escapes. */
export function visibleJson(value) {
  const escape = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value, null, 2).replace(HIDDEN, escape);
}

/** Somebody else's text, which keeps its direction to itself. */
export function foreign(text) {
  return element("bdi", visible(text));
}

const TIME = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });
const DATE_AND_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

export function time(text, { dated = false } = {}) {
  const moment = new Date(text);
  const isToday = moment.toDateString() === new Date().toDateString();
  const format = dated || !isToday ? DATE_AND_TIME : TIME;
  return element("time", { dateTime: text, title: DATE_AND_TIME.format(moment) }, format.format(moment));
}

const THIS_YEAR = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const DAY = new Intl.DateTimeFormat(undefined, { dateStyle: "medium" });

/** As short as it can be told: the time, with its day, or the day alone. */
export function shortTime(text) {
  const [moment, now] = [new Date(text), new Date()];
  const isToday = moment.toDateString() === now.toDateString();
  const format = isToday ? TIME : moment.getFullYear() === now.getFullYear() ? THIS_YEAR : DAY;
  return element("time", { dateTime: text, title: DATE_AND_TIME.format(moment) }, format.format(moment));
}

const CLOCK = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

/** A time of day with milliseconds: 09:28:59.120. */
export function clock(text) {
  const moment = new Date(text);
  const label = `${CLOCK.format(moment)}.${String(moment.getMilliseconds()).padStart(3, "0")}`;
  return element("time.clock", { dateTime: text, title: DATE_AND_TIME.format(moment) }, label);
}

export function counted(number, singular, plural = `${singular}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? singular : plural}`;
}

const FLOWS = {
  __proto__: null,
  SignUp: "Sign-up",
  ResendCode: "Code sent again",
  ForgotPassword: "Forgotten password",
  VerifyUserAttribute: "Verify attribute",
  UpdateUserAttribute: "Changed attribute",
  Authentication: "Sign-in",
  AdminCreateUser: "Invitation",
  AccountTakeOverNotification: "Account takeover",
  Notice: "Notice, not an SMS",
  Probe: "Doctor's probe",
};

export function flowName(flow) {
  return FLOWS[flow] ?? flow;
}

/** What the secret of a message is: an invitation has a temporary password. */
export function codeName(message) {
  return message.flow === "AdminCreateUser" ? "temporary password" : "code";
}

export function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}

export function recipient(message) {
  if (message.flow === "Notice") return "Watch of the redirect";
  return message.kind === "email" ? message.email : (message.phone_number_display ?? "Unknown number");
}

/** Opens the doctor (doctor.js) about a number, user and flow; nothing in an inbox without one. */
export function doctorButton({ phone_number, user_name, flow } = {}, label = "No SMS? Find out why") {
  if (!document.getElementById("doctor-dialog")) return null;
  const subject = JSON.stringify({ phone_number, user_name, flow });
  return element("button.button.quiet", { type: "button", "data-doctor": subject }, label);
}

export function card(title, ...content) {
  return element("section.card", element("h3", title), ...content);
}

/** Names with their values; what is not known is left out. */
export function pairs(rows) {
  const known = rows.filter(([, value]) => value !== null);
  return element("dl.facts", ...known.flatMap(([name, value]) => [element("dt", name), element("dd", value)]));
}
