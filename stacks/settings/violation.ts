import type { SettingPath } from "./paths";
import type { Settings } from "./schema";

/** A combination of settings that cannot work. Its texts hold no values: the report adds those that may be shown. */
export interface Violation {
  /** Every setting that the rule looked at and that has a part in it. */
  readonly paths: readonly [SettingPath, ...SettingPath[]];
  readonly reason: string;
  readonly remedy: string;
}

/** What the rules look at. */
export interface RuleInput {
  readonly settings: Settings;
  /** What the stack itself sets, without preset and defaults. */
  readonly configured: Readonly<Record<string, unknown>>;
}
