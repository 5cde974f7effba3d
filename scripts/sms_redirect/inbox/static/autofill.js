// Would a phone offer the code?

import { card, element, foreign, pairs, visible } from "./dom.js";

const NAMES = {
  __proto__: null,
  ios: "iOS",
  domain_bound: "Domain-bound",
  android_consent: "Android User Consent",
  android_retriever: "Android SMS Retriever",
};

/** The verdicts of the API; nothing where there is no code. */
export function autofill(verdicts) {
  if (verdicts === null) return null;
  const rows = Object.entries(verdicts).map(([name, { verdict, why }]) => [
    NAMES[name] ?? visible(name),
    element("span", element("strong", visible(verdict)), ". ", foreign(why)),
  ]);
  return card("Autofill", pairs(rows));
}
