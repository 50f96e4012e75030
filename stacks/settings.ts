/** Everything the program needs to know about settings. The parts are in the directory of the same name. */
export { type AgentPoolSettings, agentPools } from "./settings/agents";
export { parseSettings, type StackConfiguration } from "./settings/parse";
export { type Problem, SettingsError } from "./settings/problems";
export { type Preset, type Settings, type SettingsInput, settingsSchema } from "./settings/schema";
export { secretPaths } from "./settings/secrets";
export { settingsWarnings } from "./settings/warnings";
