// The certificate library resolves its algorithms through decorators, which need this first.
import "reflect-metadata";
import { createPrivateKey, X509Certificate, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as x509 from "@peculiar/x509";

const dayMs = 24 * 60 * 60 * 1000;
const authorityLifeDays = 3650;
const serverLifeDays = 397;
/** Renewed when less than this is left. */
const renewBeforeDays = 30;
const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const authorityName = "CN=Everlink sandbox certificate authority";

/** What an HTTPS server needs, and the file with which a client trusts it. */
export interface ServerCertificate {
  key: string;
  /** Server certificate and the authority's, in this order. */
  chain: string;
  caFile: string;
}

/**
 * Makes sure that `folder` holds an own certificate authority (`ca.pem`, `ca-key.pem`) and a certificate it
 * signed for `hosts` (`server.pem`, `server-key.pem`). What is there and good for another 30 days is kept, so
 * clients that trusted `ca.pem` once go on trusting.
 */
export async function ensureServerCertificate(folder: string, hosts: string[]): Promise<ServerCertificate> {
  mkdirSync(folder, { recursive: true });
  const caFile = join(folder, "ca.pem");
  const caKeyFile = join(folder, "ca-key.pem");
  const serverFile = join(folder, "server.pem");
  const serverKeyFile = join(folder, "server-key.pem");

  if (!isUsable(caFile, caKeyFile)) await makeAuthority(caFile, caKeyFile);
  const ca = new X509Certificate(readFileSync(caFile));
  const valid =
    isUsable(serverFile, serverKeyFile) &&
    (() => {
      const server = new X509Certificate(readFileSync(serverFile));
      return server.verify(ca.publicKey) && hosts.every((host) => names(server, host));
    })();
  if (!valid) await makeServer(caFile, caKeyFile, serverFile, serverKeyFile, hosts);

  return {
    key: readFileSync(serverKeyFile, "utf8"),
    chain: readFileSync(serverFile, "utf8") + readFileSync(caFile, "utf8"),
    caFile,
  };
}

const isAddress = (host: string): boolean => /^[\d.]+$|:/.test(host);

const names = (certificate: X509Certificate, host: string): boolean =>
  (isAddress(host) ? certificate.checkIP(host) : certificate.checkHost(host)) !== undefined;

function isUsable(certificateFile: string, keyFile: string): boolean {
  if (!existsSync(certificateFile) || !existsSync(keyFile)) return false;
  try {
    const certificate = new X509Certificate(readFileSync(certificateFile));
    const left = certificate.validToDate.getTime() - Date.now();
    return (
      left > renewBeforeDays * dayMs && certificate.checkPrivateKey(createPrivateKey(readFileSync(keyFile)))
    );
  } catch {
    return false;
  }
}

async function makeAuthority(caFile: string, caKeyFile: string): Promise<void> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
    // Two authorities must not share a name: OpenSSL would try the wrong one.
    name: `${authorityName} ${randomBytes(4).toString("hex")}`,
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Date.now() + authorityLifeDays * dayMs),
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  await store(certificate, keys.privateKey, caFile, caKeyFile);
}

async function makeServer(
  caFile: string,
  caKeyFile: string,
  serverFile: string,
  serverKeyFile: string,
  hosts: string[],
): Promise<void> {
  const ca = new x509.X509Certificate(readFileSync(caFile, "utf8"));
  const caKey = await crypto.subtle.importKey(
    "pkcs8",
    createPrivateKey(readFileSync(caKeyFile)).export({ type: "pkcs8", format: "der" }),
    algorithm,
    false,
    ["sign"],
  );
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: `CN=${hosts[0]}`,
    issuer: ca.subject,
    notBefore: new Date(Date.now() - dayMs),
    notAfter: new Date(Math.min(ca.notAfter.getTime(), Date.now() + serverLifeDays * dayMs)),
    publicKey: keys.publicKey,
    signingKey: caKey,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        hosts.map((host) => ({ type: isAddress(host) ? ("ip" as const) : ("dns" as const), value: host })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      // Python ≥ 3.13 verifies strictly and refuses a chain without it.
      await x509.AuthorityKeyIdentifierExtension.create(ca),
    ],
  });
  await store(certificate, keys.privateKey, serverFile, serverKeyFile);
}

const serial = (): string => `00${randomBytes(15).toString("hex")}`;

async function store(
  certificate: x509.X509Certificate,
  key: CryptoKey,
  certificateFile: string,
  keyFile: string,
): Promise<void> {
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", key);
  writeWhole(keyFile, `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`, 0o600);
  writeWhole(certificateFile, `${certificate.toString("pem")}\n`, 0o644);
}

/** A reader never sees half a file, even when the sandbox is killed here. */
function writeWhole(file: string, text: string, mode: number): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, { mode });
  renameSync(draft, file);
}
