import { pino, type Logger } from "pino";

export type { Logger };

/**
 * Structured logs. Names of secret-bearing properties are cut out wherever they occur; content, names and
 * addresses are never handed to a logger in the first place.
 */
export function createLogger(service: string, level: string = "info"): Logger {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: {
      paths: [
        "password",
        "secret",
        "token",
        "accessToken",
        "refreshToken",
        "authorization",
        "code",
        "cookie",
      ].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: "[secret]",
    },
  });
}
