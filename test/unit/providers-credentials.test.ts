import {
  connectionAdvice,
  explainCredentials,
  explainUnauthorized,
} from "../../sandbox/providers/kubernetes/credentials-error";

const login = { context: "prod", cluster: "k1", server: "https://k1.test", user: "me" };
const place = '"me" (context "prod", cluster "k1", https://k1.test)';

function failure(message: string, more: object): Error {
  return Object.assign(new Error(message), more);
}

test.each([
  [
    "a missing program",
    failure("spawn aws ENOENT", { code: "ENOENT", syscall: "spawn aws" }),
    '"aws", which it runs to log in, is not installed',
  ],
  [
    "a program that fails",
    failure("token expired\nrun aws sso login\n", {}),
    '"aws" failed: token expired\nrun aws sso login',
  ],
  [
    "a missing file",
    failure("ENOENT", { code: "ENOENT", syscall: "open", path: "/c/client.crt" }),
    "the file /c/client.crt, which the kubeconfig names, does not exist",
  ],
])("%s is named with cluster, context and what to do", (_, error, expected) => {
  const text = explainCredentials(error, { ...login, program: "aws" });
  expect(text).toContain(place);
  expect(text).toContain(expected);
});

test("a login that the server does not accept names cluster and context", () => {
  expect(explainUnauthorized(login)).toMatch(
    /https:\/\/k1\.test \(context "prod", cluster "k1"\).*"me": Unauthorized.*log in again/,
  );
});

test.each([
  ["ECONNREFUSED", "connect ECONNREFUSED", "Check that the cluster runs"],
  ["ENOTFOUND", "getaddrinfo ENOTFOUND", "DNS"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "self-signed certificate", "certificate-authority"],
  ["ERR_OSSL_PEM_NO_START_LINE", "error:0480006C:PEM routines::no start line", "damaged"],
])("%s has a next step", (code, message, expected) => {
  expect(connectionAdvice({ code, message })).toContain(expected);
});
