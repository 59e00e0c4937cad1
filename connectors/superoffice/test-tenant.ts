import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, exportPKCS8, generateKeyPair, SignJWT, type CryptoKey } from "jose";
import { createSuperOfficeClient, type SuperOfficeClient, type SuperOfficeConnection } from "./client.ts";

type Answer = (request: IncomingMessage, response: ServerResponse, body: string) => void;

/** A tenant for tests that signs in properly and misbehaves everywhere else as told. */
export interface TestTenant {
  origin: string;
  /** What the API answers; tests replace it. */
  api: Answer;
  running: boolean;
  stateAsked: number;
  signIns: { signedToken: string }[];
  /** Claims and signing key of the next tokens. */
  token: {
    claims: Record<string, unknown>;
    issuer: string;
    audience: string;
    forged: boolean;
    expires: string;
  };
  refuseSignIn: boolean;
  connection(options?: Partial<SuperOfficeConnection>): SuperOfficeConnection;
  client(options?: Partial<SuperOfficeConnection>): SuperOfficeClient;
  close(): Promise<void>;
}

const claim = (name: string): string => `http://schemes.superoffice.net/identity/${name}`;

/** Made once: a pair takes a quarter of a second. */
const makePair = () => generateKeyPair("RS256", { extractable: true });
const keys = Promise.all([makePair(), makePair(), makePair()]).then(([signing, stranger, application]) => ({
  signing,
  stranger,
  application,
}));

export async function openTenant(name = "Cust00001"): Promise<TestTenant> {
  const { signing, stranger, application } = await keys;
  const privateKeyPem = await exportPKCS8(application.privateKey);
  const jwk = { ...(await exportJWK(signing.publicKey)), kid: "k1", alg: "RS256", use: "sig" };
  const sign = (key: CryptoKey, ticket: string): Promise<string> =>
    new SignJWT({ [claim("ctx")]: name, [claim("ticket")]: ticket, ...tenant.token.claims })
      .setProtectedHeader({ alg: "RS256", kid: "k1" })
      .setIssuer(tenant.token.issuer)
      .setAudience(tenant.token.audience)
      .setIssuedAt()
      .setExpirationTime(tenant.token.expires)
      .sign(key);

  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString("utf8")));
    request.on("end", () => void route(request, response, body));
  });
  const route = async (request: IncomingMessage, response: ServerResponse, body: string): Promise<void> => {
    const path = request.url ?? "";
    if (path.startsWith("/api/state/")) {
      tenant.stateAsked += 1;
      return json(response, { State: tenant.running ? "Running" : "Suspended", IsRunning: tenant.running });
    }
    if (path === "/login/.well-known/jwks") return json(response, { keys: [jwk] });
    if (path === "/login/api/PartnerSystemUser/Authenticate") {
      const { SignedSystemToken } = JSON.parse(body) as { SignedSystemToken: string };
      tenant.signIns.push({ signedToken: SignedSystemToken });
      const ticket = `7T:${name}-${tenant.signIns.length}`;
      const key = tenant.token.forged ? stranger.privateKey : signing.privateKey;
      return json(
        response,
        tenant.refuseSignIn
          ? { IsSuccessful: false, Token: null, ErrorMessage: "InvalidSignature (7)" }
          : { IsSuccessful: true, Token: await sign(key, ticket), ErrorMessage: null },
      );
    }
    tenant.api(request, response, body);
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const tenant: TestTenant = {
    origin,
    api: (_, response) => json(response, {}),
    running: true,
    stateAsked: 0,
    signIns: [],
    token: { claims: {}, issuer: "SuperOffice AS", audience: "spn:1801550193", forged: false, expires: "5m" },
    refuseSignIn: false,
    connection: (options = {}) => ({
      tenant: name,
      loginUrl: `${origin}/login`,
      baseUrl: `${origin}/${name}`,
      secrets: { applicationToken: `app-${name}`, systemUserToken: `Everlink-${name}`, privateKeyPem },
      ...options,
    }),
    client: (options = {}) => createSuperOfficeClient(tenant.connection(options)),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return tenant;
}

export function json(response: ServerResponse, value: unknown, status = 200, headers = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(value));
}
