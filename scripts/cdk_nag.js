// Reports what cdk-nag's AwsSolutions and Serverless packs find in a template: node cdk_nag.js TEMPLATE
const { App, Stack, Validations } = require("aws-cdk-lib");
const { CfnInclude } = require("aws-cdk-lib/cloudformation-include");
const { AwsSolutionsChecks, ServerlessChecks } = require("cdk-nag");

const app = new App({ analyticsReporting: false });
new CfnInclude(new Stack(app, "Stack"), "Template", { templateFile: process.argv[2] });
Validations.of(app).addPlugins(new AwsSolutionsChecks(app), new ServerlessChecks(app));
app.synth();
