// amazon-cognito-identity-js, as a web app uses it: SRP, callbacks, tokens that it keeps.
const {
  AuthenticationDetails, CognitoUser, CognitoUserAttribute, CognitoUserPool,
} = require("amazon-cognito-identity-js");
const { code, other, refused, run, settings } = require("./journey.js");

const { endpoint, poolId, clientId, username, number, newNumber, password, newPassword } = settings;
const pool = new CognitoUserPool({ UserPoolId: poolId, ClientId: clientId, endpoint });

// Promises of what takes a Node callback, or an object of callbacks.
const called = (start) =>
  new Promise((resolve, reject) => start((error, result) => (error ? reject(error) : resolve(result))));
const answered = (start, more = {}) =>
  new Promise((resolve, reject) => start({ onSuccess: resolve, onFailure: reject, ...more(resolve) }));
const nothing = () => ({});

const newUser = () => new CognitoUser({ Username: username, Pool: pool });
const signIn = (user, secret, challenges = nothing) =>
  answered(
    (callbacks) =>
      user.authenticateUser(new AuthenticationDetails({ Username: username, Password: secret }), callbacks),
    challenges,
  );

run(async function* steps() {
  const attributes = [new CognitoUserAttribute({ Name: "phone_number", Value: number })];
  const signedUp = await called((done) => pool.signUp(username, password, attributes, [], done));
  yield ["sign up", signedUp.codeDeliveryDetails.Destination];
  let user = newUser();
  const first = await code("SignUp");
  yield ["wrong code", await refused(called((done) => user.confirmRegistration(other(first), true, done)))];
  const resent = await called((done) => user.resendConfirmationCode(done));
  yield ["resend", resent.CodeDeliveryDetails.Destination];
  const second = await code("ResendCode");
  user.setAuthenticationFlowType("USER_PASSWORD_AUTH");
  yield ["sign in unconfirmed", await refused(signIn(user, password))];
  yield ["confirm", await called((done) => user.confirmRegistration(second, true, done))];

  const session = await signIn(user, password);
  yield ["sign in with password", session.isValid()];

  const change = [new CognitoUserAttribute({ Name: "phone_number", Value: newNumber })];
  const details = await new Promise((resolve, reject) =>
    user.updateAttributes(change, (error, _, details) => (error ? reject(error) : resolve(details))));
  yield ["change number", details.CodeDeliveryDetailsList[0].Destination];
  const confirmation = await code("UpdateUserAttribute", newNumber);
  await answered((callbacks) => user.verifyAttribute("phone_number", confirmation, callbacks), nothing);
  const found = await called((done) => user.getUserAttributes(done));
  const now = Object.fromEntries(found.map(({ Name, Value }) => [Name, Value]));
  yield ["verify number", [now.phone_number, now.phone_number_verified]];

  const forgot = await answered(
    (callbacks) => user.forgotPassword(callbacks), (resolve) => ({ inputVerificationCode: resolve }),
  );
  yield ["forget password", forgot.CodeDeliveryDetails.Destination];
  const recovery = await code("ForgotPassword", newNumber);
  await answered((callbacks) => user.confirmPassword(recovery, newPassword, callbacks), nothing);
  yield ["sign in with old password", await refused(signIn(newUser(), password))];

  await called((done) => user.setUserMfaPreference({ PreferredMfa: true, Enabled: true }, null, done));
  const other_device = newUser();
  const challenge = await signIn(other_device, newPassword, (resolve) => ({ mfaRequired: resolve }));
  yield ["second factor", challenge];
  const factor = await code("Authentication", newNumber);
  const send = (text) => answered((callbacks) => other_device.sendMFACode(text, callbacks), nothing);
  yield ["wrong second factor", await refused(send(other(factor)))];
  const signedIn = await send(factor);
  yield ["sign in with second factor", signedIn.isValid()];

  const refreshToken = signedIn.getRefreshToken();
  const refresh = () => called((done) => newUser().refreshSession(refreshToken, done));
  const refreshed = await refresh();
  yield ["refresh", refreshed.getAccessToken().getJwtToken() !== signedIn.getAccessToken().getJwtToken()];
  await called((done) => other_device.signOut((error) => done(error)));
  yield ["refresh after revocation", await refused(refresh())];
  await answered((callbacks) => user.globalSignOut(callbacks), nothing);
  yield ["use after sign-out", await refused(called((done) => user.getUserData(done, { bypassCache: true })))];
});
