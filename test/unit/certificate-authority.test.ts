import { CertificateAuthority } from "../../components/identity/certificate-authority";
import type { PropertyMap } from "../../sandbox/providers/protocol/property-values";
import { tlsProvider } from "../../sandbox/providers/tls/provider";
import { renderComponent } from "../support/render-component";

const TYPE = "tls:index/selfSignedCert:SelfSignedCert";
const DAY_HOURS = 24;
const VALIDITY_DAYS = 90;

async function authorityInputs() {
  const { registrations } = await renderComponent(
    () => new CertificateAuthority("authority", { organization: "Test", validityDays: VALIDITY_DAYS, leafDays: 30 }),
  );
  const found = registrations.find(({ type }) => type === TYPE);
  if (found === undefined) throw new Error("no certificate was made");
  return found.inputs as PropertyMap;
}

/** What an `up` does to an authority that has so many days left. */
async function changes(daysLeft: number, oldInputs: PropertyMap, newInputs: PropertyMap) {
  const end = new Date(Date.now() + daysLeft * DAY_HOURS * 3_600_000).toISOString();
  const { differences } = await tlsProvider().diff({
    urn: "urn:pulumi:test::platform::tls:index/selfSignedCert:SelfSignedCert::authority-certificate",
    type: TYPE,
    name: "authority-certificate",
    id: "1",
    oldInputs,
    oldOutputs: { ...oldInputs, validityEndTime: end },
    newInputs,
    ignoreChanges: [],
  });
  return Object.fromEntries(differences);
}

test("the authority is renewed in the last third of its life, and not before", async () => {
  const inputs = await authorityInputs();
  expect(await changes(VALIDITY_DAYS / 3 + 1, inputs, inputs)).toEqual({});
  expect(await changes(VALIDITY_DAYS / 3 - 1, inputs, inputs)).toMatchObject({ readyForRenewal: { replace: true } });
});

test("an authority that was made without early renewal gets it in place", async () => {
  const inputs = await authorityInputs();
  const { earlyRenewalHours, ...before } = inputs;
  expect(earlyRenewalHours).toBe(VALIDITY_DAYS * 8);
  expect(await changes(VALIDITY_DAYS - 1, before, inputs)).toEqual({
    earlyRenewalHours: { kind: "update", replace: false },
  });
});
