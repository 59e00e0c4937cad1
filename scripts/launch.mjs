// Entry of every npm script, for a checkout with nothing but Node and npm: plain JavaScript, no packages.
// Installs what package-lock.json names when it is not there yet, then runs the task under the project's own Node.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const stamp = `${root}node_modules/.everlink-installed`;
const lock = createHash("sha256")
  .update(readFileSync(`${root}package-lock.json`))
  .digest("hex");

if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
  if (existsSync(`${root}node_modules/.package-lock.json`) && sameAsInstalled()) {
    writeFileSync(stamp, lock);
  } else {
    console.error("Installing packages (a minute or two, only when they changed) …");
    const npm = spawnSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd: root,
      stdio: "inherit",
    });
    if (npm.status !== 0) {
      console.error("npm could not install the packages; see its message above. Nothing was started.");
      process.exit(npm.status ?? 1);
    }
    writeFileSync(stamp, lock);
  }
}

/** npm writes what it installed beside the packages; a developer's `npm install` counts as well. */
function sameAsInstalled() {
  const wanted = JSON.parse(readFileSync(`${root}package-lock.json`, "utf8")).packages;
  const installed = JSON.parse(readFileSync(`${root}node_modules/.package-lock.json`, "utf8")).packages;
  return Object.entries(wanted).every(
    ([path, entry]) => path === "" || entry.optional || installed[path]?.version === entry.version,
  );
}

const [task, ...args] = process.argv.slice(2);
const own = `${root}node_modules/.bin/node`;
const node = existsSync(own) ? own : process.execPath;
const major = Number(spawnSync(node, ["--version"], { encoding: "utf8" }).stdout.slice(1).split(".")[0]);
if (major !== 24) {
  console.error(
    `Everlink runs on Node 24, but found Node ${major}: this platform has no Node package of its own. Install Node 24 and start again.`,
  );
  process.exit(2);
}

const child = spawn(node, ["--import", import.meta.resolve("tsx"), `${root}${task}`, ...args], {
  stdio: "inherit",
  env: { ...process.env, PATH: `${root}node_modules/.bin:${process.env.PATH ?? ""}` },
});
// A terminal sends Ctrl-C to the task as well; every task takes the second signal for the same wish.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
// Whoever started this is gone without a signal (npm's shell was killed): the task should not outlive it.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) child.kill("SIGTERM");
}, 1_000).unref();
child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
