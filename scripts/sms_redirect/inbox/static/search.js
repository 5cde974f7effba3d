// The search box's language: `to:+12065551212 flow:SignUp user:alice kind:email failed`, and words of the text.

const MOST = 50; // suggestions

const NAMES = { __proto__: null, kind: "kind", to: "phone_number", flow: "flow", user: "user_name" };
const PREFIXES = { kind: "kind", phone_number: "to", email: "to", flow: "flow", user_name: "user" };
const TOKEN = /(?:(kind|to|flow|user):)?("[^"]*"?|\S+)/gu;

/** What the box says, as the API's filters. */
export function parse(text) {
  const filters = {};
  const words = [];
  for (const [whole, prefix, value] of text.matchAll(TOKEN)) {
    const plain = value.replace(/^"|"$/gu, "");
    if (prefix === "to" && plain.includes("@")) filters.email = plain;
    else if (prefix && plain) filters[NAMES[prefix]] = plain;
    else if (whole === "failed") filters.failed = "true";
    else if (plain) words.push(plain);
  }
  if (words.length) filters.text = words.join(" ");
  return filters;
}

/** What the box says for these filters. */
export function compose(filters) {
  const tokens = Object.keys(PREFIXES)
    .filter((name) => filters[name])
    .map((name) => token(PREFIXES[name], filters[name]));
  if (filters.failed === "true") tokens.push("failed");
  if (filters.text) tokens.push(isAmbiguous(filters.text) ? `"${filters.text}"` : filters.text);
  return tokens.join(" ");
}

export function token(prefix, value) {
  return `${prefix}:${/\s/u.test(value) ? `"${value}"` : value}`;
}

/** Text that would read as a filter. */
function isAmbiguous(text) {
  return Object.keys(parse(text)).some((name) => name !== "text") || parse(text).text !== text;
}

/** Whole contents of the box, each with one more filter in place of the word that is being typed. */
export function suggestions(text, groups) {
  const before = text.replace(/\S*$/u, "");
  const last = text.slice(before.length).toLowerCase();
  const typed = parse(before);
  return [
    ...groups.phone_number.filter(({ value }) => value !== "unknown").map(({ value }) => token("to", value)),
    ...groups.email.map(({ value }) => token("to", value)),
    ...(groups.email.length && !typed.kind ? ["kind:sms", "kind:email"] : []),
    ...groups.flow.map(({ value }) => token("flow", value)),
    ...groups.user_name.filter(({ value }) => value !== "unknown").map(({ value }) => token("user", value)),
    ...(typed.failed ? [] : ["failed"]),
  ]
    .filter((each) => each.toLowerCase().includes(last))
    .slice(0, MOST)
    .map((each) => before + each);
}
