import { z } from "zod";
import { isAddress } from "../core/invitation/address.ts";

/** A Microsoft 365 tenant with Everlink's application in it. */
export const microsoftConnection = z.object({
  tenantId: z.uuid("must be the tenant's id (a UUID)"),
  clientId: z.uuid("must be the application's client id (a UUID)"),
  /** `https://login.microsoftonline.com`; MSAL refuses anything but https. */
  authorityHost: z
    .url({ protocol: /^https$/, error: "must be an https address" })
    .default("https://login.microsoftonline.com"),
  /** By which protocol mailboxes registered from now on are read and written. */
  backend: z.enum(["ews", "graph"]).default("ews"),
  ewsUrl: z
    .url({ protocol: /^https$/, error: "must be an https address" })
    .default("https://outlook.office365.com/EWS/Exchange.asmx"),
  graphUrl: z
    .url({ protocol: /^https$/, error: "must be an https address" })
    .default("https://graph.microsoft.com"),
});
export const microsoftSecrets = z.object({
  clientSecret: z.string().min(1).optional(),
  /** PEM, with `thumbprintSha256` in hexadecimal; preferred to a secret in production. */
  certificateKeyPem: z.string().min(1).optional(),
  certificateThumbprintSha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, "must be 64 hexadecimal digits")
    .optional(),
});

export const superofficeConnection = z.object({
  tenant: z.string().regex(/^Cust\d+$/, "must look like Cust12345"),
  loginUrl: z.url({ protocol: /^https$/, error: "must be an https address" }),
  baseUrl: z.url({ protocol: /^https$/, error: "must be an https address" }),
  clientId: z.string().min(1, "must not be empty"),
  timeZone: z.string().refine(isTimeZone, "must be an IANA time zone such as Europe/Oslo"),
  /** Names the webhook in its address, `/hooks/superoffice/<organization>/<id>`; nobody can guess it. */
  webhookId: z
    .string()
    .regex(/^[\w-]{22,64}$/, "must be 22 to 64 letters, digits, - or _")
    .optional(),
});
export const superofficeSecrets = z.object({
  applicationToken: z.string().min(1, "must not be empty"),
  systemUserToken: z.string().min(1, "must not be empty"),
  privateKeyPem: z.string().startsWith("-----BEGIN", "must be a PEM key"),
  /** With which SuperOffice signs what it sends to the webhook. */
  webhookSecret: z.string().min(16, "must have 16 characters at least").optional(),
});

export const mailConnection = z.object({
  host: z.string().min(1, "must not be empty"),
  port: z.int().min(1).max(65535),
  /** TLS from the first byte; otherwise STARTTLS is used where the server offers it. */
  secure: z.boolean().default(false),
  from: z.string().refine(isAddress, "must be a mail address"),
  fromName: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .regex(/^[^\p{Cc}]*$/u, "must be one line")
    .default("Everlink"),
  user: z.string().min(1).optional(),
});
export const mailSecrets = z.object({ password: z.string().min(1).optional() });

export type MicrosoftConnection = z.infer<typeof microsoftConnection>;
export type MicrosoftSecrets = z.infer<typeof microsoftSecrets>;
export type MailConnection = z.infer<typeof mailConnection>;
export type MailSecrets = z.infer<typeof mailSecrets>;

const connection = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("microsoft"),
    configuration: microsoftConnection.strict(),
    secrets: microsoftSecrets.strict().default({}),
  }),
  z.strictObject({
    kind: z.literal("superoffice"),
    configuration: superofficeConnection.strict(),
    secrets: superofficeSecrets.strict(),
  }),
  z.strictObject({
    kind: z.literal("mail"),
    configuration: mailConnection.strict(),
    secrets: mailSecrets.strict().default({}),
  }),
]);

/** The file of `everlink connect --file`, and what the sandbox's bootstrap saves. */
export const connectionsFile = z.strictObject({
  organization: z.strictObject({
    slug: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "must be lower-case letters, digits and hyphens"),
    name: z.string().trim().min(1).max(200),
  }),
  connections: z.array(connection).min(1, "must name at least one connection"),
});
export type ConnectionsFile = z.infer<typeof connectionsFile>;
export type ConnectionEntry = ConnectionsFile["connections"][number];
export type ConnectionKind = ConnectionEntry["kind"];

/** @throws Error listing every mistake with its place */
export function parseConnections(content: unknown): ConnectionsFile {
  const parsed = connectionsFile.safeParse(content);
  if (parsed.success) return parsed.data;
  const mistakes = parsed.error.issues.map(
    (issue) => `  - ${issue.path.join(".") || "file"}: ${issue.message}`,
  );
  throw new Error(`The connections have mistakes:\n${mistakes.join("\n")}`);
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
