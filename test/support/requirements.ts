/**
 * Tests of what a machine may lack. A skipped one carries what it needs in its title: `npm test` reads the reasons there
 * and repeats them at its end (`cli/shared/jest-result.ts`).
 */
const needs = (title: string, what: string) => `${title} (needs ${what})`;

/** `test`, or what skips it where something is not there. */
export function testWith(what: string, isThere: boolean): jest.It {
  if (isThere) return test;
  const skip = (title: string, ...others: never[]) => test.skip(needs(title, what), ...others);
  const each =
    (...table: never[]) =>
    (title: string, ...others: never[]) =>
      (test.skip.each as (...rows: never[]) => (...named: unknown[]) => void)(...table)(needs(title, what), ...others);
  return Object.assign(skip, { each }) as unknown as jest.It;
}

/** The same for a whole `describe`. */
export function describeWith(what: string, isThere: boolean): (title: string, tests: () => void) => void {
  return (title, tests) => (isThere ? describe(title, tests) : describe.skip(needs(title, what), tests));
}
