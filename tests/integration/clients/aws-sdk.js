// @aws-sdk/client-cognito-identity-provider, command by command.
const { CognitoIdentityProvider } = require("@aws-sdk/client-cognito-identity-provider");
const { code, other, refused, run, settings } = require("./journey.js");

const { clientId: ClientId, username: Username, number, newNumber, password, newPassword } = settings;
const cognito = new CognitoIdentityProvider({ endpoint: settings.endpoint, region: settings.region });
const user = { ClientId, Username };

const signIn = (AuthFlow, parameters) =>
  cognito.initiateAuth({ ClientId, AuthFlow, AuthParameters: { USERNAME: Username, ...parameters } });
const respond = ({ ChallengeName, Session }, responses) =>
  cognito.respondToAuthChallenge({
    ClientId, ChallengeName, Session, ChallengeResponses: { USERNAME: Username, ...responses },
  });

run(async function* steps() {
  const signedUp = await cognito.signUp({
    ...user, Password: password, UserAttributes: [{ Name: "phone_number", Value: number }],
  });
  yield ["request id", signedUp.$metadata.requestId];
  yield ["sign up", signedUp.CodeDeliveryDetails.Destination];
  const first = await code("SignUp");
  const wrong = { ...user, ConfirmationCode: other(first) };
  yield ["wrong code", await refused(cognito.confirmSignUp(wrong))];
  const resent = await cognito.resendConfirmationCode(user);
  yield ["resend", resent.CodeDeliveryDetails.Destination];
  const second = await code("ResendCode");
  const unconfirmed = signIn("USER_PASSWORD_AUTH", { PASSWORD: password });
  yield ["sign in unconfirmed", await refused(unconfirmed)];
  const { Session } = await cognito.confirmSignUp({
    ...user, ConfirmationCode: second, Session: signedUp.Session,
  });
  const straight = await cognito.initiateAuth({
    ClientId, AuthFlow: "USER_AUTH", AuthParameters: { USERNAME: Username }, Session,
  });
  yield ["confirm", straight.AuthenticationResult.TokenType];

  const { AuthenticationResult: tokens } = await signIn("USER_PASSWORD_AUTH", { PASSWORD: password });
  yield ["sign in with password", tokens.TokenType];
  const asked = await signIn("USER_AUTH", { PREFERRED_CHALLENGE: "SMS_OTP" });
  const oneTime = await respond(asked, { SMS_OTP_CODE: await code("Authentication") });
  yield ["sign in with one-time password", oneTime.AuthenticationResult.TokenType];

  const { AccessToken } = tokens;
  const changed = await cognito.updateUserAttributes({
    AccessToken, UserAttributes: [{ Name: "phone_number", Value: newNumber }],
  });
  yield ["change number", changed.CodeDeliveryDetailsList[0].Destination];
  const Code = await code("UpdateUserAttribute", newNumber);
  await cognito.verifyUserAttribute({ AccessToken, AttributeName: "phone_number", Code });
  const { UserAttributes } = await cognito.getUser({ AccessToken });
  const attributes = Object.fromEntries(UserAttributes.map(({ Name, Value }) => [Name, Value]));
  yield ["verify number", [attributes.phone_number, attributes.phone_number_verified]];

  const forgot = await cognito.forgotPassword(user);
  yield ["forget password", forgot.CodeDeliveryDetails.Destination];
  const recovery = { ConfirmationCode: await code("ForgotPassword", newNumber), Password: newPassword };
  await cognito.confirmForgotPassword({ ...user, ...recovery });
  yield ["sign in with old password", await refused(signIn("USER_PASSWORD_AUTH", { PASSWORD: password }))];

  await cognito.setUserMFAPreference({ AccessToken, SMSMfaSettings: { Enabled: true, PreferredMfa: true } });
  const challenge = await signIn("USER_PASSWORD_AUTH", { PASSWORD: newPassword });
  yield ["second factor", challenge.ChallengeName];
  const factor = await code("Authentication", newNumber);
  yield ["wrong second factor", await refused(respond(challenge, { SMS_MFA_CODE: other(factor) }))];
  const { AuthenticationResult: result } = await respond(challenge, { SMS_MFA_CODE: factor });
  yield ["sign in with second factor", result.TokenType];

  const refresh = () => cognito.getTokensFromRefreshToken({ ClientId, RefreshToken: result.RefreshToken });
  const refreshed = (await refresh()).AuthenticationResult;
  yield ["refresh", refreshed.AccessToken !== result.AccessToken && Boolean(refreshed.IdToken)];
  await cognito.revokeToken({ ClientId, Token: result.RefreshToken });
  yield ["refresh after revocation", await refused(refresh())];
  await cognito.globalSignOut({ AccessToken });
  yield ["use after sign-out", await refused(cognito.getUser({ AccessToken }))];
});
