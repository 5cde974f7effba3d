// A user's journey with amazon-cognito-identity-js, as a web app makes it: sign up, confirm, SRP sign-in with SMS MFA.
// Prints a line of JSON for each step; reads each code as a line from standard input when it printed {"need": flow}.
const readline = require("node:readline");
const {
  AuthenticationDetails, CognitoUser, CognitoUserAttribute, CognitoUserPool,
} = require("amazon-cognito-identity-js");

const [endpoint, poolId, clientId, username, phoneNumber] = process.argv.slice(2);
const password = "Passw0rd!";
const pool = new CognitoUserPool({ UserPoolId: poolId, ClientId: clientId, endpoint });
const lines = readline.createInterface({ input: process.stdin })[Symbol.asyncIterator]();

const tell = (step) => console.log(JSON.stringify(step));
const code = async (flow) => {
  tell({ need: flow });
  return (await lines.next()).value;
};
const called = (start) => new Promise((resolve, reject) => {
  start((error, result) => (error ? reject(error) : resolve(result)));
});

async function main() {
  const attributes = [new CognitoUserAttribute({ Name: "phone_number", Value: phoneNumber })];
  const signedUp = await called((done) => pool.signUp(username, password, attributes, [], done));
  tell({ step: "signUp", details: signedUp.codeDeliveryDetails });
  const user = new CognitoUser({ Username: username, Pool: pool });
  const confirmation = await code("SignUp");
  tell({ step: "confirm", result: await called((done) => user.confirmRegistration(confirmation, true, done)) });
  await signIn(user);
  await called((done) => user.setUserMfaPreference({ Enabled: true, PreferredMfa: true }, null, done));
  tell({ step: "preferSms" });
  await signIn(new CognitoUser({ Username: username, Pool: pool }));
}

function signIn(user) {
  return new Promise((resolve, reject) => {
    const callbacks = {
      onSuccess: (session) => {
        tell({ step: "signedIn", token: session.getAccessToken().getJwtToken().split(".").length });
        resolve();
      },
      onFailure: reject,
      mfaRequired: async (challenge) => {
        tell({ step: "mfaRequired", challenge });
        user.sendMFACode(await code("Authentication"), callbacks);
      },
    };
    user.authenticateUser(new AuthenticationDetails({ Username: username, Password: password }), callbacks);
  });
}

main().then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
