// One message: the phone's bubble, and beside it what the text costs, where it came from, its email and its document.

import { codePoint, counted, element, flowName, foreign, recipient, time, visible } from "./dom.js";

const TEMPLATES = {
  verification: "Verification message",
  authentication: "Authentication message",
  invitation: "Invitation message",
  "custom-message": "The pool's CustomMessage function",
  none: "No template: Cognito gives the sender no text for this flow",
};
const SOURCES = {
  pool: "read from the pool's settings",
  cached: "as last read: the pool could not be read when this SMS was sent",
  default: "Cognito's default: the pool sets none, or could not be read",
  "custom-message": "composed by the function",
};

// Warnings that the figures and the table say already.
const SAID_BETTER = new Set(["not-gsm-7", "several-parts"]);

/** The page of a message, to be put in place of the one before. */
export function detail(message, { copy, back }) {
  const backButton = element("button.button.quiet.back", { type: "button", onclick: back }, "‹ Messages");
  const heading = element("h2.detail-heading", { tabIndex: -1, id: "detail-heading" }, foreign(recipient(message)));
  return [
    backButton,
    element("header.detail-top", {}, heading, element("p.muted", {}, foreign(flowName(message.flow)), " · ", time(message.sent_at, { dated: true }))),
    message.failure ? failure(message.failure) : null,
    element("div.columns", {}, element("div.column", {}, message.failure ? null : phone(message, copy), facts(message)), element("div.column", {}, message.failure ? null : cost(message), template(message), emails(message), json(message, copy))),
  ].filter(Boolean);
}

function failure({ reason, hint }) {
  return element(
    "section.failure",
    { "aria-labelledby": "failure-heading" },
    element("h3", { id: "failure-heading" }, "This SMS could not be shown"),
    element("p", {}, foreign(reason)),
    hint ? element("p", {}, element("strong", {}, "What to do: "), foreign(hint)) : null,
  );
}

function phone(message, copy) {
  return element(
    "section.phone",
    { "aria-label": "The SMS on a phone" },
    element("p.phone-top", { "aria-hidden": "true" }, "Text message"),
    // As sent, with every character: this is the preview. Its direction ends with the bubble.
    element("p.bubble", { dir: "auto", id: "sms-text" }, message.text),
    message.code ? codeBox(message.code, copy) : element("p.muted.center", {}, "No code in this SMS"),
  );
}

function codeBox(code, copy) {
  const button = element("button.button.primary", { type: "button", id: "copy-code", "aria-label": `Copy code ${code}`, onclick: () => copy(code, "Code copied", button) }, "Copy code");
  return element("div.code-box", {}, element("output.code", { "aria-label": "Code" }, visible(code)), button);
}

function facts(message) {
  const rows = [
    ["To", message.phone_number ? element("span", {}, foreign(message.phone_number_display), message.phone_number === message.phone_number_display ? null : element("span.muted", {}, ` (${visible(message.phone_number)})`)) : "unknown: the event named no phone number"],
    ["User", message.user_name ? foreign(message.user_name) : "unknown"],
    ["Flow", element("span", {}, foreign(flowName(message.flow)), element("span.muted", {}, " "), element("code", {}, visible(message.trigger_source)))],
    ["User pool", element("code", {}, visible(message.user_pool_id))],
    ["App client", message.client_id ? element("code", {}, visible(message.client_id)) : null],
    ["Metadata", Object.keys(message.client_metadata).length ? element("code", {}, visible(JSON.stringify(message.client_metadata))) : null],
    ["Delivered", message.copies > 1 ? `${message.copies} times; duplicates are shown once` : null],
  ];
  return card("About", element("dl.facts", {}, ...rows.filter(([, value]) => value !== null).flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)])));
}

function cost(message) {
  const { parts, price_factor: factor, replaced } = message.anatomy;
  const others = parts.flat().filter((run) => run.kind === "other");
  const warnings = message.warnings.filter(({ code }) => !SAID_BETTER.has(code));
  return card(
    "Parts and price",
    element("p.figures", {}, figure(counted(message.segments, "part")), figure(`${factor}× the price`, "of a one-part SMS"), figure(message.encoding), figure(counted(message.characters, "character"))),
    element("ol.parts", { "aria-label": "Where the text splits" }, parts.map((runs, index) => part(runs, index, parts.length))),
    others.length ? replacements(others, replaced, message) : null,
    warnings.length ? element("ul.warnings", { "aria-label": "Warnings" }, warnings.map((warning) => element("li", {}, foreign(warning.text)))) : null,
  );
}

function figure(main, more = "") {
  return element("span.figure", {}, element("strong", {}, main), more ? ` ${more}` : null);
}

function part(runs, index, count) {
  const text = runs.map((run) => {
    if (run.kind === "gsm") return visible(run.text);
    if (run.kind === "extended") return element("mark.extended", { title: "Counts as two characters" }, visible(run.text));
    return element("mark.other", { title: `${run.name}: not in the GSM-7 alphabet` }, shown(run.text));
  });
  return element("li", {}, element("span.part-label", {}, `Part ${index + 1} of ${count}`), element("bdi.part-text", {}, ...text));
}

function replacements(others, replaced, message) {
  const distinct = new Map(others.map((run) => [run.code_point, run]));
  const rows = [...distinct.values()].map((run) =>
    element("tr", {}, element("td", {}, element("mark.other", {}, shown(run.text))), element("td", {}, run.name, element("span.muted", {}, ` ${run.code_point}`)), element("td", {}, instead(run.replacement))),
  );
  return element(
    "div.replacements",
    {},
    element("p", {}, `${counted(distinct.size, "character")} outside GSM-7 ${distinct.size === 1 ? "leaves" : "leave"} room for 70 instead of 160 characters a part (UCS-2).`),
    element("table", {}, element("caption.hidden", {}, "Characters outside GSM-7"), element("thead", {}, element("tr", {}, ...["Character", "Name", "Type instead"].map((name) => element("th", { scope: "col" }, name)))), element("tbody", {}, ...rows)),
    replaced ? element("p.tip", {}, `With these replacements: ${counted(replaced.segments, "part")}, ${replaced.encoding}${replaced.segments < message.segments ? `, instead of ${message.segments}` : ""}.`) : null,
  );
}

function instead(replacement) {
  if (replacement === null) return element("span.muted", {}, "nothing like it");
  if (replacement === "") return element("span.muted", {}, "leave it out");
  return element("kbd", {}, replacement === " " ? "a plain space" : replacement);
}

function shown(text) {
  return /^[\s\p{Cf}\p{Cc}\p{Zs}]+$/u.test(text) ? [...text].map((character) => `[${codePoint(character)}]`).join("") : visible(text);
}

function template(message) {
  const name = TEMPLATES[message.template] ?? visible(message.template);
  const source = SOURCES[message.template_source] ?? visible(message.template_source);
  return card(
    "Template",
    element("p", {}, element("strong", {}, name), message.template === "none" ? "." : `, ${source}.`),
    message.placeholders === null ? null : element("pre", { "aria-label": "The text with its placeholders", tabIndex: 0 }, visible(message.placeholders)),
  );
}

function emails({ emails: mails }) {
  if (mails === null) return card("Email", element("p.muted", {}, "Sent to the confirmed subscribers of the topic. This inbox reads the topic, not their mailboxes."));
  if (!mails.length) return card("Email", element("p.muted", {}, "None was delivered: no email address has confirmed its subscription."));
  return card(mails.length > 1 ? `Emails (${mails.length})` : "Email", ...mails.map((mail, index) => email(mail, index === 0)));
}

function email(mail, open) {
  return element(
    "details.email",
    { open },
    element("summary", {}, "To ", foreign(mail.recipient)),
    element("dl.facts", {}, element("dt", {}, "From"), element("dd", {}, foreign(mail.sender)), element("dt", {}, "Subject"), element("dd", {}, foreign(mail.subject)), element("dt", {}, "Delivered"), element("dd", {}, time(mail.delivered_at, { dated: true }))),
    element("pre.mail-body", { tabIndex: 0, "aria-label": "Body of the email" }, visible(mail.body)),
  );
}

function json(message, copy) {
  const text = JSON.stringify(message.document, null, 2);
  const button = element("button.button.quiet", { type: "button", onclick: () => copy(text, "JSON copied", button) }, "Copy JSON");
  return element("details.card.json", {}, element("summary", {}, element("h3", {}, "JSON")), button, element("pre", { tabIndex: 0, "aria-label": "The message document" }, visible(text)));
}

function card(title, ...content) {
  return element("section.card", {}, element("h3", {}, title), ...content);
}
