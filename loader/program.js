/**
 * Where plain `pulumi` comes in (`main` of package.json): the program, `index.ts`, in the process of Pulumi's language
 * host, which has the SDK loaded already. Without this it would check the types of the whole program before each run.
 */
const { load } = require("./load");

module.exports = async () => {
  const program = await load("index", { variant: "hosted" });
  return await program();
};
