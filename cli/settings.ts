import { ConfigError, readConfig, type Config } from "../platform/config.ts";

/** Ends with exit code 2 and every mistake in one message when the environment is wrong. */
export function configOrExit(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}
