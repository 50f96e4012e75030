/** The program's warnings are tested where they belong; in every other test they would only hide the results. */
const warn = console.warn;
console.warn = (...lines: unknown[]) => {
  if (!String(lines[0]).startsWith("warning: [runtime]")) {
    warn(...lines);
  }
};
