// What the journeys share. Each step is a line of JSON on standard output; a code is a line from standard input, given
// to {"need": flow, "number": phone number}.
const readline = require("node:readline");

const [endpoint, region, poolId, clientId, username, number, newNumber] = process.argv.slice(2);
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();

exports.settings = {
  endpoint, region, poolId, clientId, username, number, newNumber, password: "Passw0rd!", newPassword: "An0ther-one",
};

exports.code = async (flow, to = number) => {
  console.log(JSON.stringify({ need: flow, number: to }));
  return (await lines.next()).value;
};

exports.other = (code) => String((Number(code) + 1) % 10 ** code.length).padStart(code.length, "0");

// The name of the error of something that must fail.
exports.refused = (promise) =>
  promise.then((result) => `not refused: ${JSON.stringify(result)}`, (error) => error.code ?? error.name);

exports.run = async (steps) => {
  try {
    for await (const [step, value] of steps()) console.log(JSON.stringify({ step, value }));
    process.exit(0);
  } catch (error) {
    console.error(error);
    process.exit(1);
  }
};
