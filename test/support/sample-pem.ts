/** Certificate of an authority that is valid for a century; nobody has its key. */
export const sampleAuthority = [
  "-----BEGIN CERTIFICATE-----",
  "MIIBjTCCATOgAwIBAgIUPeEPq/YkfUk6EFaHJIcN6ukxgFkwCgYIKoZIzj0EAwIw",
  "GzEZMBcGA1UEAwwQU2FtcGxlIGF1dGhvcml0eTAgFw0yNjEyMDExNjAwMDhaGA8y",
  "MTI2MTEwNzE2MDAwOFowGzEZMBcGA1UEAwwQU2FtcGxlIGF1dGhvcml0eTBZMBMG",
  "ByqGSM49AgEGCCqGSM49AwEHA0IABLdpsIr6uwgFfJt78apI2/5irv5ZxYfmz/k/",
  "wOiwmUBkuW+7D43ADyeKMlxmvlF7HLI+1U4YrNi+Bk+kuLwDn62jUzBRMB0GA1Ud",
  "DgQWBBTTU076GNB2OO88q+tFl8uyMMSHrzAfBgNVHSMEGDAWgBTTU076GNB2OO88",
  "q+tFl8uyMMSHrzAPBgNVHRMBAf8EBTADAQH/MAoGCCqGSM49BAMCA0gAMEUCIB4A",
  "KRa6IEZF/Z7e23BXFYw9A4OjDj+wWKNy01u+t/l4AiEA7Hl2yndl0J+wkhF5pRP9",
  "qTk81COMnINopZvu0zKg/OA=",
  "-----END CERTIFICATE-----",
  "",
].join("\n");

/** A key in OpenSSH's form, whose numbers mean nothing. @param cipher that its passphrase is used with */
export function sampleSshKey(cipher = "none"): string {
  const field = (data: string | Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(data.length);
    return Buffer.concat([length, Buffer.from(data)]);
  };
  const one = Buffer.from([0, 0, 0, 1]);
  const body = Buffer.concat([
    Buffer.from("openssh-key-v1\0"),
    ...[cipher, cipher === "none" ? "none" : "bcrypt", ""].map(field),
    one,
    field(Buffer.alloc(51, 1)),
    field(Buffer.alloc(136, 2)),
  ]);
  const text = (body.toString("base64").match(/.{1,70}/g) ?? []).join("\n");
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${text}\n-----END OPENSSH PRIVATE KEY-----\n`;
}
