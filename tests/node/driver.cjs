// Drives the official Node SDK for tests: a line of JSON in, a line of JSON out.
// {"new": {...}} makes a client, {"call": [method, ...arguments]} calls it. An answer is
// {"returned": value} or {"thrown": text}.
const { createInterface } = require("node:readline");
const { AuthenticationClient } = require("authing-node-sdk");

let client = null;

async function obey(order) {
  if (order.new) {
    client = new AuthenticationClient(order.new);
    return null;
  }
  const [method, ...given] = order.call;
  return (await client[method](...given)) ?? null;
}

async function main() {
  for await (const line of createInterface({ input: process.stdin })) {
    let answer;
    try {
      answer = { returned: await obey(JSON.parse(line)) };
    } catch (error) {
      answer = { thrown: String(error) };
    }
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}

main();
