// Signs people in with a standard client library: a line of JSON in, a line of JSON out.
// {"begin": {issuer, clientId, clientSecret, redirectUri, scope}} answers with the address to
// open, {"finish": address} with the tokens, {"leave": {idToken, back}} with where to sign out.
import { webcrypto } from "node:crypto";
import { createInterface } from "node:readline";

// Node 18 has them, but not as globals.
globalThis.crypto ??= webcrypto;
globalThis.CryptoKey ??= webcrypto.CryptoKey;
const oidc = await import("openid-client");

let config;
let expected;

async function begin({ issuer, clientId, clientSecret, redirectUri, scope }) {
  const proof = clientSecret ? oidc.ClientSecretPost(clientSecret) : oidc.None();
  const insecure = { execute: [oidc.allowInsecureRequests] };
  config = await oidc.discovery(new URL(issuer), clientId, undefined, proof, insecure);
  expected = {
    pkceCodeVerifier: oidc.randomPKCECodeVerifier(),
    expectedState: oidc.randomState(),
    expectedNonce: oidc.randomNonce(),
    maxAge: 3600,
    idTokenExpected: true,
  };
  return oidc.buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope,
    code_challenge: await oidc.calculatePKCECodeChallenge(expected.pkceCodeVerifier),
    code_challenge_method: "S256",
    state: expected.expectedState,
    nonce: expected.expectedNonce,
    max_age: "3600",
  }).href;
}

async function finish(address) {
  const tokens = await oidc.authorizationCodeGrant(config, new URL(address), expected);
  const claims = tokens.claims();
  const person = await oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
  return { ...tokens, claims, person };
}

function leave({ idToken, back }) {
  const asked = { id_token_hint: idToken, post_logout_redirect_uri: back };
  return oidc.buildEndSessionUrl(config, asked).href;
}

const steps = { begin, finish, leave };
for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    const [[step, given]] = Object.entries(JSON.parse(line));
    answer = { returned: await steps[step](given) };
  } catch (error) {
    answer = { thrown: `${error} ${error.cause ?? ""}` };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
