import { Amplify } from "aws-amplify";

Amplify.configure({
  Auth: {
    Cognito: {
      userPoolId: import.meta.env.VITE_USER_POOL_ID,
      userPoolClientId: import.meta.env.VITE_USER_POOL_CLIENT_ID,
      userPoolEndpoint: import.meta.env.VITE_AWS_ENDPOINT_URL, // undefined in production: AWS
    },
  },
});
