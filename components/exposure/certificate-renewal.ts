import * as pulumi from "@pulumi/pulumi";

const HOUR_MILLISECONDS = 3_600_000;

/**
 * Tells at every run that a certificate should have been renewed by now. The builtin provider renews it in the same run,
 * after which there is nothing to tell. Pulumi's own one sees that it is time only when it reads the resource, so that
 * somebody has to ask for that.
 */
export function warnWhenDue(
  resource: pulumi.Resource & { readonly validityEndTime: pulumi.Output<string> },
  what: string,
  earlyRenewalHours: number,
): void {
  resource.validityEndTime.apply(async (end) => {
    const warning = renewalWarning(what, end, earlyRenewalHours, Date.now());
    if (warning !== undefined) {
      await pulumi.log.warn(warning, resource);
    }
  });
}

/** @param end as the provider tells it; undefined in a run without one */
export function renewalWarning(
  what: string,
  end: string | undefined,
  earlyRenewalHours: number,
  now: number,
): string | undefined {
  const last = Date.parse(end ?? "");
  if (Number.isNaN(last) || now < last - earlyRenewalHours * HOUR_MILLISECONDS) {
    return undefined;
  }
  const state = now < last ? `ends on ${end} and is due to be renewed` : `has ended on ${end}`;
  return `The certificate ${what} ${state}. Renew it: \`npm run up -- --refresh\`, or \`pulumi up --refresh\` (docs/certificates.md).`;
}
