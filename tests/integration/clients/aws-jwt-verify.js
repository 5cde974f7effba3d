// aws-jwt-verify checks tokens of either issuer, and refuses what it must.
const { CognitoJwtVerifier, JwtVerifier } = require("aws-jwt-verify");
const { SimpleJwksCache } = require("aws-jwt-verify/jwk");
const { code, run, settings } = require("./journey.js");

const { endpoint, poolId: userPoolId, clientId } = settings;
const jwksCache = () => new SimpleJwksCache({
  fetcher: { fetch: async (uri) => (await fetch(uri)).arrayBuffer() }, // the library's own speaks https only
});
const told = (promise) => promise.then((claims) => claims.token_use, (error) => error.constructor.name);

run(async function* steps() {
  const { aws, local } = JSON.parse(await code("tokens"));

  const verifier = CognitoJwtVerifier.create({ userPoolId, clientId, tokenUse: null });
  verifier.cacheJwks(await (await fetch(`${endpoint}/${userPoolId}/.well-known/jwks.json`)).json());
  yield ["AWS's issuer", [await told(verifier.verify(aws.AccessToken)), await told(verifier.verify(aws.IdToken))]];
  yield ["AWS's issuer, local token", await told(verifier.verify(local.IdToken))];

  const issuer = `${endpoint}/${userPoolId}`;
  const { jwks_uri: jwksUri } = await (await fetch(`${issuer}/.well-known/openid-configuration`)).json();
  const ours = JwtVerifier.create({ issuer, audience: clientId, jwksUri }, { jwksCache: jwksCache() });
  yield ["local issuer", await told(ours.verify(local.IdToken))];
  yield ["local issuer, AWS's token", await told(ours.verify(aws.IdToken))];
  const [header, , signature] = local.IdToken.split(".");
  const forged = [header, local.AccessToken.split(".")[1], signature].join(".");
  const anything = JwtVerifier.create({ issuer, audience: null, jwksUri }, { jwksCache: jwksCache() });
  yield ["another's claims", await told(anything.verify(forged))];
  const another = JwtVerifier.create({ issuer, audience: "another", jwksUri }, { jwksCache: jwksCache() });
  yield ["another app's token", await told(another.verify(local.IdToken))];
});
