import { z } from "zod";
import { parseConnections, type ConnectionsFile } from "../platform/connections.ts";

/** What the sandbox's `/control/connections` tells (see `sandbox/README.md`). */
const offer = z.object({
  microsoft: z.object({
    authorityHost: z.string(),
    tenantId: z.string(),
    clientId: z.string(),
    clientSecret: z.string(),
    ewsUrl: z.string(),
    graphUrl: z.string(),
  }),
  superoffice: z.object({
    tenant: z.string(),
    loginUrl: z.string(),
    baseUrl: z.string(),
    clientId: z.string(),
    clientSecret: z.string(),
    systemUserToken: z.string(),
    privateKeyPem: z.string(),
  }),
  smtp: z.object({ host: z.string(), port: z.int(), secure: z.boolean() }),
});

/**
 * Asks a running sandbox how to connect to it.
 *
 * @returns the same as a file for `everlink connect --file`, for the sample company
 */
export async function sandboxConnections(origin: string): Promise<ConnectionsFile> {
  const answer = await fetch(`${origin}/control/connections`, { signal: AbortSignal.timeout(30_000) });
  if (!answer.ok) throw new Error(`The sandbox answered ${answer.status} when asked how to connect to it.`);
  const { microsoft, superoffice, smtp } = offer.parse(await answer.json());
  return parseConnections({
    organization: { slug: "nordlys", name: "Nordlys AS" },
    connections: [
      {
        kind: "microsoft",
        configuration: {
          tenantId: microsoft.tenantId,
          clientId: microsoft.clientId,
          authorityHost: `https://${microsoft.authorityHost}`,
          ewsUrl: microsoft.ewsUrl,
          graphUrl: new URL(microsoft.graphUrl).origin,
        },
        secrets: { clientSecret: microsoft.clientSecret },
      },
      {
        kind: "superoffice",
        configuration: {
          tenant: superoffice.tenant,
          loginUrl: superoffice.loginUrl,
          baseUrl: superoffice.baseUrl,
          clientId: superoffice.clientId,
          timeZone: "Europe/Oslo",
        },
        secrets: {
          // SuperOffice's words: the application token is the client secret of the application.
          applicationToken: superoffice.clientSecret,
          systemUserToken: superoffice.systemUserToken,
          privateKeyPem: superoffice.privateKeyPem,
        },
      },
      {
        kind: "mail",
        configuration: { ...smtp, from: "everlink@nordlys.example", fromName: "Everlink" },
      },
    ],
  });
}
