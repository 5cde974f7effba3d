// aws-amplify 6, as an app on it uses it. It keeps the tokens, so that one user is signed in at a time.
const { Amplify } = require("aws-amplify");
const auth = require("aws-amplify/auth");
const { code, other, refused, run, settings } = require("./journey.js");

const { endpoint, poolId, clientId, username, number, newNumber, password, newPassword } = settings;

Amplify.configure({
  Auth: { Cognito: { userPoolId: poolId, userPoolClientId: clientId, userPoolEndpoint: endpoint } },
});

const signIn = (secret, authFlowType = "USER_SRP_AUTH") =>
  auth.signIn({ username, password: secret, options: { authFlowType } });

run(async function* steps() {
  const signedUp = await auth.signUp({ username, password, options: { userAttributes: { phone_number: number } } });
  yield ["sign up", signedUp.nextStep.codeDeliveryDetails.destination];
  const first = await code("SignUp");
  yield ["wrong code", await refused(auth.confirmSignUp({ username, confirmationCode: other(first) }))];
  yield ["resend", (await auth.resendSignUpCode({ username })).destination];
  const confirmationCode = await code("ResendCode");
  yield ["sign in unconfirmed", (await signIn(password)).nextStep.signInStep];
  const confirmed = await auth.confirmSignUp({ username, confirmationCode });
  yield ["confirm", confirmed.isSignUpComplete];

  yield ["sign in with SRP", (await signIn(password)).isSignedIn];
  await auth.signOut();
  const asked = await auth.signIn({
    username, options: { authFlowType: "USER_AUTH", preferredChallenge: "SMS_OTP" },
  });
  yield ["one-time password", asked.nextStep.signInStep];
  const oneTime = await auth.confirmSignIn({ challengeResponse: await code("Authentication") });
  yield ["sign in with one-time password", oneTime.isSignedIn];
  await auth.signOut();
  yield ["sign in with password", (await signIn(password, "USER_PASSWORD_AUTH")).isSignedIn];

  const { phone_number: update } = await auth.updateUserAttributes({ userAttributes: { phone_number: newNumber } });
  yield ["change number", update.nextStep.codeDeliveryDetails.destination];
  await auth.confirmUserAttribute({
    userAttributeKey: "phone_number", confirmationCode: await code("UpdateUserAttribute", newNumber),
  });
  const attributes = await auth.fetchUserAttributes();
  yield ["verify number", [attributes.phone_number, attributes.phone_number_verified]];
  await auth.signOut();

  const reset = await auth.resetPassword({ username });
  yield ["forget password", reset.nextStep.codeDeliveryDetails.destination];
  await auth.confirmResetPassword({
    username, newPassword, confirmationCode: await code("ForgotPassword", newNumber),
  });
  yield ["sign in with old password", await refused(signIn(password, "USER_PASSWORD_AUTH"))];
  await signIn(newPassword);
  await auth.updateMFAPreference({ sms: "PREFERRED" });
  yield ["prefer SMS", (await auth.fetchMFAPreference()).preferred];
  await auth.signOut();
  yield ["second factor", (await signIn(newPassword)).nextStep.signInStep];
  const factor = await code("Authentication", newNumber);
  yield ["wrong second factor", await refused(auth.confirmSignIn({ challengeResponse: other(factor) }))];
  yield ["sign in with second factor", (await auth.confirmSignIn({ challengeResponse: factor })).isSignedIn];

  const before = (await auth.fetchAuthSession()).tokens.accessToken.toString();
  const { tokens } = await auth.fetchAuthSession({ forceRefresh: true });
  yield ["refresh", tokens.accessToken.toString() !== before];
  await auth.signOut({ global: true });
  yield ["use after sign-out", await refused(auth.fetchUserAttributes())];

  const another = `${username}-auto`;
  await auth.signUp({
    username: another,
    password,
    options: { userAttributes: { phone_number: number }, autoSignIn: { authFlowType: "USER_AUTH" } },
  });
  await auth.confirmSignUp({ username: another, confirmationCode: await code("SignUp") });
  yield ["sign in from sign-up", (await auth.autoSignIn()).isSignedIn];
});
